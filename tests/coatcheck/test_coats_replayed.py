"""Devices were offline, each with a queue of deeds: whatever the order and however often they are sent, the books end the same."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests.cast import issue_card
from tests.coatcheck.counter import Counter
from walletpass import cards, coatcheck, database, errors, programs
from walletpass.coatcheck import CoatItem, Conflict, Deed, Hand, Hook, How, OfflineDeed, Ticket, Wanted
from walletpass.errors import Malformed

EVENING = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
TABLET, PHONE = (Hand("nadia", till, "till", How.REPLAY) for till in ("tablet", "phone"))
serial = itertools.count(1)


@pytest.fixture
def counter(house):
    return Counter(house)


def at(minutes):
    return EVENING + timedelta(minutes=minutes)


def came(ticket, *labels, minute=0, key="", card=None, code="", first=1, kind="coat"):
    wanted = [Wanted(kind, label, "", first + place) for place, label in enumerate(labels)]
    return Deed(key or f"{ticket} came {minute}", "check_in", ticket, at(minute), card, code, wanted=wanted)


def went(ticket, *items, minute=60, key="", kind="hand_back"):
    return Deed(
        key or f"{ticket} {kind} {minute}", kind, ticket, at(minute), items=list(items) or None, where="office" if kind == "keep" else ""
    )


def send(counter, *deeds, by=TABLET):
    """What is not as it said, of the last one."""
    for deed in deeds:
        with database.transaction() as session:
            _, conflicts = coatcheck.replay(session, counter.room, deed, by)
            last = [(one.code, one.number) for one in conflicts]
    return last


def listed(counter):
    with database.reading() as session:
        return {(one.key, one.code, one.number) for one in coatcheck.conflicts(session, counter.room)}


def test_a_deed_in_a_cloakroom_that_was_closed_since_brings_it_back(counter, house):
    with database.transaction() as session:
        coatcheck.retiring.retire_room(session, coatcheck.rooms.get(session, house.id, counter.room.id))
    with database.transaction() as session:
        room = coatcheck.rooms.get(session, house.id, counter.room.id)
        coatcheck.replay(session, room, came("t1", "A1", card=house.ana), TABLET)
    with database.reading() as session:
        assert [room.id for room in coatcheck.rooms.rooms(session, house.id)] == [counter.room.id]
    assert [code for _, code, _ in listed(counter)] == ["hook_unknown"]
    # It is not closed again before somebody has looked.
    assert send(counter, went("t1", 1), went("t1", 1, minute=70)) == [("already_returned", 1)]
    counter.do(coatcheck.close_shift, counter.room, TABLET)
    with pytest.raises(errors.Conflict, match="not settled"), database.transaction() as session:
        coatcheck.retiring.retire_room(session, coatcheck.rooms.get(session, house.id, counter.room.id))


def test_a_coat_that_came_and_went_offline_leaves_a_closed_ticket(counter, house):
    assert send(counter, came("t1", "A1", card=house.ana)) == []
    assert counter.shown() == "A1"
    assert send(counter, went("t1")) == []
    assert (counter.states("t1"), counter.taken(), counter.shown(), listed(counter)) == (["returned"], {}, None, set())
    hung, returned = counter.steps("t1")
    assert (hung.at, returned.at, hung.how, returned.till_id) == (at(0), at(60), "replay", "tablet")


def test_a_return_waits_for_its_coat(counter, house):
    assert send(counter, went("t1")) == [("ticket_unknown", 0)]
    assert send(counter, came("t1", "A1", card=house.ana)) == []
    assert (counter.states("t1"), counter.taken(), listed(counter)) == (["returned"], {}, set())


def test_a_deed_sent_ten_times_is_done_once(counter, house):
    send(counter, *[came("t1", "A1", card=house.ana)] * 10, *[went("t1")] * 10, came("t1", "A1", card=house.ana))
    assert ([step.became for step in counter.steps("t1")], listed(counter)) == (["hung", "returned"], set())


def test_two_devices_on_one_hook_are_a_conflict_and_neither_coat_is_moved(counter, house):
    send(counter, came("late", "A1", minute=10, code="4821"))
    send(counter, came("early", "A1", minute=5, card=house.ana), by=PHONE)
    assert counter.taken() == {"A1": 1}
    assert [counter.items(one)[0].hook_id is not None for one in ("early", "late")] == [True, False]
    assert listed(counter) == {("late came 10", "hook_taken", 1)}
    assert counter.labels("late") == ["A1"]


def test_what_hung_through_the_server_keeps_its_hook(counter, house):
    counter.check_in("A1", code="4821")
    assert send(counter, came("t1", "A1", card=house.ana)) == [("hook_taken", 1)]


def test_a_claim_is_true_when_the_hook_is_free(counter, house):
    ticket = counter.check_in("A1", code="4821")
    send(counter, came("t1", "A1", card=house.ana))
    counter.hand_back(ticket)
    assert (counter.items("t1")[0].hook_id is not None, counter.taken(), listed(counter)) == (True, {"A1": 1}, set())
    assert [step.how for step in counter.steps("t1")][-1] == "claim"


def test_a_coat_whose_place_is_doubtful_goes_home_all_the_same(counter, house):
    ticket = counter.check_in("A1", code="4821")
    send(counter, came("t1", "A1", card=house.ana))
    counter.hand_back("t1")
    assert (counter.taken(), listed(counter), counter.states(ticket)) == ({"A1": 1}, set(), ["hung"])


def test_a_coat_that_was_returned_at_the_server_is_a_conflict_when_a_device_returns_it_as_well(counter):
    ticket = counter.check_in()
    counter.hand_back(ticket)
    assert send(counter, went(ticket, 1)) == [("already_returned", 1)]


def test_of_two_devices_that_returned_it_the_first_by_the_clock_is_right(counter, house):
    send(counter, came("t1", "A1", card=house.ana), went("t1", 1, minute=70), went("t1", 1, minute=60))
    assert listed(counter) == {("t1 hand_back 70", "already_returned", 1)}
    assert counter.items("t1")[0].ended_at == at(60)


def test_a_coat_that_was_kept_and_then_fetched_is_home_also_when_that_is_heard_first(counter, house):
    send(counter, came("t1", "A1", card=house.ana), went("t1", minute=90), went("t1", kind="keep", minute=60))
    assert (counter.states("t1"), listed(counter)) == (["returned"], set())


def test_a_loss_that_was_told_offline_waits_for_a_person(counter, house):
    assert send(counter, came("t1", "A1", card=house.ana), went("t1", kind="lose")) == [("lost_offline", 1)]
    assert counter.states("t1") == ["hung"]
    counter.on(coatcheck.lose, "t1")
    assert (counter.states("t1"), listed(counter)) == (["lost"], set())


def test_a_hook_that_is_none_and_a_thing_that_is_none_are_listed(counter, house):
    assert send(counter, came("t1", "Z9", card=house.ana)) == [("hook_unknown", 1)]
    assert send(counter, went("t1", 2)) == [("item_unknown", 2)]


def test_a_ticket_has_one_guest(counter, house):
    send(counter, came("t1", "A1", card=house.ana), came("t1", "A2", code="4821", minute=3, first=2))
    assert listed(counter) == {("t1 came 3", "ticket_taken", 0)}
    assert (counter.labels("t1"), counter.ticket("t1").card_id) == (["A1", "A2"], house.ana.id)


def test_the_same_four_digits_twice_are_a_conflict_while_both_hang(counter):
    first = counter.check_in(code="4821")
    assert send(counter, came("t1", "A2", code="4821")) == [("code_taken", 0)]
    look = counter.look(code="4821")
    assert ([seen.ticket.id for seen in look.tickets], look.doubtful) == ([first, "t1"], True)
    counter.hand_back(first)
    assert listed(counter) == set()
    assert counter.look(code="4821").doubtful is False


def test_a_second_ticket_of_a_card_that_was_made_offline_stands_beside_the_first(counter, house):
    counter.check_in("A1")
    send(counter, came("t1", "A2", card=house.ana))
    assert (counter.shown(), len(counter.look(house.ana).tickets), listed(counter)) == ("A2, A1", 2, set())


def test_a_person_settles_and_it_stays_settled(counter, house):
    ticket = counter.check_in("A1", code="4821")
    send(counter, came("t1", "A1", card=house.ana))
    counter.do(coatcheck.settle, counter.room, "t1 came 0", "hook_taken", 1, "on A3, I looked", counter.hand, hook="A3")
    send(counter, came("t1", "A1", card=house.ana))
    counter.hand_back(ticket)
    assert (counter.labels("t1"), counter.taken(), listed(counter)) == (["A3"], {"A3": 1}, set())
    with database.reading() as session:
        (row,) = session.exec(select(Conflict).where(col(Conflict.program_id) == house.id)).all()
    assert (row.settled_by, row.settled_how) == ("nadia", "on A3, I looked")


def test_a_clock_that_is_ahead_counts_as_now(counter, house):
    with time_machine.travel(EVENING, tick=False):
        send(counter, came("t1", "A1", minute=600, card=house.ana))
    assert counter.items("t1")[0].hung_at == EVENING


@pytest.mark.parametrize(
    "deed",
    [
        came("t1"),
        Deed("k", "check_in", "t1", EVENING, wanted=[Wanted("coat", "A1")]),
        Deed("k", "check_in", "t1", EVENING, wanted=[Wanted("coat", "A1", "", 1), Wanted("coat", "A2", "", 1)]),
        Deed("k", "check_in", "t1", EVENING, code="48", wanted=[Wanted("coat", "A1", "", 1)]),
        Deed("k", "hand_back", "t1", EVENING, items=[]),
        Deed("k", "keep", "t1", EVENING, where=" "),
    ],
)
def test_what_no_device_could_have_meant_is_refused(counter, deed):
    with pytest.raises(Malformed):
        send(counter, deed)


# Everything that several devices may have done in an evening, also what contradicts itself.
TICKETS = ("t1", "t2", "t3")
minute = st.integers(0, 5)
label = st.sampled_from(["A1", "A1", "A2", "Z9"])
item = st.sampled_from([None, None, [1], [2], [1, 2], [3]])
arrivals = st.builds(
    lambda ticket, who, labels, minute, first: ("check_in", ticket, minute, who, labels, first),
    st.sampled_from(TICKETS), st.sampled_from(["card", "card", "other", "4821"]), st.lists(label, min_size=1, max_size=2), minute,
    st.sampled_from([1, 1, 1, 2]),
)  # fmt: skip
ends = st.builds(
    lambda kind, ticket, minute, items: (kind, ticket, minute, items),
    st.sampled_from(["hand_back", "hand_back", "keep", "lose"]), st.sampled_from(TICKETS), minute, item,
)  # fmt: skip
queues = st.lists(st.one_of(arrivals, arrivals, ends), min_size=2, max_size=9)


class Room:
    """A restaurant of its own, in which one order of the deeds is heard."""

    def __init__(self):
        self.id = f"r{next(serial)}"
        with database.transaction() as session:
            program = programs.create(
                session, id=self.id, name=self.id, pass_type_identifier=f"pass.example.{self.id}", team_identifier="LUNA000001"
            )
            self.room = coatcheck.rooms.add_room(session, programs.add_venue(session, program, "Luna"), "Garderobe")
            coatcheck.rooms.add_zone(session, self.room, "A", 2)
            self.cards = {name: issue_card(session, program, name).id for name in ("card", "other")}

    def hear(self, order):
        for place, said in order:
            with database.transaction() as session:
                coatcheck.replay(session, self.room, self._deed(session, place, said), TABLET)

    def _deed(self, session, place, said):
        kind, ticket, minute, *rest = said
        key = f"key {place}"
        if kind != "check_in":
            return Deed(key, kind, ticket, at(minute), items=rest[0], where=f"box {place}")
        who, labels, first = rest
        card = cards.get(session, self.id, self.cards[who]) if who in self.cards else None
        wanted = [Wanted("coat", label, f"of {place}", first + number) for number, label in enumerate(labels)]
        return Deed(key, "check_in", ticket, at(minute), card, "" if card else who, f"by {place}", wanted)

    def books(self):
        """All that people see in the end: ids of this restaurant are named by what they stand for."""
        names = {card_id: name for name, card_id in self.cards.items()}
        with database.reading() as session:
            hooks = {hook.id: hook.label for hook in session.exec(select(Hook).where(col(Hook.program_id) == self.id)).all()}
            tickets = session.exec(select(Ticket).where(col(Ticket.program_id) == self.id)).all()
            items = session.exec(select(CoatItem).where(col(CoatItem.program_id) == self.id)).all()
            conflicts = coatcheck.conflicts(session, self.room)
            deeds = session.exec(select(OfflineDeed).where(col(OfflineDeed.program_id) == self.id)).all()
            taken = session.exec(select(Hook).where(col(Hook.program_id) == self.id)).all()
            return {
                "tickets": sorted((one.id, one.state, names.get(one.card_id or "", ""), one.code, one.description, one.opened_at) for one in tickets),
                "items": sorted(
                    (
                        one.ticket_id, one.number, one.state, hooks.get(one.hook_id or ""), hooks.get(one.claim_id or ""), one.hook_label,
                        one.description, one.deed, one.hung_at, one.ended_at, one.kept_where,
                    )
                    for one in items
                ),
                "conflicts": sorted((one.key, one.code, one.number) for one in conflicts),
                "deeds": sorted(one.key for one in deeds),
                "hooks": sorted((one.label, one.taken) for one in taken),
                "shown": {name: cards.get(session, self.id, card_id).shown.get("coat") for name, card_id in self.cards.items()},
            }  # fmt: skip


def same_in_any_order(queue, chance):
    first = list(enumerate(queue))
    # Each at least once, some several times, in another order.
    again = chance.sample(first, len(first)) + chance.choices(first, k=3)
    chance.shuffle(again)
    rooms = (Room(), Room())
    for room, order in zip(rooms, (first, again), strict=True):
        room.hear(order)
    one, other = (room.books() for room in rooms)
    assert one == other
    assert one["deeds"] == sorted(f"key {place}" for place, _ in first), "no deed is dropped"


calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=calm, database=None)
@given(queue=queues, seed=st.integers(0, 2**32))
def test_any_order_of_any_queue_ends_the_same(sqlite, queue, seed):
    same_in_any_order(queue, random.Random(seed))


@settings(max_examples=15, deadline=None, suppress_health_check=calm, database=None)
@given(queue=queues, seed=st.integers(0, 2**32))
def test_any_order_of_any_queue_ends_the_same_on_postgresql(postgresql, queue, seed):
    same_in_any_order(queue, random.Random(seed))


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, suppress_health_check=calm, database=None)
@given(queue=queues, seed=st.integers(0, 2**32))
def test_any_order_of_any_queue_ends_the_same_for_a_long_time(sqlite, queue, seed):
    same_in_any_order(queue, random.Random(seed))
