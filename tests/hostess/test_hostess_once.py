"""Once per visit, and the same signal fifty times: whatever is done in whatever order, and all of it at one moment."""

import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from tests.cast import issue_card, open_house
from tests.codes.phonebook import at_once
from tests.hostess.board import Door
from walletpass import database, hostess
from walletpass.database import now
from walletpass.errors import NotTakenBack
from walletpass.hostess import Arrival, Booking, Signal, arriving
from walletpass.hostess.moments import LINGER, TAKES_BACK, VISIT

FIFTY = 50


def here(door, venue_id=""):
    with database.reading() as session:
        ours = col(Arrival.program_id) == door.house.id
        return session.exec(select(Arrival).where(ours).order_by(col(Arrival.at), col(Arrival.id))).all()


def test_the_same_signal_fifty_times_at_once_is_one_arrival(door):
    found = at_once(FIFTY, lambda number: door.arrive(signal="s1"))
    assert (len(here(door)), [one.new for one in found].count(True)) == (1, 1)
    assert len({one.arrival.id for one in found}) == 1


def test_fifty_readers_at_once_see_one_guest_come(door):
    found = at_once(FIFTY, lambda number: door.arrive(via="nfc" if number % 2 else "wifi", signal=f"s{number}"))
    assert (len(here(door)), [one.new for one in found].count(True)) == (1, 1)
    with database.reading() as session:
        assert len(session.exec(select(Signal)).all()) == FIFTY


def test_fifty_check_ins_at_once_of_one_booking_are_one_arrival(door):
    booking = door.book(name="Iryna")
    found = at_once(FIFTY, lambda number: door.check_in(booking))
    assert (len(here(door)), [one.new for one in found].count(True)) == (1, 1)


def test_a_card_and_its_booking_that_are_read_at_once_are_one_arrival(door):
    booking = door.book(phone="0151 23456789")
    at_once(20, lambda number: door.check_in(booking) if number % 2 else door.arrive())
    [one] = here(door)
    assert (one.booking_id, one.card_id) == ("B1", door.house.ana.id)


class NoLock:
    def acquire(self, timeout=0):
        return True

    def release(self):
        pass


def test_readers_that_look_first_and_write_later_would_make_two(door, monkeypatch):
    """The control: with nothing that guards the row, two of them find nobody here and both write; the index is what sees it."""
    together = threading.Barrier(2, timeout=20)

    def look_first(session, program_id, **values):
        row = Arrival(program_id=program_id, **values)
        together.wait()
        session.add(row)
        session.flush()
        return row

    monkeypatch.setattr(arriving, "_insert", look_first)
    monkeypatch.setattr(database, "_write_lock", NoLock())
    monkeypatch.setattr(database, "BEGIN", "SELECT 'no transaction'")

    def tried(number):
        try:
            return door.arrive(signal=f"s{number}").new
        except IntegrityError:
            return "seen"

    monkeypatch.setattr(
        arriving.signals,
        "take",
        lambda session, program_id, sender, kind: Signal(program_id=program_id, source="", id=sender.id, kind=kind),
    )
    assert Counter(at_once(2, tried)) == {True: 1, "seen": 1}


def visit(name, at, tapped):
    """``tapped`` says that only hostesses saw them come."""
    return {"id": name, "at": at, "until": None, "sat": None, "tapped": tapped}


