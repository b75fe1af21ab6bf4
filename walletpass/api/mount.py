from typing import Any

from flask import Response, jsonify
from flask_openapi import Info, OpenAPI, SecurityScheme

import walletpass
from walletpass.api import (
    board,
    board_stream,
    bookings,
    cards,
    check_events,
    checks,
    coats,
    coats_deeds,
    coats_photos,
    corrections,
    events,
    guests,
    holds,
    identify,
    items,
    members,
    points,
    prompts,
    quotes,
    refunds,
    reviews,
    second_factor,
    signal_events,
    signals,
    statements,
    tokens,
    webhooks,
)  # fmt: skip
from walletpass.api.answers import PROBLEM
from walletpass.api.auth import PROGRAM_HEADER, staff_cookie, till_cookie
from walletpass.api.problems import PROBLEMS

ABOUT = """Guests by code, points earned and spent. Amounts are whole minor units (cents), times ISO 8601 in UTC.

Send the header Authorization: Bearer wp_... and, on every write, an Idempotency-Key of your own making, of at most 200 printable ASCII characters: a
repeated request with the same key gets the first answer again, for ever, with the header Idempotent-Replay. A refused request leaves its key free. A key
of ours is made by a manager, for one venue or all and for some scopes: read, earn, redeem, refund, adjust, checks, members, events, coats, signals; what
it has no scope for is answered 403 with the scope.

A check has one name from order to payment, check_id. First take what the guest pays with points - hold and then capture, or redeem at once -, then earn
with the same check_id: the part paid with points is taken off by itself and earns nothing. One earn stands per check. Give the amount of the whole check,
or its lines: a line of kind tip, service, delivery or gift_card never earns and is never paid with points; earns and redeemable are what you say of it,
and the program's rules on its category are asked besides. gift_card is the part of the check that gift cards pay.

A till that was offline sends at, the time with its zone at which it happened, under the key that it made then. Within a day (or as the program says) it is
booked with that time; what is older is answered 202 with late, an id: a manager finds it listed, and books or refuses it. A time more than five minutes
ahead of ours counts as now. The same upload sent twice is booked or listed once.

A check may also be known from its first line on: open it, add lines, attach its guest at any moment, and close it; closing earns. Refund lines, an
amount or all of it, and points follow. Another system may send the same as signed events to /api/v1/webhooks/checks: the event's id counts once,
its time is at most five minutes away from ours, and what is refused with 4xx (429 aside) will not do better when it is sent again unchanged.

A program may give cards in Google Wallet a code that changes every half minute. Scanning it is good once: ask for the guest by it, then earn and
redeem with card.id, and send redeeming.proof along with redeem or hold within five minutes; it serves one of them. Any other code, number or id of such a card
still earns, but its points are not spent: changing_code_needed.

In a balance, points is what the guest can spend and the card shows; pending is not active yet, held is promised to an open check, debt is what
an undone earn took below zero and the next credits pay. Deeds on several cards answer with balances: every card that was touched, once.

A guest is known by whatever identify is given: a code, a number, a phone number, a stripe, a bound token, an app's signed token. What was shown pays up to
redeeming.above points in a day; a phone number or an id alone pays nothing. More, and the guest proves that it is them: second-factor/start,
second-factor/verify, and the proof goes along with redeem or hold: second_factor_needed (with factors and above).

Coats hang on hooks of a cloakroom: look shows what the guest behind a code has here, check-in and hand-back take in and give back, each once. A
device makes ticket ids of its own, and numbers its things: what it did offline it sends with at and room, in any order, under the keys that it made then. Such
a deed is never refused; what cannot be as it said is answered 202, listed in conflicts, and settled by a person. Staff see a first name and hooks.

Whatever sees a guest come - a reader, a Wi-Fi login, a beacon's gateway - sends signals/arrival, and all signals of a visit are one arrival on the
hostess's board; telephones send signals/call, booking systems bookings. A signal with an id of the sender's counts once. The same may be sent as signed
events to /api/v1/webhooks/signals. What a sender is answered says nothing of guests; people at a till read the board, and follow it as server-sent events.
What they said by mistake they take back for a quarter of an hour: board/not-here, not-seated, not-gone; not_taken_back says why not (seen, seated, gone,
moved, paid, again, late).

What happened can be followed: GET /api/v1/events gives it in order and without a gap, and next is where to read on; a webhook is sent the same. A
receiver answers 2xx within five seconds, is told the next event when it has taken the one before, may hear one twice (Walletpass-Event-Id is the same), and
checks Walletpass-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>" with the secret>; one v1 that fits is enough.

An error is a problem document (RFC 9457, application/problem+json): detail is a sentence for people, code is for programs, and type leads to what the
code means. Codes: """

INFO = Info(title="walletpass", version=walletpass.__version__, description=f"{ABOUT}{'; '.join(problem.brief for problem in PROBLEMS)}.")
SECURITY: dict[str, SecurityScheme | dict[str, Any]] = {
    "key": SecurityScheme(type="http", scheme="bearer", description="An API key of the program, wp_<program>_<secret>."),
    # What a browser has that is a till, and at which somebody is signed in; all three belong together.
    "till": {
        "type": "apiKey",
        "in": "cookie",
        "name": till_cookie("<program>"),
        "description": "This browser is a till: a manager's link has made it one.",
    },
    "staff": {
        "type": "apiKey",
        "in": "cookie",
        "name": staff_cookie("<program>"),
        "description": "Somebody is signed in at it, by /t/<program>/sign-in.",
    },
    "program": {
        "type": "apiKey",
        "in": "header",
        "name": PROGRAM_HEADER,
        "description": "The id of the restaurant; no form and no foreign page can set it.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Walletpass-Signature",
        "description": 't=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">, keyed with the secret of the source that Walletpass-Source names.',
    },
}


def mount(app: OpenAPI) -> None:
    for blueprint in (
        guests.bp, cards.bp, identify.bp, second_factor.bp, tokens.bp, quotes.bp, checks.bp, items.bp, points.bp, holds.bp, refunds.bp,
        corrections.bp, statements.bp, members.bp, reviews.bp, events.bp, webhooks.bp, check_events.bp, prompts.bp,
        coats.bp, coats_deeds.bp, coats_photos.bp,
        signals.bp, bookings.bp, board.bp, board_stream.bp, signal_events.bp,
    ):  # fmt: skip
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
            for status, response in operation.get("responses", {}).items():
                if status >= "400" and "application/json" in response.get("content", {}):
                    response["content"][PROBLEM] = response["content"].pop("application/json")
    return described


def _spec(app: OpenAPI) -> Response:
    return jsonify(spec(app))
