"""No deed at a till takes longer because there are more guests: none of its statements goes through a table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from tests.api.till import post
from tests.cast import House, make_app
from tests.coatcheck.counter import Counter
from tests.conftest import new_postgresql
from tests.plans import Said, listening, scans
from walletpass import cards, database, hostess, programs
from walletpass.api import lost_phone
from walletpass.cards import codes
from walletpass.guests import Guest
from walletpass.ledger import Entry

LINES = [{"amount": 2_000, "quantity": 2, "sku": "soup", "name": "Soup"}, {"amount": 900, "sku": "beer", "name": "Beer"}]


class Till:
    """A point of sale with its key; a refusal is a fault of the test."""

    def __init__(self, house: House) -> None:
        self.client: FlaskClient = make_app().test_client()
        self.headers = {"Authorization": f"Bearer {house.api_key}"}
        self.card = house.ana
        self.code = codes.card_code(house.id, house.ana.key_id, house.ana.token)

    def write(self, path: str, **body: Any) -> Any:
        return self._taken(post(self.client, path, body, self.headers))

    def ask(self, path: str) -> Any:
        return self._taken(self.client.get(f"/api/v1/{path}", headers=self.headers))

    def look(self, code: str = "") -> Any:
        return self._taken(self.client.post("/api/v1/guests/by-code", json={"code": code or self.code}, headers=self.headers))

    def look_for_coats(self, room: str, code: str) -> Any:
        return self._taken(self.client.post("/api/v1/coats/look", json={"room": room, "code": code}, headers=self.headers))

    def earn(self, check: str, **body: Any) -> Any:
        return self.write("earn", card=self.code, check_id=check, **(body or {"amount": 10_000}))

    def _taken(self, answer: Any) -> Any:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()


@pytest.fixture(scope="module")
def postgresql_url(worker_id_: str) -> Iterator[str]:
    """A database of its own: the size of an index decides whether it is used, and what other tests have left makes it large."""
    with new_postgresql(f"plans_{worker_id_}") as url:
        yield url


@pytest.fixture
def till(house: House) -> Till:
    """Ana has points to spend, a phone that shows them, dishes that she likes, and tiers to climb; points end."""
    with database.transaction() as session:
        program = programs.get(session, house.id)
        program.tier_by, program.expiry, program.earns_per_day, program.redeems_per_day = "spend", "activity", 100, 100
        session.add(program)
        programs.set_tiers(session, program, [programs.Step("Gold", 5_000, program.earn_bps * 2)])
        cards.put_on(session, cards.get(session, house.id, house.ana.id), "apple")
    Counter(house)
    made = Till(house)
    for number in range(3):
        made.earn(f"before-{number}", amount=30_000)
    made.write("checks", check_id="tuesday", card=house.ana.number, lines=LINES, waiter="Maria")
    made.write("checks/tuesday/close")
    return made


def _hold(till: Till, check: str) -> str:
    name: str = till.write("hold", card=till.code, amount=5_000, points=40, check_id=check)["hold"]["id"]
    return name


def _capture(till: Till) -> None:
    till.write("capture", hold=_hold(till, "held"), amount=5_000)


def _release(till: Till) -> None:
    till.write("release", hold=_hold(till, "let-go"))


def _undo(till: Till) -> None:
    till.write("undo", entry=till.earn("undone")["entry"]["id"], reason="a wrong amount")


def _refund(till: Till) -> None:
    till.write("redeem", card=till.code, amount=10_000, points=50, check_id="back")
    till.earn("back")
    for amount in (3_000, 7_000):
        till.write("refund", check_id="back", amount=amount, reason="it was cold")


def _table(till: Till) -> None:
    till.write("checks", check_id="t4", lines=LINES)
    till.write("checks/t4/attach", card=till.code)
    till.write("checks/t4/lines", lines=LINES)
    till.ask("checks/t4")
    till.write("checks/t4/bill")
    till.write("checks/t4/close")
    till.write("checks/t4/refund", amount=900, reason="it was warm")


def _evening(till: Till) -> None:
    soon = (database.now() + timedelta(hours=1)).isoformat()
    till.write("signals/call", phone="+49 151 23456789")
    till.write("bookings", id="b1", at=soon, phone="+49 151 23456789", email="ana@example.com", notes="By the window")
    till.write("bookings/b1/change", party=5)
    till.write("signals/arrival", phone="+49 151 23456789", via="wifi", id="s1")
    till.write("signals/arrival", card=till.code, via="door")
    till.write("bookings/b1/seat", place="7")


def _board(till: Till) -> None:
    _evening(till)
    till.write("bookings", id="b3", at=(database.now() + timedelta(hours=30)).isoformat(), phone="+49 151 23456789")
    with database.transaction() as session:
        program, venue = programs.get(session, till.card.program_id), programs.venues(session, till.card.program_id)[0]
        assert hostess.board(session, program, venue.id).calls[0].expected is not None
        assert hostess.bookings(session, program, venue.id, programs.day_of(program, database.now() + timedelta(hours=1)))
        [here] = hostess.board(session, program, venue.id).inside
        hostess.note(session, till.card, "Knows the chef")
        hostess.done(session, program.id, here.arrival.id, "vip", here.arrival.id)
        hostess.table_view(session, program, venue.id, till.card)
        hostess.usual(session, till.card)
        hostess.gone(session, program.id, here.arrival.id)
        hostess.age(session, program.id)


def _taken_back(till: Till) -> None:
    till.write("bookings", id="b2", at=(database.now() + timedelta(hours=1)).isoformat(), phone="+49 151 23456789")
    with database.transaction() as session:
        program, booking = programs.get(session, till.card.program_id), hostess.get_booking(session, till.card.program_id, "b2")
        here = hostess.arrived(session, program, booking.venue_id, None, "hostess", booking=booking).arrival
        hostess.seat(session, program, here.id, "7")
        hostess.gone(session, program.id, here.id)
        hostess.not_gone(session, program.id, here.id)
        hostess.not_seated(session, program.id, here.id, "7")
        hostess.not_here(session, program.id, here.id)


def _phone_lost(till: Till) -> None:
    with database.transaction() as session:
        lost_phone.reissue(session, cards.get(session, till.card.program_id, till.card.id))


def _coats(till: Till) -> None:
    room = till.ask("coats/rooms")["rooms"][0]["id"]
    things = [{}, {"kind": "bag"}, {"hook": "A4"}]
    till.look_for_coats(room, till.code)
    ticket = till.write("coats/check-in", room=room, card=till.code, items=things)["ticket"]
    till.look_for_coats(room, till.code)
    for verb in ("pull", "hang-again"):
        till.write(f"coats/{verb}", ticket=ticket, items=[1])
    till.write("coats/move", room=room, moves=[{"from": "A4", "to": "A1"}, {"from": "A1", "to": "A4"}])
    till.write("coats/call", ticket=ticket)
    till.write("coats/keep", ticket=ticket, items=[2], where="the office")
    till.ask(f"coats/room/{room}/now")
    till.write("coats/hand-back", ticket=ticket)
    till.write("coats/shifts/close", room=room)
    four = till.write("coats/code", room=room)["code"]
    till.write("coats/check-in", room=room, code=four, items=[{}])
    till.look_for_coats(room, four)


def _coats_offline(till: Till) -> None:
    room = till.ask("coats/rooms")["rooms"][0]["id"]
    at = "2026-11-28T20:00:00Z"
    till.write("coats/check-in", room=room, card=till.code, ticket="t1", items=[{"hook": "A1", "number": 1}], at=at)
    till.write("coats/hand-back", room=room, ticket="t1", items=[1], at=at)


DEEDS: dict[str, Callable[[Till], Any]] = {
    "earn": lambda till: till.earn("new"),
    "earn, line by line": lambda till: till.earn("lines", lines=[{"amount": 4_000}]),
    "redeem": lambda till: till.write("redeem", card=till.code, amount=10_000, points=50, check_id="paid"),
    "hold": lambda till: _hold(till, "open"),
    "capture": _capture,
    "release": _release,
    "undo": _undo,
    "refund": _refund,
    "guests/by-code": lambda till: till.look(),
    "guests/by-code, typed": lambda till: till.look(till.card.number),
    "identify": lambda till: till._taken(till.client.post("/api/v1/identify", json={"text": till.code}, headers=till.headers)),
    "quote": lambda till: till.write("quote", card=till.code, amount=10_000, check_id="asked"),
    "events": lambda till: till.ask("events?limit=5"),
    "a check, from its first line to the refund": _table,
    "calls, bookings and arrivals": _evening,
    "the hostess's board": _board,
    "wrong taps on the board": _taken_back,
    "a phone that is lost": _phone_lost,
    "what the phone shows": lambda till: till.ask(f"cards/{till.card.id}/delivery"),
    "coats, from the door to the end of the shift": _coats,
    "coats of a device that was offline": _coats_offline,
    "entries": lambda till: till.ask(f"cards/{till.card.id}/entries"),
    "lots": lambda till: till.ask(f"cards/{till.card.id}/lots"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_every_statement_of_a_deed_finds_its_rows_by_an_index(till: Till, deed: str) -> None:
    assert scans(_said(till, deed)) == []


def test_a_scan_without_the_index_of_codes_is_seen(till: Till) -> None:
    assert [line for line in scans(_said(till, "guests/by-code"), without="uq_card_token") if "card" in line]


def test_a_search_that_reads_all_of_a_program_is_seen(house: House) -> None:
    """An index that begins with the program is used, and still every row of the program is read."""
    with listening() as said, database.reading() as session:
        session.exec(select(Guest).where(col(Guest.program_id) == house.id, col(Guest.name) == "Ana")).all()
        session.exec(select(Entry).where(col(Entry.program_id) == house.id, col(Entry.staff_id) == house.bruno.id)).all()
    assert len(scans(said)) == 2


def _said(till: Till, deed: str) -> list[Said]:
    with listening() as said:
        DEEDS[deed](till)
    assert said
    return said
