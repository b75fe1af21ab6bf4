"""Who may do what over the API, route by route; and that a door which nobody has described opens to no key.

The routes are read from the API's own description: one that is added has to be written into the table.
"""

import pkgutil
from collections import Counter
from importlib import import_module

import pytest
from pydantic import BaseModel

from tests.api.described import Route, routes
from tests.api.till import error, everything, post
from tests.tills import program_header, signed_in, till_browser
from walletpass import api, database, ledger, staff
from walletpass.api.auth import staff_cookie
from walletpass.staff import SCOPES

PEOPLE = {"Bruno": "cashier", "Clara": "manager", "Dmitro": "owner"}
ALL, MANAGERS, NOBODY = frozenset({"cashier", "manager", "owner"}), frozenset({"manager", "owner"}), frozenset()
# Who at a till, and with which scope of a key; none opens what only people may do.
MATRIX = {
    "POST guests/by-code": (ALL, "read"),
    "GET guests": (ALL, "read"),
    "POST identify": (ALL, "read"),
    "GET cards/{card_id}/delivery": (ALL, "read"),
    "GET cards/{card_id}/entries": (ALL, "read"),
    "GET cards/{card_id}/lots": (ALL, "read"),
    "GET tokens": (ALL, "read"),
    "POST tokens": (ALL, "redeem"),
    "POST tokens/unbind": (ALL, "redeem"),
    "POST second-factor/start": (ALL, "redeem"),
    "POST second-factor/verify": (ALL, "redeem"),
    "POST second-factor/clear": (MANAGERS, None),
    "POST prompts": (ALL, "read"),
    "POST quote": (ALL, "read"),
    "POST earn": (ALL, "earn"),
    "POST redeem": (ALL, "redeem"),
    "POST hold": (ALL, "redeem"),
    "POST capture": (ALL, "redeem"),
    "POST release": (ALL, "redeem"),
    "POST undo": (ALL, "refund"),
    "POST refund": (ALL, "refund"),
    "POST move": (ALL, "refund"),
    "POST activate": (MANAGERS, "earn"),
    "POST adjust": (MANAGERS, "adjust"),
    "POST writeoff": (MANAGERS, "adjust"),
    "POST merge": (MANAGERS, "adjust"),
    "POST unmerge": (MANAGERS, "adjust"),
    "GET checks": (ALL, "checks"),
    "POST checks": (ALL, "checks"),
    "GET checks/{check_id}": (ALL, "checks"),
    "POST checks/{check_id}/attach": (ALL, "checks"),
    "POST checks/{check_id}/bill": (ALL, "checks"),
    "POST checks/{check_id}/close": (ALL, "checks"),
    "POST checks/{check_id}/detach": (ALL, "checks"),
    "POST checks/{check_id}/lines": (ALL, "checks"),
    "POST checks/{check_id}/take-off": (ALL, "checks"),
    "POST checks/{check_id}/refund": (ALL, "refund"),
    "POST checks/{check_id}/void": (ALL, "refund"),
    "GET items": (ALL, "checks"),
    "POST items": (ALL, "checks"),
    "POST items/{sku}/availability": (ALL, "checks"),
    "GET members": (MANAGERS, "members"),
    # By another system; `test_a_cashier_types_in_a_paper_form` has the other channels.
    "POST members": (MANAGERS, "members"),
    "GET members/export": (MANAGERS, "members"),
    "GET members/{member_id}": (MANAGERS, "members"),
    "PATCH members/{member_id}": (MANAGERS, "members"),
    "DELETE members/{member_id}": (MANAGERS, "members"),
    "POST signals/arrival": (ALL, "signals"),
    "POST signals/call": (ALL, "signals"),
    "POST bookings": (ALL, "signals"),
    "GET bookings": (ALL, None),
    "GET bookings/{booking_id}": (ALL, None),
    "POST bookings/{booking_id}/change": (ALL, "signals"),
    "POST bookings/{booking_id}/cancel": (ALL, "signals"),
    "POST bookings/{booking_id}/seat": (ALL, "signals"),
    "GET board": (ALL, None),
    "GET board/stream": (ALL, None),
    "GET board/table": (ALL, None),
    "POST board/call": (ALL, None),
    "POST board/done": (ALL, None),
    "POST board/gone": (ALL, None),
    "POST board/not-here": (ALL, None),
    "POST board/not-seated": (ALL, None),
    "POST board/not-gone": (ALL, None),
    "POST board/manner": (ALL, None),
    "POST board/note": (ALL, None),
    "POST board/note/remove": (ALL, None),
    "POST board/seat": (ALL, None),
    "POST board/table": (ALL, None),
    "POST reviews": (NOBODY, "earn"),
    "GET coats/rooms": (ALL, "coats"),
    "GET coats/room/{room_id}/now": (ALL, "coats"),
    "POST coats/look": (ALL, "coats"),
    "POST coats/propose": (ALL, "coats"),
    "POST coats/code": (ALL, "coats"),
    "POST coats/check-in": (ALL, "coats"),
    "POST coats/hand-back": (ALL, "coats"),
    "POST coats/keep": (ALL, "coats"),
    "POST coats/lose": (ALL, "coats"),
    "POST coats/dispose": (ALL, "coats"),
    "POST coats/pull": (ALL, "coats"),
    "POST coats/hang-again": (ALL, "coats"),
    "POST coats/move": (ALL, "coats"),
    "POST coats/call": (ALL, "coats"),
    # With the PIN of a manager, who need not be the one that is signed in.
    "POST coats/release": (ALL, None),
    "POST coats/conflicts/settle": (ALL, "coats"),
    "POST coats/shifts/open": (ALL, "coats"),
    "POST coats/shifts/close": (ALL, "coats"),
    "GET coats/shifts/{shift_id}": (ALL, "coats"),
    "POST coats/photo": (ALL, "coats"),
    "GET coats/photo/{ticket}/{number}": (ALL, "coats"),
    "GET events": (MANAGERS, "events"),
    "GET webhooks": (MANAGERS, "events"),
    "POST webhooks": (MANAGERS, "events"),
    "GET webhooks/{webhook_id}": (MANAGERS, "events"),
    "DELETE webhooks/{webhook_id}": (MANAGERS, "events"),
    "GET webhooks/{webhook_id}/deliveries": (MANAGERS, "events"),
    "POST webhooks/{webhook_id}/pause": (MANAGERS, "events"),
    "POST webhooks/{webhook_id}/replay": (MANAGERS, "events"),
    "POST webhooks/{webhook_id}/resume": (MANAGERS, "events"),
    "POST webhooks/{webhook_id}/rotate": (MANAGERS, "events"),
    "POST webhooks/{webhook_id}/test": (MANAGERS, "events"),
}
# Opened by the signature of another system, and by nothing else.
SIGNED = ("POST webhooks/checks", "POST webhooks/signals")
DOORS = ("not_allowed", "sign_in_required", "wrong_signature")


