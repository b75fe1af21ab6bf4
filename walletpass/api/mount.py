from typing import Any

from flask import Response, jsonify
from flask_openapi import Info, OpenAPI, SecurityScheme

import walletpass
from walletpass.api import guests, points

ABOUT = """Guests by code, points earned and spent. Amounts are whole minor units, times ISO 8601 in UTC.

Send `Authorization: Bearer wp_...` and, on every write, an `Idempotency-Key`: a repeated request with the same key gets the
first answer again, for ever. Errors look like `{"error": {"code": "insufficient_balance", "message": "..."}}`."""

INFO = Info(title="walletpass", version=walletpass.__version__, description=ABOUT)
SECURITY: dict[str, SecurityScheme | dict[str, Any]] = {
    "key": SecurityScheme(type="http", scheme="bearer", description="An API key of the program, wp_<program>_<secret>."),
}


def mount(app: OpenAPI) -> None:
    for blueprint in (guests.bp, points.bp):
        app.register_api(blueprint)
    app.add_url_rule("/api/openapi.json", "openapi_json", lambda: _spec(app))


def spec(app: OpenAPI) -> dict[str, Any]:
    """The description of the API, OpenAPI 3.1."""
    app.openapi_version = "3.1.0"
    described: dict[str, Any] = app.api_doc
    return described


def _spec(app: OpenAPI) -> Response:
    return jsonify(spec(app))
