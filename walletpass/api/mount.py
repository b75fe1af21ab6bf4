from typing import Any

from flask import Response, jsonify
from flask_openapi import Info, OpenAPI, SecurityScheme

import walletpass
from walletpass.api import cards, guests, points

ABOUT = """Guests by code, points earned and spent. Amounts are whole minor units (cents), times ISO 8601 in UTC.

Send the header Authorization: Bearer wp_... and, on every write, an Idempotency-Key of your own making: a repeated request with the
same key gets the first answer again, for ever.

A check has one name from order to payment, check_id. First redeem what the guest pays with points, then earn with the same check_id: the
part paid with points is taken off by itself and earns nothing. One earn stands per check. Give the amount of the whole check, or its lines: a
line of kind tip, service, delivery or gift_card never earns and is never paid with points; earns and redeemable are the rules of its category.

A program may give cards in Google Wallet a code that changes every half minute. Scanning it is good once: ask for the guest by it, then earn and
redeem with card.id, and send redeeming.proof along with redeem within five minutes; it serves one redemption. Any other code, number or id of such a card still earns, but its
points are not spent: changing_code_needed.

In a balance, points is what the guest can spend and the card shows; pending is not active yet, held is promised to an open check, debt is what
an undone earn took below zero and the next credits pay.

An error is {"error": {"code", "message", ...}}. Codes: malformed (422, with fields, or maximum or minimum where a number was out of range), missing_key (400), key_reused
(422), sign_in_required (401), not_allowed (403), changing_code_needed (403), reason_needed (422), not_our_code and not_found (404), insufficient_balance (409, with available), already_earned (409, with entry),
already_reversed and conflict (409), code_used and code_expired (409: scan the code that the phone shows now), above_cap (422, with maximum), too_many (429, with a
Retry-After: more than 30 codes of one card in a minute), unavailable (503: try again with the same key)."""

INFO = Info(title="walletpass", version=walletpass.__version__, description=ABOUT)
SECURITY: dict[str, SecurityScheme | dict[str, Any]] = {
    "key": SecurityScheme(type="http", scheme="bearer", description="An API key of the program, wp_<program>_<secret>."),
}


def mount(app: OpenAPI) -> None:
    for blueprint in (guests.bp, cards.bp, points.bp):
        app.register_api(blueprint)
    app.add_url_rule("/api/openapi.json", "openapi_json", lambda: _spec(app))


def spec(app: OpenAPI) -> dict[str, Any]:
    """The description of the API, OpenAPI 3.1."""
    app.openapi_version = "3.1.0"
    described: dict[str, Any] = app.api_doc
    for path in described["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                # Checked by us, not by its schema, so that leaving it out is a 400 of its own.
                parameter["required"] = parameter["required"] or parameter["name"] == "Idempotency-Key"
    return described


def _spec(app: OpenAPI) -> Response:
    return jsonify(spec(app))