@pytest.fixture
def described(app, luna) -> list[Route]:
    return routes(app)


def key_for(house, *scopes):
    """The headers of a key with these scopes; none at all is more than anybody can make."""
    with database.transaction() as session:
        made = staff.make_api_key(session, house.id, "A key", scopes=scopes or ("read",))
        if not scopes:
            found = staff.api_keys(session, house.id)
            (row,) = [one for one in found if one.label == "A key"]
            row.scopes = []
            session.add(row)
    return {"Authorization": f"Bearer {made}"}


def is_shut(answer):
    return answer.status_code in (401, 403) and answer.get_json(silent=True).get("code") in DOORS


def test_every_route_stands_in_the_table(described):
    assert {route.name for route in described} == {*MATRIX, *SIGNED}


def test_the_description_says_of_each_route_whether_a_key_or_a_person_at_a_till_opens_it(client, luna):
    described = client.get("/api/openapi.json").get_json()
    key, till = ("key",), ("program", "staff", "till")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path.removeprefix('/api/v1/')}"
            ways = {tuple(sorted(way)) for way in operation["security"]}
            people, scope = MATRIX.get(name, (NOBODY, None))
            opens_by_key = scope is not None and name != "GET guests"
            assert ways == ({key} if opens_by_key else set()) | ({till} if people else set()) or (
                name in SIGNED and ways == {("signature",)}
            )
    schemes = described["components"]["securitySchemes"]
    assert (schemes["till"]["name"], schemes["staff"]["name"]) == ("till_<program>", "staff_<program>")
    assert schemes["program"] == {**schemes["program"], "in": "header", "name": "X-Walletpass-Program"}


def test_no_two_shapes_of_the_description_have_one_name():
    """The later one would describe both."""
    rooms = [import_module(f"walletpass.api.{room.name}") for room in pkgutil.iter_modules(api.__path__)]
    found = {value for room in rooms for value in vars(room).values() if isinstance(value, type) and issubclass(value, BaseModel)}
    assert [name for name, times in Counter(one.__name__ for one in found).items() if times > 1] == []


def test_nobody_opens_nothing(client, described):
    for route in described:
        answer = route.send(client, {}, {})
        assert answer.status_code == 401, route.name
        assert error(answer)["code"] == ("wrong_signature" if route.name in SIGNED else "sign_in_required")


