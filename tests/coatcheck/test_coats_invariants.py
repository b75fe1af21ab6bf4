"""A cloakroom and a clock that runs: whatever is done, in the room or by devices that were offline, what is promised holds after every step."""

import itertools
from collections import Counter as Count
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlmodel import col, select

from tests.cast import issue_card
from tests.coatcheck.counter import NADIA
from walletpass import cards, coatcheck, database, programs
from walletpass.coatcheck import (
    CoatItem,
    Conflict,
    Deed,
    Hand,
    Hook,
    How,
    OfflineDeed,
    Shift,
    State,
    Step,
    Ticket,
    Wanted,
    Whose,
)
from walletpass.coatcheck.kinds import EDGES, HERE, STANDING
from walletpass.errors import AlreadyReturned, NotFound, WalletpassError

TABLES = (Hook, Ticket, CoatItem, Step, Shift, Conflict, OfflineDeed)
CODES = ("4821", "5827", "6194")
LABELS = ("A1", "A2", "A3", "B1")
serial = itertools.count(1)
which = st.integers(0, 10_000)
who = st.integers(0, 4)
thing = st.builds(Wanted, st.sampled_from(["coat", "coat", "bag", "umbrella"]), st.sampled_from(["", "", "", *LABELS]))
things = st.lists(thing, min_size=1, max_size=2)
# Two devices offline: nobody tells them which hooks are taken.
heard = st.lists(st.builds(Wanted, st.just("coat"), st.sampled_from(["A1", "A1", "A2", "Z9"])), min_size=1, max_size=2)
numbers = st.sampled_from([None, None, None, [1], [2], [1, 2], [3]])
OVERRIDE = Hand("nadia", "counter", "till", How.OVERRIDE, reason="the phone was stolen", approved_by="clara")


