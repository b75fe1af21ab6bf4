"""What no till would send: refused with a sentence, and nothing is written."""

import json
import re
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.api.till import error, everything, post
from tests.cast import make_app
from walletpass import api, database, ledger, staff
from walletpass.api.problems import PROBLEMS
from walletpass.errors import ConfigurationError, DeliveryError, WalletpassError
from walletpass.google.ecv2 import Forged

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
    ("earn", "gift_card", NUMBERS), ("earn", "lines.0.quantity", NUMBERS), ("earn", "lines.0.tax", NUMBERS),
    ("earn", "lines.0.category", TEXTS), ("earn", "lines.0.sku", TEXTS), ("earn", "lines.0.name", TEXTS), ("earn", "at", TEXTS),
    ("hold", "amount", NUMBERS), ("hold", "points", NUMBERS), ("hold", "card", TEXTS), ("hold", "check_id", TEXTS), ("hold", "proof", TEXTS),
    ("capture", "amount", NUMBERS), ("capture", "points", NUMBERS), ("capture", "hold", TEXTS), ("release", "hold", TEXTS),
    ("refund", "amount", NUMBERS), ("refund", "lines_left.0.amount", NUMBERS), ("refund", "check_id", TEXTS), ("refund", "reason", TEXTS),
    ("move", "entry", TEXTS), ("move", "to", TEXTS), ("move", "reason", TEXTS), ("merge", "card", TEXTS), ("merge", "into", TEXTS),
    ("unmerge", "merge", TEXTS), ("writeoff", "points", NUMBERS), ("writeoff", "card", TEXTS), ("activate", "entry", TEXTS),
    ("quote", "amount", NUMBERS), ("quote", "card", TEXTS), ("quote", "check_id", TEXTS),
    ("earn", "card", TEXTS), ("earn", "check_id", TEXTS), ("earn", "lines.0.kind", TEXTS), ("redeem", "card", TEXTS),
    ("undo", "entry", TEXTS), ("undo", "reason", TEXTS), ("guests/by-code", "code", TEXTS),
]  # fmt: skip
WRITES = (
    "earn", "redeem", "undo", "adjust", "quote", "hold", "capture", "release", "refund", "move", "merge", "unmerge", "writeoff", "activate",
    "guests/by-code",
)  # fmt: skip
# What these mean is fine: an unset check id, a discount of zero, a reason that is only odd.
FINE = {
    ("check_id", "null"), ("discount", "zero"), ("lines.0.discount", "zero"), ("reason", "a quote"), ("gift_card", "zero"), ("lines.0.tax", "zero"),
    ("at", "null"), ("proof", "a quote"), ("proof", "nothing"), ("proof", "a zero byte"), ("proof", "zero bytes in an id's length"),
    *((f"lines.0.{name}", said) for name in ("category", "sku", "name") for said in ("a quote", "nothing", "a zero byte", "zero bytes in an id's length")),
}  # fmt: skip
# A part of the whole that is all of it when nobody says how much.
OPTIONAL = {("capture", "points"), ("writeoff", "points")}


def good_body(house, route, field):
    lines = field.startswith(("lines", "discount"))
    paid = {"lines": [{"amount": 100}]} if lines else {"amount": 100}
    whose, why = {"card": house.ana.number}, {"reason": "the soup was cold"}
    entry = f"{house.ana.id}-1"
    return {
        "earn": whose | paid,
        "redeem": whose | paid | {"points": 1},
        "quote": whose | paid,
        "hold": whose | paid | {"points": 1},
        "capture": {"hold": "0" * 26} | paid,
        "release": {"hold": "0" * 26},
        "refund": {"check_id": "A1"} | why | ({"lines_left": [{"amount": 100}]} if lines else {"amount": 100}),
        "adjust": whose | why | {"points": 1},
        "writeoff": whose | why,
        "undo": {"entry": entry} | why,
        "move": {"entry": entry, "to": house.ana.number} | why,
        "merge": {"card": house.ana.number, "into": house.ana.number} | why,
        "unmerge": {"merge": "0" * 26} | why,
        "activate": {"entry": entry},
        "guests/by-code": {"code": house.ana.number},
    }[route]


def with_raw(body, field, raw):
    """The body's JSON with one field's text as given: Python would not write all of these."""
    body = json.loads(json.dumps(body))
    *path, last = field.split(".")
    place = body
    for step in path:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = "@here@"
    return json.dumps(body).replace('"@here@"', raw)


def send(client, route, data, bearer, content_type="application/json"):
    return client.post(f"/api/v1/{route}", data=data, content_type=content_type, headers={**bearer, "Idempotency-Key": "nonsense"})