def test_a_key_without_a_scope_opens_nothing_and_changes_nothing(client, luna, described):
    headers = key_for(luna)
    before = everything()
    for route in described:
        answer = route.send(client, headers, ours(luna))
        assert is_shut(answer), (route.name, answer.get_json())
        if route.name not in SIGNED:
            assert error(answer).get("scope") == MATRIX[route.name][1]
    assert everything() == before


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_what_its_scope_says_and_no_more(client, luna, described, scope):
    headers = key_for(luna, scope)
    for route in described:
        wanted = MATRIX.get(route.name, (NOBODY, None))[1]
        if route.name == "GET guests":
            continue
        answer = route.send(client, headers, ours(luna), key=route.name)
        assert is_shut(answer) == (wanted != scope), (route.name, answer.get_json(silent=True))
        if is_shut(answer) and route.name not in SIGNED:
            assert error(answer).get("scope") == wanted


def test_guests_are_searched_for_by_people_alone(client, luna):
    answer = client.get("/api/v1/guests?search=Ana", headers=key_for(luna, *SCOPES))
    assert (answer.status_code, error(answer)["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("name", PEOPLE)
def test_people_at_a_till_do_what_their_role_says_and_no_more(app, luna, described, name):
    browser = signed_in(app, luna, name)
    for route in described:
        people = MATRIX.get(route.name, (NOBODY, None))[0]
        answer = route.send(browser, program_header(), ours(luna), key=route.name)
        assert is_shut(answer) == (PEOPLE[name] not in people), (route.name, answer.get_json(silent=True))


def test_who_works_at_the_coats_opens_the_coats_and_nothing_else(app, luna, described):
    browser, till = till_browser(app)
    with database.transaction() as session:
        nadia = staff.hire(session, luna.id, name="Nadia", role="coats", pin="8642")
    browser.set_cookie(staff_cookie(luna.id), staff.sign_in(till, nadia.id, "8642"))
    for route in described:
        answer = route.send(browser, program_header(), ours(luna), key=route.name)
        assert is_shut(answer) == (not route.path.startswith("/api/v1/coats/")), (route.name, answer.get_json(silent=True))


def test_a_hostess_sees_guests_and_the_board_and_nothing_of_points(app, luna, described):
    with database.transaction() as session:
        elena = staff.hire(session, luna.id, name="Elena", role="hostess", pin="4680")
    browser, till = till_browser(app)
    browser.set_cookie(staff_cookie(luna.id), staff.sign_in(till, elena.id, "4680"))
    opened = set()
    for route in described:
        if not is_shut(route.send(browser, program_header(), ours(luna), key=route.name)):
            opened.add(route.name)
    looks = {name for name, (people, scope) in MATRIX.items() if scope == "read" and people == ALL}
    assert opened == looks | {name for name in MATRIX if name.split()[1].split("/")[0] in ("signals", "bookings", "board")}


@pytest.mark.parametrize("name", PEOPLE)
def test_whoever_is_at_a_till_types_in_a_paper_form(app, luna, name):
    browser = signed_in(app, luna, name)
    told = post(browser, "members", {"phone": "+491511234567", "name": "Bea", "channel": "paper"}, program_header())
    assert told.status_code == 201
    known = post(browser, "members", {"phone": "+491511234567", "name": "Bea", "channel": "paper"}, program_header()).get_json()
    assert (known["card"] is None) == (PEOPLE[name] == "cashier"), "a cashier learns that the number is known, and no more"


def test_a_revoked_an_expired_and_a_made_up_key_open_nothing(client, luna, described):
    headers = key_for(luna, *SCOPES)
    with database.transaction() as session:
        (row,) = [one for one in staff.api_keys(session, luna.id) if one.label == "A key"]
        staff.revoke_api_key(session, luna.id, row.id)
        expired = staff.make_api_key(session, luna.id, "Expired", expires_at=database.now())
    for gone in (headers, {"Authorization": f"Bearer {expired}"}, {"Authorization": f"Bearer wp_luna_{'x' * 43}"}):
        for route in described:
            assert route.send(client, gone, ours(luna)).status_code == 401, route.name


def test_what_a_venue_s_key_books_is_booked_there(client, luna):
    with database.transaction() as session:
        key = staff.make_api_key(session, luna.id, "Till of the park", venue_id=luna.venue.id)
    told = post(client, "earn", {"card": luna.ana.number, "amount": 1_000}, {"Authorization": f"Bearer {key}"}).get_json()
    with database.reading() as session:
        assert ledger.entry(session, luna.id, told["entry"]["id"]).venue_id == luna.venue.id


def ours(house):
    return {"card": house.ana.number, "code": house.ana.number, "to": house.ana.number, "into": house.ana.number, "card_id": house.ana.id}