class Cloakroom(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(database.now(), tick=False)
        self.moment = self.clock.start()

    def teardown(self):
        self.clock.stop()

    @initialize()
    def open(self):
        self.id = f"c{next(serial)}"
        with database.transaction() as session:
            program = programs.create(
                session,
                id=self.id,
                name=self.id,
                pass_type_identifier=f"pass.example.{self.id}",
                team_identifier="LUNA000001",
                coat_queue=1,
            )
            venue = programs.add_venue(session, program, "Luna")
            self.room = coatcheck.rooms.add_room(session, venue, "Garderobe")
            coatcheck.rooms.add_zone(session, self.room, "A", 3)
            coatcheck.rooms.add_zone(session, self.room, "B", 1, capacity=2, kinds=("bag", "umbrella"))
            self.cards = [issue_card(session, program, name).id for name in ("Ana", "Bohdan")]
        self.serial = itertools.count(1)
        self.steps, self.before = {}, self._rows()

    @rule(who=who, things=things)
    def check_in(self, who, things):
        def deed(session):
            card = cards.get(session, self.id, self.cards[who]) if who < len(self.cards) else None
            # Ids of our own, as chance would be another one when a run is played again.
            whose = Whose(card, "" if card else CODES[who - len(self.cards)], f"s{next(self.serial):03}")
            return coatcheck.check_in(session, self.room, whose, things, NADIA)

        self._do(deed)

    @rule(which=which, numbers=numbers)
    def hand_back(self, which, numbers):
        self._on(which, lambda session, ticket: coatcheck.hand_back(session, ticket, numbers, NADIA))

    @rule(which=which, numbers=numbers)
    def pull_and_hand_back(self, which, numbers):
        """A guest wants their phone from the pocket, and then goes after all."""
        self.pull_or_hang_again(which, numbers, False)
        self.hand_back(which, numbers)

    @rule(which=which, numbers=numbers, again=st.booleans())
    def pull_or_hang_again(self, which, numbers, again):
        verb = coatcheck.hang_again if again else coatcheck.pull
        self._on(which, lambda session, ticket: verb(session, ticket, numbers, NADIA))

    @rule(which=which, numbers=numbers, verb=st.sampled_from(["keep", "keep", "lose", "dispose"]))
    def put_away(self, which, numbers, verb):
        more = ("office",) if verb == "keep" else ()
        self._on(which, lambda session, ticket: getattr(coatcheck, verb)(session, ticket, numbers, *more, NADIA))

    @rule(moves=st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=2))
    def move(self, moves):
        self._do(lambda session: coatcheck.move(session, self.room, moves, NADIA))

    @rule(which=which)
    def call(self, which):
        self._on(which, lambda session, ticket: coatcheck.call(session, ticket, NADIA))

    @rule(which=which)
    def release(self, which):
        self._on(which, lambda session, ticket: coatcheck.release(session, ticket, "a black coat", OVERRIDE))

    @rule(verb=st.sampled_from(["keep", "keep", "hand_back", None]))
    def end_of_an_evening(self, verb):
        """Every guest's things are seen to, and the shift is closed; or it is not, because something hangs."""
        for row in self.before[Ticket] if verb else ():
            more = ("office",) if verb == "keep" else ()
            self._do(partial(self._see_to, row.id, verb, more))
        hangs = any(item.state in STANDING for item in self.before[CoatItem])
        closed = self._do(lambda session: coatcheck.close_shift(session, self.room, NADIA))
        assert not (closed and hangs)

    def _see_to(self, ticket_id, verb, more, session):
        return getattr(coatcheck, verb)(session, coatcheck.tickets.get(session, self.id, ticket_id), None, *more, NADIA)

    @rule(ticket=st.sampled_from(["t1", "t2", "t3"]), who=who, things=heard, ago=st.integers(0, 90), first=st.sampled_from([1, 1, 2]))
    def check_in_offline(self, ticket, who, things, ago, first):
        wanted = [Wanted(one.kind, one.hook, "", first + place) for place, one in enumerate(things)]
        self._replay("check_in", ticket, ago, who=who, wanted=wanted)

    @rule(
        ticket=st.sampled_from(["t1", "t2", "t3"]),
        kind=st.sampled_from(["hand_back", "hand_back", "keep", "lose"]),
        numbers=numbers,
        ago=st.integers(0, 90),
    )
    def end_offline(self, ticket, kind, numbers, ago):
        self._replay(kind, ticket, ago, items=numbers, where="office")

    @rule(which=which, hook=st.sampled_from(LABELS))
    def settle(self, which, hook):
        def deed(session):
            listed = coatcheck.conflicts(session, self.room)
            if not listed:
                raise NotFound
            one = listed[which % len(listed)]
            return coatcheck.settle(session, self.room, one.key, one.code, one.number, "looked", NADIA, hook=hook)

        self._do(deed)

    @rule(minutes=st.sampled_from([1, 90, 1_500]))
    def time_passes(self, minutes):
        self.moment.shift(timedelta(minutes=minutes))

    def _replay(self, kind, ticket, ago, *, who=None, **said):
        def deed(session):
            card = cards.get(session, self.id, self.cards[who]) if who is not None and who < len(self.cards) else None
            code = CODES[who - len(self.cards)] if who is not None and card is None else ""
            at = database.now() - timedelta(minutes=ago)
            told = Deed(f"key {next(self.serial):03}", kind, ticket, at, card, code, **said)
            return coatcheck.replay(session, self.room, told, Hand("nadia", "counter", "till", How.REPLAY))

        assert self._do(deed), "what a device did is never refused"

    def _on(self, which, verb):
        """A deed on one of the tickets there are, most often an open one; where there is none, somebody comes first."""
        if all(row.state != "open" for row in self.before[Ticket]):
            self.check_in(which % 5, [Wanted("coat"), Wanted("bag")])

        def deed(session):
            found = sorted(self.before[Ticket], key=lambda row: (row.opened_at, row.id))
            usual = [row for row in found if row.state == "open"] if which % 5 else []
            chosen = (usual or found)[which % len(usual or found)]
            return verb(session, coatcheck.tickets.get(session, self.id, chosen.id))

        self._do(deed)

    def _do(self, deed):
        """The deed is done whole or not at all."""
        self.moment.shift(timedelta(seconds=1))
        try:
            with database.transaction() as session:
                deed(session)
        except AlreadyReturned as refused:
            self._names_the_first(refused.details)
            assert self._rows() == self.before
            return False
        except WalletpassError:
            assert self._rows() == self.before
            return False
        self.before = self._rows()
        self._holds(self.before)
        return True

    def _names_the_first(self, told):
        (first,) = [
            step for step in self.before[Step] if (step.ticket_id, step.number, step.became) == (told["ticket"], told["number"], "returned")
        ]
        assert told["at"] == first.at.isoformat()

    def _rows(self):
        with database.reading() as session:
            return {
                model: session.execute(
                    select(model.__table__).where(model.__table__.c.program_id == self.id).order_by(*model.__table__.primary_key)
                ).all()
                for model in TABLES
            }

    def _holds(self, rows):
        histories = {}
        for step in rows[Step]:
            histories.setdefault((step.ticket_id, step.number), []).append(step)
        for item in rows[CoatItem]:
            self._went_by_the_edges(item, histories[item.ticket_id, item.number])
        self._only_grows(rows[Step])
        self._hooks(rows)
        self._tickets(rows)
        self._shifts(rows)
        self._cards(rows)

    def _went_by_the_edges(self, item, history):
        """19 and 22: from one state to the next along the edges, back to the same hook, and home once."""
        assert [step.seq for step in history] == list(range(1, item.steps + 1))
        assert [step.was for step in history] == ["", *(step.became for step in history[:-1])]
        assert history[-1].became == item.state
        assert all((step.was, step.became) in EDGES for step in history)
        assert sum(step.became == State.RETURNED for step in history) <= 1
        for before, step in itertools.pairwise(history):
            assert step.was != State.PULLED or step.hook_label == before.hook_label
        for step in history:
            # 23: a manager and a reason.
            assert step.how != How.OVERRIDE or (step.approved_by == "clara" and "stolen" in step.reason)

    def _only_grows(self, steps):
        found = {(step.ticket_id, step.number, step.seq): step for step in steps}
        assert self.steps.items() <= found.items()
        self.steps = found

    def _hooks(self, rows):
        """20: no more on a hook than it has room for, nothing on two; a claim waits only for a hook that is full."""
        on = Count(item.hook_id for item in rows[CoatItem] if item.hook_id)
        claimed = {item.claim_id for item in rows[CoatItem] if item.claim_id}
        for hook in rows[Hook]:
            assert on[hook.id] == hook.taken <= hook.capacity
            assert hook.id not in claimed or hook.taken == hook.capacity
        for item in rows[CoatItem]:
            assert item.state in STANDING or not (item.hook_id or item.claim_id)
            assert item.confirmed is False or item.state not in STANDING or item.hook_id

    def _tickets(self, rows):
        here = {item.ticket_id for item in rows[CoatItem] if item.state in HERE}
        assert all((ticket.state == "open") == (ticket.id in here) for ticket in rows[Ticket])
        assert {item.ticket_id for item in rows[CoatItem]} == {ticket.id for ticket in rows[Ticket]}
        called = [ticket for ticket in rows[Ticket] if ticket.called_at]
        assert len(called) <= 1, "the queue is as long as the restaurant says"
        of_deeds = {(one.key, one.code, one.number) for one in rows[Conflict] if one.settled_at is None and one.code == "hook_taken"}
        waiting = {(item.deed, "hook_taken", item.number) for item in rows[CoatItem] if item.claim_id and item.state in HERE}
        assert of_deeds <= waiting
        settled = {(one.key, one.code, one.number) for one in rows[Conflict] if one.settled_at is not None}
        assert waiting <= of_deeds | settled

    def _shifts(self, rows):
        """21: what was taken in is what became of it, for all time and for each shift."""
        ends = Count(item.state for item in rows[CoatItem])
        assert len(rows[CoatItem]) == sum(ends[state] for state in State) == sum(step.was == "" for step in rows[Step])
        carried = 0
        with database.reading() as session:
            found = session.exec(select(Shift).where(col(Shift.program_id) == self.id).order_by(col(Shift.opened_at), col(Shift.id))).all()
            reports = [coatcheck.report(session, shift) for shift in found]
        for told in reports:
            assert told["carried"] == carried
            carried = told["here"]
            assert told["carried"] + told["in"] == told["out"] + told["lost"] + told["disposed"] + told["here"]
        assert carried == sum(ends[state] for state in HERE)
        assert sum(shift.closed_at is None for shift in found) <= 1

    def _cards(self, rows):
        """The card says where the things of its guest hang."""
        open_tickets = [ticket for ticket in sorted(rows[Ticket], key=lambda row: (row.opened_at, row.id)) if ticket.state == "open"]
        with database.reading() as session:
            for card_id in self.cards:
                hanging = [
                    item.hook_label
                    for ticket in open_tickets
                    for item in rows[CoatItem]
                    if (ticket.card_id, item.ticket_id) == (card_id, ticket.id) and item.state in STANDING and item.hook_label
                ]
                shown = cards.get(session, self.id, card_id).shown.get("coat")
                assert set((shown or "").split(", ")) - {""} == set(hanging)


def play(examples, steps):
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Cloakroom,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=calm, database=None),
    )


def test_what_the_cloakroom_promises_holds_whatever_is_done(sqlite):
    play(40, 25)


def test_what_the_cloakroom_promises_holds_on_postgresql(postgresql):
    play(10, 20)


@pytest.mark.slow
def test_what_the_cloakroom_promises_holds_for_a_long_time(db):
    play(3_000, 80)