class Evening(RuleBasedStateMachine):
    """A model of two guests at one door, and of a booking of somebody unknown: since when each is here, who saw them, since when they sit,
    and until when the last visit went on."""

    door, cards = None, ()

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(now() + timedelta(days=Evening.day), tick=False)
        Evening.day += 5
        self.time = self.clock.start()
        self.visits, self.signals = {0: [], 1: []}, {}
        with database.transaction() as session:
            for table in (Arrival, Signal, Booking):
                session.execute(delete(table))
        self.booking, self.party = self.door.book(name="Iryna"), None

    def teardown(self):
        self.clock.stop()

    @rule(minutes=st.sampled_from([1, 5, 14, 15, 60, 240, 479, 480, 481]))
    def time_goes_by(self, minutes):
        self.time.shift(timedelta(minutes=minutes))

    @rule(
        who=st.sampled_from([0, 0, 1]),
        via=st.sampled_from(["door", "nfc", "wifi", "beacon", "hostess", "hostess"]),
        late=st.sampled_from([0, 0, 0, 10, 120]),
        name=st.sampled_from(["", "", "a", "b", "c"]),
    )
    def signal(self, who, via, late, name):
        name = name if via != "hostess" else ""
        at = now() - timedelta(minutes=late)
        found = self.door.arrive(self.cards[who], via, at=at, signal=name)
        if name and name in self.signals:
            assert (found.new, found.arrival.id) == (False, self.signals[name])
            return
        last = self.visits[who][-1] if self.visits[who] else None
        same = last is not None and self._goes_on(last, at, via)
        assert found.new is not same
        if same:
            assert found.arrival.id == last["id"]
            last["tapped"] = last["tapped"] and via == "hostess"
        else:
            if last is not None and last["until"] is None:
                last["until"] = last["at"] + VISIT
            self.visits[who].append(visit(found.arrival.id, at, via == "hostess"))
        if name:
            self.signals[name] = found.arrival.id

    def _goes_on(self, visit, at, via):
        if visit["until"] is None:
            return at < visit["at"] + VISIT
        return at <= visit["until"] or (via in ("wifi", "beacon") and at < visit["until"] + LINGER)

    @precondition(lambda self: any(self.visits.values()))
    @rule(who=st.sampled_from([0, 0, 1]))
    def go(self, who):
        if self.visits[who]:
            last = self.visits[who][-1]
            with database.transaction() as session:
                hostess.gone(session, self.door.house.id, last["id"])
            last["until"] = last["until"] or max(last["at"], now())

    @precondition(lambda self: any(self.visits.values()))
    @rule(who=st.sampled_from([0, 1]))
    def seat(self, who):
        last = self.visits[who][-1] if self.visits[who] else None
        if last and last["until"] is None and now() < last["at"] + VISIT:
            self.door.do(hostess.seat, last["id"], "7")
            last["sat"] = last["sat"] or now()

    @rule()
    def the_party_comes(self):
        found = self.door.tap(self.booking)
        assert found.new is (self.party is None)
        self.party = self.party or visit(found.arrival.id, now(), True)

    @precondition(lambda self: self.party and self.party["until"] is None and now() < self.party["at"] + VISIT)
    @rule(leaves=st.booleans())
    def the_party_sits_or_leaves(self, leaves):
        if leaves:
            self.door.do(lambda session, program, name: hostess.gone(session, program.id, name), self.party["id"])
            self.party["until"] = now()
        else:
            self.door.do(hostess.seat, self.party["id"], "7")
            self.party["sat"] = self.party["sat"] or now()

    @rule(who=st.sampled_from([0, 0, 1, 2, 2]), verb=st.sampled_from(["not_here", "not_seated", "not_gone"]))
    def take_back(self, who, verb):
        mine = self.visits.get(who, [self.party] if self.party else [])
        if not mine:
            return
        last = mine[-1]
        named = last["id"] in self.signals.values()
        may = self._may(verb, last)
        try:
            with database.transaction() as session:
                getattr(hostess, verb)(session, self.door.house.id, last["id"])
        except NotTakenBack:
            assert not may
            return
        assert may
        assert not (named and verb == "not_here"), "a reader's own signal is not taken back"
        if verb == "not_here" and who == 2:
            self.party = None
        elif verb == "not_here":
            mine.pop()
        elif verb == "not_seated":
            last["sat"] = None
        else:
            last["until"] = None

    def _may(self, verb, one):
        young = now() - TAKES_BACK
        if verb == "not_here":
            return one["tapped"] and one["until"] is None and one["sat"] is None and one["at"] > young
        if verb == "not_seated":
            return one["sat"] is None or (one["until"] is None and one["sat"] > young)
        return one["until"] is None or (one["until"] > young and now() < one["at"] + VISIT)

    @rule()
    def the_rounds_go_by(self):
        with database.transaction() as session:
            hostess.age(session, self.door.house.id)
        for one in [*self.visits[0], *self.visits[1], *([self.party] if self.party else [])]:
            if one["until"] is None and one["at"] < now() - VISIT:
                one["until"] = one["at"] + VISIT

    @invariant()
    def nobody_is_here_twice_and_every_visit_is_one_arrival(self):
        rows = [row for row in here(self.door) if row.card_id]
        assert {row.id for row in rows} == {visit["id"] for visits in self.visits.values() for visit in visits}
        open_ = Counter(row.card_id for row in rows if row.gone_at is None)
        assert not open_ or max(open_.values()) == 1
        told = {visit["id"]: visit["until"] for visits in self.visits.values() for visit in visits}
        assert {row.id: row.gone_at for row in rows} == told
        for who, card in enumerate(self.cards):
            spans = sorted((row.at, row.gone_at) for row in rows if row.card_id == card.id and row.gone_at)
            assert all(end <= begin for (_, end), (begin, _) in pairwise(spans)), who

    @invariant()
    def a_booking_ends_in_one_arrival_or_waits(self):
        with database.reading() as session:
            booking = session.exec(select(Booking)).one()
        parties = [row for row in here(self.door) if row.booking_id]
        assert [row.id for row in parties] == ([self.party["id"]] if self.party else [])
        assert booking.arrival_id == (self.party["id"] if self.party else "")
        if self.party:
            [row] = parties
            assert (row.seated_at, row.gone_at) == (self.party["sat"], self.party["until"])
            assert (booking.state == "seated") is bool(self.party["sat"])

    @invariant()
    def who_sits_is_known(self):
        sat = {one["id"]: one["sat"] for visits in self.visits.values() for one in visits}
        assert {row.id: row.seated_at for row in here(self.door) if row.card_id} == sat


Evening.day = 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_evening_of_signals_is_one_arrival_a_visit(request, kind):
    request.getfixturevalue(kind)
    house = open_house()
    with database.transaction() as session:
        Evening.door, Evening.cards = Door(house), (house.ana, issue_card(session, house.program, "Bea", "+49 151 77777777"))
    run_state_machine_as_test(
        Evening,
        settings=settings(
            max_examples=70 if kind == "sqlite" else 15, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
