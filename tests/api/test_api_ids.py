"""The ids of another restaurant are unknown here: each of them, in every place of every route where an id can stand.

The routes and their fields are read from the API's own description: a new field has to be said to be an id, or none.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.api.described import Route, routes
from tests.api.till import everything, post
from tests.cast import House, issue_card, make_app, open_house
from tests.coatcheck.counter import Counter
from tests.tills import program_header, signed_in
from walletpass import checks, database, events, hostess, identification, ledger, signatures, staff
from walletpass.app import App
from walletpass.staff import SCOPES

SIGNED, SIGNALS = "POST webhooks/checks", "POST webhooks/signals"
# Which are for people; of the others those of the board.
AT_A_TILL = ("POST second-factor/clear", "POST coats/release", "GET bookings", "GET bookings/{booking_id}")
BY_PEOPLE = (("POST bookings", "call"),)
# What a field names that belongs to one restaurant.
KINDS = {
    "card": "number", "code": "number", "text": "number", "card_id": "card", "to": "other", "into": "other", "entry": "entry", "hold": "hold",
    "merge": "merge", "check_id": "check", "venue_id": "venue", "sku": "sku", "member_id": "member", "webhook_id": "webhook", "id": "token",
    "event": "event", "after": "cursor", "room": "room", "room_id": "room", "ticket": "ticket", "shift_id": "shift", "manager": "manager",
    "arrival": "arrival", "booking": "booking", "booking_id": "booking", "note": "note", "call": "call",
    "token": "worn", "venue": "hall",
}  # fmt: skip
# The same word for something else: a new name here, what the guest typed, what a reader gave, a place in a list of our own.
FREE = {
    ("POST earn", "check_id"), ("POST redeem", "check_id"), ("POST hold", "check_id"), ("POST quote", "check_id"), ("POST checks", "check_id"),
    (SIGNED, "check_id"), (SIGNED, "id"), ("POST second-factor/verify", "code"), ("POST tokens", "text"), ("GET members", "after"),
    ("GET checks", "venue_id"), ("POST board/note", "text"), (SIGNALS, "id"), ("POST bookings", "id"), ("POST signals/arrival", "id"),
    ("POST signals/call", "id"), ("POST coats/check-in", "code"), ("POST coats/check-in", "ticket"),
    # Nothing is there of our own either: no conflict, and no photo of thing 0.
    ("POST coats/conflicts/settle", "room"), ("GET coats/photo/{ticket}/{number}", "ticket"),
}  # fmt: skip
NO_IDS = {
    "about", "amount", "at", "available", "before", "birthday", "channel", "city", "conflict", "consent", "consents", "data", "day", "deed", "description",
    "discount", "email", "format", "gift_card", "hook", "how", "instead", "invite", "items", "kind", "kinds", "label", "language",
    "limit", "lines", "lines_left", "lost", "moves", "name", "notes", "number", "party", "phone", "pin", "place", "points", "position", "positions",
    "program", "prompts", "proof", "reason", "say_name", "search", "site", "skipped", "type", "url", "via", "vip", "waiter",
    "wallet_ticket", "where", "withdraw",
}  # fmt: skip
# A manager of another restaurant has no PIN here. A venue is a wrong field; a cursor of another feed is like one of a feed that was restored. All else is unknown.
REFUSED = {"venue": 422, "cursor": 410, "manager": 401}


@dataclass
class World:
    app: App
    house: House
    key: dict[str, str]
    clara: FlaskClient
    source: tuple[str, str]
    mine: dict[str, str]
    theirs: dict[str, str]

    def send(self, route: Route, tried: str, value: str, key: str):
        """The least that the route needs, of ours, and ``value`` in the place that is tried."""
        needed = {*route.parameters, *(route.body or {}), *route.asked, tried}
        ids = {name: self.mine[KINDS[name]] for name in needed if name in KINDS and (route.name, name) not in FREE}
        if route.name.endswith("/replay") and tried == "webhook_id":
            ids["event"] = self.mine["event"]
        ids[tried] = value
        if route.name == SIGNED:
            return self.signed(route, ids, key)
        if route.name in AT_A_TILL or (route.name, tried) in BY_PEOPLE or route.path.startswith("/api/v1/board"):
            return route.send(self.clara, program_header(self.house.id), ids, key=key)
        return route.send(self.app.test_client(), self.key, ids, key=key)

    def signed(self, route: Route, ids: dict[str, str], key: str):
        raw = json.dumps({"id": f"e{abs(hash(key))}", "type": "check.closed", "check_id": f"new-{len(key)}", "amount": 900, **ids}).encode()
        signature = signatures.sign([self.source[1]], raw, int(database.now().timestamp()))
        headers = {"Walletpass-Source": self.source[0], "Walletpass-Signature": signature}
        return self.app.test_client().post(route.path, data=raw, headers=headers, content_type="application/json")


def places(route: Route) -> list[str]:
    named = route.fields | route.queries | set(route.parameters)
    return sorted(name for name in named if name in KINDS and (route.name, name) not in FREE)


def deeds(app: App, house: House) -> dict[str, str]:
    """One of everything, and the ids of it by kind."""
    client, bearer = app.test_client(), {"Authorization": f"Bearer {house.api_key}"}
    with database.transaction() as session:
        other, first, second = (
            issue_card(session, house.program, name, f"+49 151 0000000{number}") for number, name in enumerate(("Bea", "C", "D"))
        )
        worn = f"04A2B3C4D5E6{house.id.encode().hex()[:4]}"
        token = identification.bind(session, house.ana, worn, "ring")
        note = hostess.note(session, house.ana, "An allergy to nuts")
        merge = ledger.merge(session, house.program, first, second, ledger.Origin("system"))
        checks.put_items(session, house.id, [checks.Item(program_id=house.id, sku=f"{house.id}-soup", name="Soup")])
    card, check = house.ana.number, f"{house.id}-1"
    counter = Counter(house)
    ticket = counter.check_in()
    earned = post(client, "earn", {"card": card, "amount": 10_000, "check_id": check}, bearer).get_json()
    held = post(client, "hold", {"card": card, "amount": 1_000, "points": 10}, bearer).get_json()
    webhook = post(client, "webhooks", {"url": "https://93.184.215.14/told"}, bearer).get_json()
    booking = post(client, "bookings", {"id": f"{house.id}-b1", "at": soon(), "party": 2, "phone": "+4915123456789"}, bearer).get_json()
    arrived = post(client, "signals/arrival", {"card": card, "via": "door"}, bearer).get_json()
    rang = post(client, "signals/call", {"phone": "+4915123456789"}, bearer).get_json()
    with database.reading() as session:
        newest = events.last(session, house.id)
        (event,) = events.after(session, house.id, newest - 1, 1).events
        cursor = events.cursor(session, house.id, newest)
    return {
        "number": card, "card": house.ana.id, "other": other.number, "entry": earned["entry"]["id"], "hold": held["hold"]["id"], "check": check,
        "merge": merge.id, "venue": house.venue.id, "sku": f"{house.id}-soup", "member": house.ana.guest_id, "webhook": webhook["id"],
        "event": event.id, "cursor": cursor, "room": counter.room.id, "ticket": ticket, "shift": counter.ticket(ticket).shift_id,
        "manager": house.clara.id, "token": token.id,
        "arrival": arrived["arrival"], "booking": booking["id"], "note": note.id, "call": rang["call"], "worn": worn, "hall": house.venue.id,
    }  # fmt: skip


def soon() -> str:
    return (database.now() + timedelta(hours=1)).isoformat()


@pytest.fixture
def world(house):
    app, sova = make_app(), open_house("sova")
    with database.transaction() as session:
        source, secret = staff.add_source(session, house.id, "The till in the hall")
        key = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'All', scopes=SCOPES)}"}
    clara = signed_in(app, house, "Clara")
    return World(app, house, key, clara, (f"{house.id}/{source.id}", secret), deeds(app, house), deeds(app, sova))


def test_every_field_is_an_id_that_is_tried_or_none(app, luna):
    found = {name for route in routes(app) for name in (*route.fields, *route.queries, *route.parameters)}
    assert found == KINDS.keys() | NO_IDS


def test_the_ids_of_another_restaurant_are_unknown_on_every_route(house, world):
    before, tried = everything(), 0
    for route in routes(world.app):
        for name in places(route):
            kind = KINDS[name]
            answer = world.send(route, name, world.theirs[kind], f"{route.name} {name}")
            assert answer.status_code == REFUSED.get(kind, 404), (route.name, name, answer.get_json())
            assert world.theirs["card"] not in answer.text or kind == "card"
            tried += 1
    assert tried >= 55
    assert everything() == before


def test_our_own_ids_in_the_same_places_are_known(house, world):
    """The control: what was refused above was refused for the one id that was another restaurant's."""
    # What ends a thing comes last.
    for route in sorted(routes(world.app), key=lambda one: (one.method == "DELETE", one.path.endswith(("/void", "/unbind")))):
        for name in places(route):
            answer = world.send(route, name, world.mine[KINDS[name]], f"{route.name} {name}")
            told = answer.get_json()
            assert answer.status_code not in (401, 404, 500), (route.name, name, told)
            # A card that is known, and not there: its guest has to show it.
            assert answer.status_code != 403 or told["code"] == "second_factor_needed", (route.name, name, told)
