"""From the first line to the payment, and every turn that a check does not take."""

from datetime import timedelta

import pytest
import time_machine

from tests.api.till import everything
from tests.cast import issue_card, open_house
from tests.checks.room import BEER, FISH, SOUP, TILL, TIP, Room
from tests.ledger.book import balance, earn, faults, hold, redeem, undo
from walletpass import cards, checks, database
from walletpass.checks import MOST_LINES, Ordered
from walletpass.database import now
from walletpass.errors import AlreadyReversed, Conflict, Malformed, NotAllowed, NotFound


@pytest.fixture
def room(house):
    return Room(house)


@pytest.fixture
def friend(house):
    with database.transaction() as session:
        return issue_card(session, house.program, "Friend")


def refused(error, deed, *args, **options):
    """Nothing of it is written; the error."""
    before = everything()
    with pytest.raises(error) as caught:
        deed(*args, **options)
    assert caught.type is error
    assert caught.value.message.endswith(".")
    assert everything() == before
    return caught.value


def test_a_guest_who_is_attached_earns_when_the_check_is_paid(house, room):
    room.open("A1", SOUP, FISH)
    assert room.get().amount == 2_000
    room.attach("A1")
    entry = room.close("A1")
    assert (entry.delta, entry.check_id, room.get().state) == (200, "A1", "closed")
    assert (balance(house).points, faults(house)) == (200, [])


def test_a_guest_may_be_attached_before_the_first_line_and_lines_may_come_after_the_bill(house, room):
    room.open("A1", card=house.ana)
    room.add("A1", SOUP)
    room.bill("A1")
    first = room.get().billed_at
    assert room.add("A1", BEER, TIP) == [2, 3]
    room.bill("A1")
    assert room.get().billed_at == first, "the first bill counts"
    assert room.close("A1", discount=100).delta == 90
    assert room.get().amount == 1_200


def test_another_guest_may_take_the_place_of_the_first_while_it_is_open(house, room, friend):
    room.open("A1", SOUP, card=house.ana)
    room.attach("A1", friend)
    assert room.get().attached_by == "bruno"
    room.close("A1")
    assert (balance(house).points, balance(house, friend).points) == (0, 60)


def test_attached_again_the_moment_stays_the_first(house, room):
    room.open("A1", SOUP, card=house.ana)
    first = room.get().attached_at
    room.attach("A1")
    assert room.get().attached_at == first


def test_detached_nobody_earns(house, room):
    room.open("A1", SOUP, card=house.ana)
    room.detach("A1")
    assert room.close("A1") is None
    assert (balance(house).points, room.summary().visits) == (0, 0)


def test_the_same_id_twice_is_refused_with_what_stands(room):
    room.open("A1", SOUP)
    error = refused(Conflict, room.open, "A1")
    assert (error.details["check"]["id"], error.details["check"]["state"], error.details["check"]["amount"]) == ("A1", "open", 600)


def test_the_same_id_in_another_restaurant_is_another_check(house, room):
    sova = Room(open_house("sova"))
    room.open("A1", SOUP)
    refused(NotFound, sova.add, "A1", SOUP)
    refused(NotFound, sova.close, "A1")
    refused(NotFound, sova.refund, "A1")
    sova.open("A1", FISH)
    assert (room.get().amount, sova.get().amount) == (600, 1_400)


def test_a_card_of_another_restaurant_or_one_that_is_void_is_attached_to_nothing(house, room):
    room.open("A1", SOUP)
    refused(Conflict, room.attach, "A1", open_house("sova").ana)
    with database.transaction() as session:
        cards.void(session, cards.get(session, house.id, house.ana.id))
        gone = cards.get(session, house.id, house.ana.id)
    refused(Conflict, room.attach, "A1", gone)


def test_a_check_that_nobody_opened_is_not_found(room):
    for deed in (room.add, room.attach, room.detach, room.bill, room.close, room.refund, room.void):
        refused(NotFound, deed, "Z9", *([SOUP] if deed == room.add else []))


