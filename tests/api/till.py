"""The API as a till and as an integration talk to it."""

import itertools
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from sqlmodel import SQLModel, select
from werkzeug.test import TestResponse

from walletpass import database

_keys = itertools.count(1)


def post(client: FlaskClient, path: str, body: Any, headers: Mapping[str, str], *, key: str | None = "") -> TestResponse:
    """A write with a key of its own; with ``key`` given, with that one; with None, without."""
    with_key = {} if key is None else {"Idempotency-Key": key or f"key-{next(_keys)}"}
    return client.post(f"/api/v1/{path}", json=body, headers={**headers, **with_key})


def error(response: TestResponse) -> dict[str, Any]:
    """What the refusal says; every refusal carries a code and a sentence."""
    found: dict[str, Any] = response.get_json()["error"]
    assert found["code"].islower()
    assert found["message"].endswith((".", "?")) or " " in found["message"]
    return found


def everything() -> dict[str, list[Any]]:
    """Every row of every table: what a refused request must leave as it was."""
    with database.reading() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in SQLModel.metadata.sorted_tables}
