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
    found: dict[str, Any] = response.get_json()
    assert response.mimetype == "application/problem+json"
    assert found["status"] == response.status_code
    assert found["code"].islower()
    assert found["detail"].endswith((".", "?")) or " " in found["detail"]
    return found


def everything() -> dict[str, list[Any]]:
    """Every row of every table: what a refused request must leave as it was. That a key was used is noted whatever becomes of it."""
    with database.reading() as session:
        tables = {
            table.name: select(*(column for column in table.c if column.name != "last_used_at"))
            for table in SQLModel.metadata.sorted_tables
        }
        return {name: sorted(map(repr, session.execute(rows))) for name, rows in tables.items()}