@pytest.mark.parametrize("state", ["closed", "refunded", "voided", "taken_back"])
def test_what_is_over_takes_no_line_no_bill_and_no_second_payment(house, room, state):
    room.open("A1", SOUP, card=house.ana)
    if state == "voided":
        room.void("A1")
    else:
        entry = room.close("A1")
    if state == "refunded":
        room.refund("A1")
    if state == "taken_back":
        undo(house, entry)
        with database.transaction() as session:
            checks.take_back(session, house.id, "A1")
    assert room.get().state == state
    for deed in (room.add, room.detach, room.bill, room.close):
        error = refused(Conflict, deed, "A1", *([BEER] if deed == room.add else []))
        assert error.details["state"] == state
    if state in ("closed", "refunded", "voided"):
        refused(Conflict, room.attach, "A1")


def test_an_open_check_is_not_refunded_and_what_is_gone_not_again(house, room):
    room.open("A1", SOUP, card=house.ana)
    refused(Conflict, room.refund, "A1")
    room.close("A1")
    room.refund("A1")
    refused(AlreadyReversed, room.refund, "A1")
    refused(AlreadyReversed, room.void, "A1")
    room.open("A2", SOUP)
    room.void("A2")
    refused(Conflict, room.refund, "A2")
    refused(Conflict, room.void, "A2")


def test_an_empty_check_is_not_paid_but_voided(room):
    room.open("A1")
    refused(Conflict, room.close, "A1")
    room.void("A1")
    assert (room.get().state, room.get().reason, room.get().ended_by) == ("voided", "a test", "bruno")


def test_a_check_without_lines_is_paid_by_its_amount(house, room):
    room.open("A1", card=house.ana)
    for amount in (0, -5, house.program.max_amount + 1):
        refused(Malformed, room.close, "A1", amount=amount)
    refused(Malformed, room.close, "A1", amount=100, gift_card=101)
    refused(Malformed, room.close, "A1", amount=100, discount=10)
    assert room.close("A1", amount=2_450).delta == 245


def test_an_amount_that_is_not_what_the_lines_add_up_to_is_refused(room):
    room.open("A1", SOUP, FISH)
    assert refused(Malformed, room.close, "A1", amount=2_000, discount=100).details["amount"] == 1_900
    room.close("A1", amount=1_900, discount=100)


@pytest.mark.parametrize(
    "line",
    [
        Ordered(-1), Ordered(1.5), Ordered(True), Ordered(2**63), Ordered(100, discount=101), Ordered(100, discount=-1), Ordered(100, tax=101),
        Ordered(100, quantity=0), Ordered(100, quantity=-1), Ordered(100, quantity=1.0), Ordered(100, quantity=10_001), Ordered(100, kind="bribe"),
    ],
    ids=lambda line: f"{line.amount}-{line.discount}-{line.tax}-{line.quantity}-{line.kind}",
)  # fmt: skip
def test_lines_that_cannot_be_are_refused(room, line):
    room.open("A1", SOUP)
    refused(Malformed, room.add, "A1", BEER, line)


def test_500_lines_and_no_more(room):
    room.open("A1", *[Ordered(1)] * (MOST_LINES - 1))
    refused(Malformed, room.add, "A1", BEER, BEER)
    refused(Malformed, room.add, "A1")
    room.add("A1", Ordered(1))
    refused(Malformed, room.add, "A1", Ordered(1))
    assert room.get().amount == MOST_LINES


def test_a_check_above_the_restaurants_limit_is_refused_line_by_line(house, room):
    room.open("A1", Ordered(house.program.max_amount))
    refused(Malformed, room.add, "A1", Ordered(1))
    room.add("A1", Ordered(0, name="on the house"))


def test_a_discount_above_the_items_or_gift_cards_above_the_rest_are_refused(room):
    room.open("A1", SOUP, TIP)
    refused(Malformed, room.close, "A1", discount=601)
    refused(Malformed, room.close, "A1", discount=-1)
    refused(Malformed, room.close, "A1", discount=100, gift_card=801)
    room.close("A1", discount=600, gift_card=300)
    assert room.get().amount == 300


def test_a_check_that_costs_nothing_is_a_visit_without_points(house, room):
    room.open("A1", SOUP, card=house.ana)
    assert room.close("A1", discount=600) is None
    assert (room.summary().visits, room.summary().average) == (1, 0)
    refused(Malformed, room.refund, "A1")
    room.void("A1")
    assert room.summary().visits == 0


