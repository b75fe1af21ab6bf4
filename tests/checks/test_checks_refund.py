"""A dish goes back: the money that was paid for it, and its points in the same moment."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from tests.api.till import everything
from tests.cast import open_house
from tests.checks.room import BEER, FISH, SOUP, TIP, Room
from tests.ledger.book import balance, earn, faults, redeem
from walletpass import database
from walletpass.checks import CheckLine, Ordered
from walletpass.database import new_id
from walletpass.errors import AlreadyReversed, Conflict, Malformed, NotFound


@pytest.fixture
def room(house):
    return Room(house)


def refused(error, deed, *args, **options):
    before = everything()
    with pytest.raises(error):
        deed(*args, **options)
    assert everything() == before


def test_a_line_goes_back_for_what_was_paid_for_it_and_takes_its_points(house, room):
    room.dine("A1", SOUP, FISH, BEER)
    done = room.refund("A1", 2)
    assert (done.amount, done.money, done.points_taken, balance(house).points) == (1_400, 1_400, 140, 100)
    assert (room.get().state, room.get().refunded, room.get().reason) == ("closed", 1_400, "a test")
    assert room.summary().average == 1_000
    assert faults(house) == []


def test_several_lines_go_back_at_once_and_then_the_rest(house, room):
    room.dine("A1", SOUP, FISH, BEER)
    assert room.refund("A1", 1, 3).amount == 1_000
    assert room.refund("A1").amount == 1_400
    assert (room.get().state, balance(house).points, room.summary().visits) == ("refunded", 0, 0)


def test_a_line_goes_back_with_its_share_of_the_discount(house, room):
    room.open("A1", Ordered(1_000), Ordered(500), Ordered(500), TIP, card=house.ana)
    room.close("A1", discount=201)
    parts = [room.refund("A1", position).amount for position in (1, 2, 3, 4)]
    assert parts == [900, 450, 449, 300]
    assert sum(parts) == 2_099
    assert (balance(house).points, room.get().state, faults(house)) == (0, "refunded", [])


def test_a_tip_that_goes_back_takes_no_points(house, room):
    room.dine("A1", SOUP, TIP)
    done = room.refund("A1", 2)
    assert (done.amount, done.points_taken, balance(house).points) == (300, 0, 60)


def test_an_amount_and_then_lines_never_pay_out_more_than_was_paid(house, room):
    room.dine("A1", SOUP, FISH)
    assert room.refund("A1", amount=1_500).money == 1_500
    assert balance(house).points == 50
    assert room.refund("A1", 1).amount == 500
    assert (room.get().state, balance(house).points) == ("refunded", 0)


def test_more_than_is_left_nothing_twice_nothing_and_no_unknown_line(house, room):
    room.dine("A1", SOUP, FISH, Ordered(0, name="bread on the house"))
    for amount in (0, -1, 2_001, 2**63, True, 1.5):
        refused(Malformed, room.refund, "A1", amount=amount)
    refused(NotFound, room.refund, "A1", 4)
    refused(NotFound, room.refund, "A1", 1, 99)
    refused(Malformed, room.refund, "A1", 1, amount=600)
    refused(Malformed, room.refund, "A1", 3)
    room.refund("A1", 1)
    refused(AlreadyReversed, room.refund, "A1", 1)
    refused(AlreadyReversed, room.refund, "A1", 1, 2)
    refused(Malformed, room.refund, "A1", amount=1_401)


def test_a_check_without_a_guest_pays_money_alone(house, room):
    room.open("A1", SOUP, FISH)
    room.close("A1")
    done = room.refund("A1", 1)
    assert (done.money, done.entries, room.get().refunded) == (600, (), 600)


def test_points_that_paid_a_part_come_back_in_their_share(house, room):
    earn(house, 100_000, "A0")
    room.open("A1", FISH, Ordered(600), card=house.ana)
    redeem(house, 1_000, "A1", amount=2_000)
    room.close("A1")
    done = room.refund("A1", 1)
    assert (done.amount, done.money, done.points_back) == (1_400, 700, 700)
    rest = room.refund("A1")
    assert (rest.money + done.money, rest.points_back + done.points_back) == (1_000, 1_000)
    assert (balance(house).points, faults(house)) == (10_000, [])


def test_a_closed_check_that_is_voided_is_refunded_whole(house, room):
    room.dine("A1", SOUP, FISH)
    assert room.void("A1").money == 2_000
    assert (room.get().state, balance(house).points, room.summary().visits) == ("refunded", 0, 0)


def test_history_without_points_pays_money_alone(house, room):
    room.open("A1", SOUP, card=house.ana)
    assert room.close("A1", earns=False) is None
    assert (room.summary().visits, balance(house).points) == (1, 0)
    assert (room.refund("A1").money, room.summary().visits, balance(house).points) == (600, 0, 0)


@pytest.mark.parametrize(("given_back", "points"), [({"position": 2}, 60), ({"amount": 500}, 150), ({"amount": 2_100}, 0)])
def test_a_guest_who_is_found_after_a_part_went_back_earns_for_what_is_left(house, room, given_back, points):
    room.open("A1", SOUP, FISH, TIP)
    room.close("A1")
    room.refund("A1", given_back["position"]) if "position" in given_back else room.refund("A1", **given_back)
    assert room.attach("A1").delta == points
    left = room.get().amount - room.get().refunded
    assert (room.summary().average, room.refund("A1").amount, balance(house).points, faults(house)) == (left, left, 0, [])


def test_points_that_paid_a_check_which_never_earned_are_not_forgotten(house, room):
    earn(house, 100_000, "A0")
    room.open("A1", FISH, card=house.ana)
    redeem(house, 100, "A1", amount=1_400)
    room.close("A1", earns=False)
    refused(Conflict, room.refund, "A1")


lines = st.lists(
    st.builds(
        lambda amount, off, kind, earns, quantity: Ordered(
            amount, sku="soup", name="Soup", discount=amount * off // 100, kind=kind, earns=earns, quantity=quantity
        ),
        st.integers(0, 5_000),
        st.integers(0, 100),
        st.sampled_from(["item", "item", "item", "tip", "service"]),
        st.booleans(),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(lines=lines, off=st.integers(0, 100), steps=st.lists(st.one_of(st.integers(1, 7), st.integers(-3_000, -1)), max_size=8))
def test_parts_add_up_to_the_whole_in_any_order(sqlite, lines, off, steps):
    """A positive step gives a line back, a negative one an amount; what is left then goes at once."""
    room = Room(open_house(f"p{new_id()}"))
    room.open("A1", *lines, card=room.house.ana)
    items = sum(line.amount - line.discount for line in lines if line.kind == "item")
    total = sum(line.amount - line.discount for line in lines) - items * off // 100
    room.close("A1", discount=items * off // 100)
    earned, back = balance(room.house).points, 0
    for step in [*steps, 0]:
        before = balance(room.house).points
        try:
            done = room.refund("A1", step) if step > 0 else room.refund("A1", amount=-step) if step else room.refund("A1")
        except (AlreadyReversed, Malformed, NotFound):
            assert balance(room.house).points == before
            continue
        back += done.amount
        assert done.amount > 0
        assert balance(room.house).points == before - done.points_taken
        assert room.get().refunded == back <= total
    assert (back, balance(room.house).points if total else 0) == (total, 0)
    assert room.get().state == ("refunded" if total else "closed")
    assert faults(room.house) == []
    assert earned >= 0
    with database.reading() as session:
        rows = session.exec(select(CheckLine).where(col(CheckLine.program_id) == room.house.id))
        assert all(row.refunded == row.amount - row.discount for row in rows) == bool(total) or not total
