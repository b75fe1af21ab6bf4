"""A guest leaves a coat at the door, and gets it back."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.cast import issue_card, make_till, open_house
from tests.coatcheck.counter import CODE, NADIA, Counter
from walletpass import coatcheck, database, staff
from walletpass.coatcheck import Hand, Wanted
from walletpass.errors import AlreadyReturned, Conflict, HookTaken, Malformed, NoHookFree, NotFound


@pytest.fixture
def counter(house):
    return Counter(house)


def test_a_coat_hangs_and_the_card_says_where(counter):
    ticket = counter.check_in()
    assert (counter.labels(ticket), counter.shown(), counter.taken()) == (["A1"], "A1", {"A1": 1})


def test_a_coat_goes_home_and_the_card_says_nothing_of_it(counter):
    ticket = counter.check_in()
    counter.hand_back(ticket)
    assert (counter.states(ticket), counter.ticket(ticket).state) == (["returned"], "closed")
    assert (counter.shown(), counter.taken()) == (None, {})


def test_one_ticket_has_many_things_and_they_go_home_one_by_one(counter):
    ticket = counter.check_in("coat", "umbrella", "coat")
    assert (counter.labels(ticket), counter.shown()) == (["A1", "B1", "A2"], "A1, B1, A2")
    counter.hand_back(ticket, [2])
    assert (counter.shown(), counter.ticket(ticket).state) == ("A1, A2", "open")
    counter.hand_back(ticket)
    assert (counter.states(ticket), counter.ticket(ticket).state) == (["returned"] * 3, "closed")


def test_an_open_ticket_of_the_same_card_takes_more_things_on(counter):
    first = counter.check_in()
    assert counter.check_in("bag") == first
    assert [item.number for item in counter.items(first)] == [1, 2]


def test_the_next_evening_is_a_new_ticket(counter):
    first = counter.check_in()
    counter.hand_back(first)
    assert counter.check_in() != first


def test_a_hook_that_is_taken_is_refused_with_the_next_free_one_and_nothing_is_written(counter, house):
    counter.check_in("A2")
    with database.transaction() as session:
        bea = issue_card(session, house.program, "Bea")
    before = counter.taken()
    with pytest.raises(HookTaken) as refused:
        counter.check_in("A1", "A2", card=bea)
    assert refused.value.details == {"hook": "A2", "free": "A3"}
    assert (counter.taken(), counter.shown(bea), counter.look(bea).tickets) == (before, None, [])


def test_a_hook_that_is_none_is_said_to_be_none(counter):
    with pytest.raises(Malformed) as refused:
        counter.check_in("Z9")
    assert refused.value.details["field"] == "hook"


def test_a_full_room_says_so(counter):
    for number in range(4):
        counter.check_in(code=f"48{number}9")
    with pytest.raises(NoHookFree):
        counter.check_in(code="5827")
    assert counter.check_in("bag", code="5827")


def test_a_hook_takes_as_many_as_it_has_room_for(counter):
    ticket = counter.check_in(*["bag"] * 6)
    assert counter.taken() == {"B1": 3, "B2": 3}
    assert counter.shown() == "B1, B2"
    counter.hand_back(ticket, [2])
    assert counter.taken() == {"B1": 2, "B2": 3}


def test_a_coat_hangs_anywhere_by_name_also_where_no_coat_is_proposed(counter):
    assert counter.labels(counter.check_in("B1")) == ["B1"]


def test_the_second_scan_names_the_time_and_the_till_of_the_first(counter, house):
    till, _ = make_till(house.id)
    ticket = counter.check_in()
    counter.hand_back(ticket, hand=Hand(house.bruno.id, till.id, "till"))
    with pytest.raises(AlreadyReturned) as refused:
        counter.hand_back(ticket)
    told = refused.value.details
    assert (told["till"], told["by"], told["number"]) == ("Counter", "Bruno", 1)
    assert told["at"] == counter.steps(ticket)[-1].at.isoformat()
    look = counter.look(house.ana)
    assert look.tickets == []
    assert look.returned.till_id == till.id


def test_of_several_things_none_goes_when_one_is_gone(counter):
    ticket = counter.check_in("coat", "coat")
    counter.hand_back(ticket, [1])
    with pytest.raises(AlreadyReturned):
        counter.hand_back(ticket, [1, 2])
    assert counter.states(ticket) == ["returned", "hung"]


def test_a_number_that_is_not_on_the_ticket_is_unknown(counter):
    ticket = counter.check_in()
    with pytest.raises(NotFound):
        counter.hand_back(ticket, [2])


def test_a_guest_without_a_card_has_four_digits(counter):
    ticket = counter.check_in(code=CODE, description="red scarf")
    (seen,) = counter.look(code=CODE).tickets
    assert (seen.ticket.id, seen.ticket.description, seen.first_name) == (ticket, "red scarf", "")
    counter.hand_back(ticket)
    assert counter.look(code=CODE).returned.ticket_id == ticket
    assert counter.check_in(code=CODE) != ticket


def test_a_device_may_name_the_ticket(counter):
    assert counter.check_in(code=CODE, ticket="till-1:0042") == "till-1:0042"
    assert counter.check_in("bag", ticket="till-1:0042") == "till-1:0042"
    assert counter.labels("till-1:0042") == ["A1", "B1"]


def test_nothing_comes_on_a_ticket_of_another_guest(counter, house):
    counter.check_in(code=CODE, ticket="mine")
    with pytest.raises(Conflict):
        counter.check_in(card=house.ana, ticket="mine")
    with pytest.raises(Conflict):
        counter.check_in(code="5827", ticket="mine")
    assert len(counter.items("mine")) == 1


def test_a_price_is_paid_for_what_comes_and_a_new_one_for_what_comes_later(counter, house):
    counter.do(coatcheck.rooms.set_prices, house.program, {"coat": 200, "bag": 100})
    ticket = counter.check_in("coat", "hat")
    counter.do(coatcheck.rooms.set_prices, house.program, {"coat": 250, "bag": 0})
    counter.check_in("coat", "bag")
    assert [item.price for item in counter.items(ticket)] == [200, 0, 250, 0]


@pytest.mark.parametrize("wanted", [[], [Wanted("dog")], [Wanted("coat")] * 21, [Wanted("coat", description="x" * 200)]])
def test_what_nobody_can_leave_is_refused(counter, wanted):
    with pytest.raises(Malformed):
        counter.do(coatcheck.check_in, counter.room, coatcheck.Whose(code=CODE), wanted, NADIA)


def test_what_is_typed_is_kept_without_control_and_bidi_characters(counter):
    ticket = counter.check_in(Wanted("coat", description="black\u202e fur\x00\n"), code=CODE)
    assert counter.items(ticket)[0].description == "black fur"


def test_every_step_says_who_where_and_how(counter):
    ticket = counter.check_in()
    counter.hand_back(ticket, hand=replace(NADIA, how=coatcheck.How.NUMBER))
    steps = [(step.was, step.became, step.hook_label, step.how, step.staff_id, step.till_id) for step in counter.steps(ticket)]
    assert steps == [("", "hung", "A1", "scan", "nadia", "counter"), ("hung", "returned", "A1", "number", "nadia", "counter")]


@pytest.mark.parametrize(
    "statement", ["UPDATE coat_step SET became = 'lost'", "UPDATE coat_step SET reason = 'x'", "DELETE FROM coat_step"]
)
def test_a_step_is_for_ever(counter, statement):
    counter.check_in()
    with pytest.raises(DatabaseError, match="steps are only added to"), database.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ("UPDATE hook SET taken = 2 WHERE label = 'A1'", "taken"),
        ("UPDATE coat_item SET state = 'returned'", "one_hook"),
        ("UPDATE coat_item SET claim_id = hook_id", "one_hook"),
        ("UPDATE coat_item SET state = 'eaten'", "state"),
        (
            "INSERT INTO coat_step SELECT program_id, ticket_id, number, 2, 'lost', 'returned', hook_label, shift_id, how, reason, approved_by,"
            " staff_id, till_id, at, recorded_at FROM coat_step",
            "edge",
        ),
        (
            "INSERT INTO coat_step SELECT program_id, ticket_id, number, 2, 'hung', 'returned', hook_label, shift_id, 'override', 'he said so',"
            " '', staff_id, till_id, at, recorded_at FROM coat_step",
            "override",
        ),
    ],
)
def test_the_database_refuses_what_the_code_should_never_write(counter, broken, constraint):
    counter.check_in()
    with pytest.raises(DatabaseError, match=constraint), database.transaction() as session:
        session.execute(text(broken))


def test_another_restaurant_sees_nothing(counter, house):
    ticket = counter.check_in()
    sova = open_house("sova")
    with database.reading() as session, pytest.raises(NotFound):
        coatcheck.tickets.get(session, sova.id, ticket)
    with database.reading() as session, pytest.raises(NotFound):
        coatcheck.rooms.get(session, sova.id, counter.room.id)


def test_who_works_at_the_coats_does_nothing_else(house):
    with database.transaction() as session:
        nadia = staff.hire(session, house.id, name="Nadia", role="coats", pin="8642")
    actor = staff.Actor(house.id, "till", nadia.role, nadia.name)
    every = {deed for deeds in staff.actors.MAY.values() for deed in deeds}
    assert {deed for deed in every if actor.may(deed)} == {"coats", "coats_release"}