def test_lines_are_taken_off_or_replaced_while_it_is_open(room):
    room.open("A1", SOUP, FISH)
    with database.transaction() as session:
        checks.take_off(session, room.house.program, "A1", 1)
    assert room.get().amount == 1_400
    refused(NotFound, room.do, checks.take_off, "A1", 1)
    assert room.add("A1", BEER) == [3]
    assert room.add("A1", SOUP, BEER, instead=True) == [1, 2]
    assert room.get().amount == 1_000


# --- a guest who is known too late ----------------------------------------------------------------


def test_a_check_that_was_paid_without_a_guest_earns_when_its_guest_is_found(house, room):
    room.open("A1", SOUP)
    room.close("A1")
    entry = room.attach("A1")
    assert (entry.delta, entry.event_at) == (60, room.get().closed_at)
    assert (room.summary().visits, faults(house)) == (1, [])
    refused(Conflict, room.attach, "A1")


def test_after_some_minutes_only_a_manager_attaches_the_guest(house, room):
    room.open("A1", SOUP)
    room.close("A1")
    with time_machine.travel(now() + timedelta(minutes=house.program.undo_minutes, seconds=1), tick=False):
        refused(NotAllowed, room.attach, "A1")
        assert room.attach("A1", anytime=True).delta == 60


def test_a_check_whose_points_were_taken_back_earns_for_the_right_guest(house, room, friend):
    entry = room.dine("A1", SOUP)
    undo(house, entry)
    with database.transaction() as session:
        checks.take_back(session, house.id, "A1")
    assert room.attach("A1", friend).delta == 60
    assert (room.summary().visits, room.summary(friend).visits, room.get().state) == (0, 1, "closed")
    assert (balance(house).points, faults(house)) == (0, [])


# --- points that pay ------------------------------------------------------------------------------


def test_promised_points_keep_a_check_from_being_paid_with_a_guest_or_without(house, room):
    earn(house, 100_000, "A0")
    room.open("A1", FISH)
    held = hold(house, 100, "A1")
    refused(Conflict, room.close, "A1")
    room.attach("A1")
    refused(Conflict, room.close, "A1")
    room.void("A1")
    assert (balance(house).held, balance(house).points) == (0, 10_000)
    assert held.points == 100


def test_whose_points_paid_a_part_is_the_guest_of_the_check(house, room):
    earn(house, 100_000, "A0")
    room.open("A1", FISH)
    redeem(house, 400, "A1", amount=1_400)
    assert room.close("A1").delta == 100
    assert room.get().card_id == house.ana.id


def test_points_that_paid_a_part_come_back_when_the_check_is_voided(house, room):
    earn(house, 100_000, "A0")
    room.open("A1", FISH)
    redeem(house, 400, "A1", amount=1_400)
    assert room.void("A1").points_back == 400
    assert (balance(house).points, faults(house)) == (10_000, [])


# --- tills that know no open checks ---------------------------------------------------------------


def test_a_check_that_was_opened_is_closed_by_an_amount_that_is_typed(house, room):
    room.menu(soup="Borscht")
    room.open("A1", SOUP)
    earn(house, 900, "A1")
    with database.transaction() as session:
        checks.record(session, house.ana, "A1", 900, house.venue.id, now())
    assert (room.get().state, room.get().amount, room.summary().visits) == ("closed", 900, 1)
    assert room.summary().favourites.dishes == ("Borscht",)
    refused(Conflict, room.close, "A1")
    assert (room.refund("A1", 1).amount, room.refund("A1").amount) == (600, 300)
    assert (balance(house).points, faults(house)) == (0, [])


def test_less_than_the_lines_say_is_a_discount(house, room):
    room.open("A1", SOUP, FISH)
    earn(house, 1_500, "A1")
    with database.transaction() as session:
        checks.record(session, house.ana, "A1", 1_500, house.venue.id, now())
    assert room.refund("A1", 2).amount == 1_400
    assert room.refund("A1", 1).amount == 100
    assert (balance(house).points, room.get().state, faults(house)) == (0, "refunded", [])


def test_a_check_that_was_voided_is_not_recorded(house, room):
    room.open("A1", SOUP)
    room.void("A1")
    with pytest.raises(Conflict), database.transaction() as session:
        checks.record(session, house.ana, "A1", 900, house.venue.id, now())


def test_a_till_says_who_did_it(room):
    room.open("A1", SOUP, waiter="Olena", place="Table 7")
    room.close("A1")
    assert (room.get().closed_by, room.get().waiter, room.get().place) == (TILL.staff_id, "Olena", "Table 7")