def refused(answer):
    assert 400 <= answer.status_code < 500, answer.data[:300]
    assert answer.content_type == "application/problem+json"
    assert len(answer.data) < 5_000
    return error(answer)


@pytest.mark.parametrize(("route", "field", "values"), FIELDS, ids=[f"{route}-{field}" for route, field, _ in FIELDS])
def test_a_field_of_the_wrong_kind_is_refused_and_nothing_is_written(client, bearer, luna, route, field, values):
    post(client, "earn", {"card": luna.ana.number, "amount": 10_000}, bearer)
    before = everything()
    for name, raw in values.items():
        if (field, name) not in FINE and not (name == "null" and (route, field) in OPTIONAL):
            refused(send(client, route, with_raw(good_body(luna, route, field), field, raw), bearer))
    assert everything() == before


@pytest.mark.parametrize("route", WRITES)
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
    for route in WRITES:
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


def test_the_description_is_openapi_3_1_and_names_every_route(app, client, luna):
    answer = client.get("/api/openapi.json")
    described = answer.get_json()
    assert answer.status_code == 200
    assert described["openapi"].startswith("3.1")
    served = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert set(described["paths"]) == served
    assert len(served) >= 18
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["security"]
            assert {scheme for way in operation["security"] for scheme in way} <= set(described["components"]["securitySchemes"])
            assert {"400", "401", "403", "404", "409", "422"} <= set(operation["responses"])
            assert any(status.startswith("2") for status in operation["responses"])


def codes(kind=WalletpassError):
    """Of everything that can go wrong here; what goes wrong with a vendor, and at the start, is nobody's answer."""
    for one in kind.__subclasses__():
        if not issubclass(one, DeliveryError | ConfigurationError | Forged):
            yield one.code
            yield from codes(one)


def test_the_link_of_every_error_leads_to_its_meaning(client, luna):
    # A person's own PIN is asked for by the sign-in page, which is none of the API's.
    spoken = set(codes()) - {"wrong_pin", "pin_locked"}
    page, about = client.get("/api/docs").text, client.get("/api/openapi.json").get_json()["info"]["description"]
    listed = re.findall(r'<div id="([a-z_]+)">\s*<dt><code>\1</code>', page)
    assert set(listed) == {*spoken, "error"}
    assert len(listed) == len(set(listed)) == len(PROBLEMS)
    for code in listed:
        assert f"{code} (" in about
    for answer in (client.put("/api/v1/earn"), client.post("/api/v1/earn", data=b"x" * 300_000), client.get("/api/v1/nothing")):
        assert error(answer)["type"].removeprefix("/api/docs#") in listed


def test_no_two_shapes_have_one_name():
    """The description knows them by it: of two the later one would stand for both."""
    shapes = [
        kind
        for found in iter_modules(api.__path__)
        for kind in vars(import_module(f"walletpass.api.{found.name}")).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == f"walletpass.api.{found.name}"
    ]
    assert [name for name, times in Counter(kind.__name__ for kind in shapes).items() if times > 1] == []


def test_no_shape_that_is_answered_has_a_column_too_many(client, luna):
    shapes = client.get("/api/openapi.json").get_json()["components"]["schemas"]
    answered = {
        kind: set(shape.get("properties", {}))
        for kind, shape in shapes.items()
        if not kind.endswith("In") and kind not in ("MadeBooking", "ChangedBooking")
    }
    # Who asks for members has the scope for it, and is told the number and the card's address; a hostess answers the phone.
    known = ("Member", "BookingOut", "CallOut")
    fields = {name for kind, names in answered.items() for name in names - ({"phone", "link"} if kind.startswith(known) else set())}
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


MODES = pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])


def call_all(app, house, mode, examples):
    """Every operation, each with so many examples; how many calls that were."""
    with database.transaction() as session:
        bearer = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'All', scopes=staff.SCOPES)}"}
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    calm = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 18
    calls = 0
    for operation in operations:

        @calm
        @given(case=operation.as_strategy(generation_mode=mode))
        def described(case):
            nonlocal calls
            calls += 1
            case.call_and_validate(headers={**bearer}, checks=checks)

        described()
    return calls


@pytest.mark.filterwarnings("default")
@MODES
def test_whatever_is_sent_the_answers_are_as_described(app, luna, mode):
    call_all(app, luna, mode, 25)
    with database.reading() as session:
        assert list(ledger.verify(session, luna.id)) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@MODES
def test_whatever_is_sent_ten_thousand_times_the_answers_are_as_described(app, luna, mode):
    assert call_all(app, luna, mode, 240) >= 5_000
    with database.reading() as session:
        assert list(ledger.verify(session, luna.id)) == []
