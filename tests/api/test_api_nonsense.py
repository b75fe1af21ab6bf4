"""What no till would send: refused with a sentence, and nothing is written."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.api.till import error, everything, post
from tests.cast import make_app
from walletpass import database, ledger

NUMBERS = {
    "negative": "-5",
    "zero": "0",
    "a fraction": "1.5",
    "a whole fraction": "1.0",
    "an exponent": "1e3",
    "beyond a float": "1e309",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "text": '"1"',
    "beyond 64 bits": str(2**63),
    "beyond all": "9" * 4_000,
    "true": "true",
    "null": "null",
    "a list": "[1]",
    "an object": '{"a": 1}',
}
TEXTS = {
    "a number": "1",
    "null": "null",
    "true": "true",
    "a list": '["1"]',
    "nothing": '""',
    "10 KB": json.dumps("x" * 10_240),
    "a zero byte": '"\\u0000\\u0000\\u0000"',
    "zero bytes in an id's length": json.dumps("\0" * 26),
    "half a character": '"\\ud800\\ud800\\ud800"',
    "half a character in an id's length": '"' + "\\ud800" * 26 + '"',
    "a quote": json.dumps("' OR 1=1 --"),
}
BODIES = {
    "nothing": b"",
    "no JSON": b"card=1&amount=100",
    "half of it": b'{"card": ',
    "not UTF-8": b'{"card": "\xff\xfe"}',
    "null": b"null",
    "a list": b"[]",
    "a number": b"17",
    "text": b'"hello"',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "a deep field": b'{"card": ' + b"[" * 5_000 + b"]" * 5_000 + b', "amount": 100}',
}
FIELDS = [
    ("earn", "amount", NUMBERS), ("earn", "lines.0.amount", NUMBERS), ("earn", "lines.0.discount", NUMBERS), ("earn", "discount", NUMBERS),
    ("redeem", "amount", NUMBERS), ("redeem", "points", NUMBERS), ("adjust", "points", NUMBERS),
    ("earn", "card", TEXTS), ("earn", "check_id", TEXTS), ("earn", "lines.0.kind", TEXTS), ("redeem", "card", TEXTS),
    ("undo", "entry", TEXTS), ("undo", "reason", TEXTS), ("guests/by-code", "code", TEXTS),
]  # fmt: skip
# What these mean is fine: an unset check id, a discount of zero, a reason that is only odd.
FINE = {("check_id", "null"), ("discount", "zero"), ("lines.0.discount", "zero"), ("reason", "a quote")}


def good_body(house, route, field):
    lines = field.startswith(("lines", "discount"))
    bill = {"card": house.ana.number, **({"lines": [{"amount": 100}]} if lines else {"amount": 100})}
    return {
        "earn": bill,
        "redeem": {**bill, "points": 1},
        "adjust": {"card": house.ana.number, "points": 1, "reason": "the soup was cold"},
        "undo": {"entry": f"{house.ana.id}-1", "reason": "wrong table"},
        "guests/by-code": {"code": house.ana.number},
    }[route]


def with_raw(body, field, raw):
    """The body's JSON with one field's text as given: Python would not write all of these."""
    body = json.loads(json.dumps(body))
    *path, last = field.split(".")
    place = body
    for step in path:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = "@here@"
    return json.dumps(body).replace('"@here@"', raw)


def send(client, route, data, bearer, content_type="application/json"):
    return client.post(f"/api/v1/{route}", data=data, content_type=content_type, headers={**bearer, "Idempotency-Key": "nonsense"})


def refused(answer):
    assert 400 <= answer.status_code < 500, answer.data[:300]
    assert answer.content_type == "application/json"
    assert len(answer.data) < 5_000
    return error(answer)


@pytest.mark.parametrize(("route", "field", "values"), FIELDS, ids=[f"{route}-{field}" for route, field, _ in FIELDS])
def test_a_field_of_the_wrong_kind_is_refused_and_nothing_is_written(client, bearer, luna, route, field, values):
    post(client, "earn", {"card": luna.ana.number, "amount": 10_000}, bearer)
    before = everything()
    for name, raw in values.items():
        if (field, name) not in FINE:
            refused(send(client, route, with_raw(good_body(luna, route, field), field, raw), bearer))
    assert everything() == before


@pytest.mark.parametrize("route", ["earn", "redeem", "undo", "adjust", "guests/by-code"])
def test_a_body_that_is_none_is_refused_and_nothing_is_written(client, bearer, luna, route):
    before = everything()
    for data in BODIES.values():
        refused(send(client, route, data, bearer))
    assert everything() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html", ""])
def test_only_json_is_read(client, bearer, luna, kind):
    before = everything()
    refused(send(client, "earn", json.dumps({"card": luna.ana.number, "amount": 100}), bearer, kind))
    assert everything() == before


@pytest.mark.parametrize(
    "extra", ["balance", "program_id", "role", "delta", "staff_id", "key", "event_at", "contra", "__class__", "available"]
)
def test_fields_that_are_not_in_the_list_are_refused(client, bearer, luna, extra):
    before = everything()
    for route in ("earn", "redeem", "undo", "guests/by-code"):
        answer = post(client, route, {**good_body(luna, route, ""), extra: 1}, bearer)
        assert (answer.status_code, error(answer)["fields"][0]["field"]) == (422, extra)
    line = post(client, "earn", {"card": luna.ana.number, "lines": [{"amount": 100, extra: 1}]}, bearer)
    assert line.status_code == 422
    assert everything() == before


def test_an_amount_and_lines_together_or_neither_are_refused(client, bearer, luna):
    card = {"card": luna.ana.number}
    for more in (
        {},
        {"amount": 100, "lines": [{"amount": 100}]},
        {"amount": 100, "discount": 5},
        {"lines": []},
        {"lines": [{"amount": 0}]},
    ):
        refused(post(client, "earn", {**card, **more}, bearer))
    refused(post(client, "earn", {**card, "lines": [{"amount": 1}] * 501}, bearer))
    refused(post(client, "earn", {**card, "lines": [{"amount": 100}, {"amount": 900, "kind": "tip"}], "discount": 101}, bearer))


def test_the_refusal_does_not_repeat_what_was_sent(client, bearer, luna):
    answer = post(client, "earn", {"card": luna.ana.number, "amount": "a secret value"}, bearer)
    assert b"a secret value" not in answer.data


def test_other_methods_and_addresses_are_answered_in_json(client, bearer, luna):
    assert refused(client.get("/api/v1/earn", headers=bearer))["code"]
    assert client.get("/api/v1/earn", headers=bearer).headers["Allow"]
    assert refused(client.get("/api/v1/nothing", headers=bearer))["code"] == "not_found"
    assert refused(client.post("/api/v1/guests/by-code", headers={**bearer, "Host": "evil.example"}, json={}))["code"]


@pytest.mark.parametrize("route", ["earn", "undo", "guests/by-code"])
def test_text_that_the_database_cannot_hold_is_refused_on_both(house, route):
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    field = {"earn": "card", "undo": "entry", "guests/by-code": "code"}[route]
    before = everything()
    for raw in TEXTS.values():
        refused(send(client, route, with_raw(good_body(house, route, field), field, raw), bearer))
    assert everything() == before


# --- what the description promises --------------------------------------------------------------


def test_the_description_is_openapi_3_1_and_names_every_route(client, luna):
    answer = client.get("/api/openapi.json")
    described = answer.get_json()
    assert answer.status_code == 200
    assert described["openapi"].startswith("3.1")
    assert sorted(described["paths"]) == [
        f"/api/v1/{route}" for route in ("adjust", "cards/{card_id}/delivery", "earn", "guests/by-code", "redeem", "undo")
    ]
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"key": []}]
            assert {"200", "400", "401", "403", "404", "409", "422"} <= set(operation["responses"])


def test_no_shape_that_is_answered_has_a_column_too_many(client, luna):
    shapes = client.get("/api/openapi.json").get_json()["components"]["schemas"]
    fields = {name for shape in shapes.values() for name in shape.get("properties", {})}
    assert not fields & {
        "phone",
        "hash",
        "previous",
        "pin_hash",
        "token",
        "token_hash",
        "key_hash",
        "link",
        "serial_number",
        "staff_id",
        "shown",
    }


@pytest.mark.filterwarnings("default")
def test_whatever_is_sent_the_answers_are_as_described(app, bearer, luna):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    calm = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 6
    for operation in operations:

        @calm
        @given(case=operation.as_strategy())
        def described(case):
            case.call_and_validate(headers={**bearer}, checks=checks)

        described()
    with database.reading() as session:
        assert list(ledger.verify(session, luna.id)) == []
