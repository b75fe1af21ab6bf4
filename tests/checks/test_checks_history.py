"""The stream of paid checks that other rules are tried on."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import issue_card, open_house
from tests.ledger.book import earn, redeem, undo
from walletpass import checks, database
from walletpass.checks import Check, CheckLine, stream
from walletpass.database import now
from walletpass.ledger import Bill, Line

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def add(*rows):
    with database.transaction() as session:
        for row in rows:
            session.add(row)
            session.flush()


def check(id, card, amount=5_000, at=NOON, **more):
    return Check(**{"program_id": "luna", "id": id, "card_id": card.id if card else "", "amount": amount, "state": "closed", "opened_at": at, "closed_at": at, **more})  # fmt: skip


def line(check_id, position, amount, **more):
    return CheckLine(program_id="luna", check_id=check_id, position=position, amount=amount, **more)


def past(since=NOON - timedelta(days=30), value=1, categories=()):
    with database.reading() as session:
        return list(checks.past(session, "luna", since, value, categories))


def test_only_paid_checks_of_guests_come_card_by_card_in_time(house, monkeypatch):
    monkeypatch.setattr(stream, "BATCH", 2)
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    first, second = sorted((house.ana, friend), key=lambda card: card.id)
    later = NOON + timedelta(hours=3)
    add(
        check("A3", second, at=NOON), check("A2", first, at=later), check("A1", first), check("A0", second, at=later),
        check("N1", None), check("O1", first, state="open", closed_at=None), check("V1", first, state="voided"),
        check("T1", first, state="taken_back"), check("OLD", first, at=NOON - timedelta(days=31)), check("R1", first, refunded=5_000),
    )  # fmt: skip
    assert [(one.card_id, one.bill.check_id) for one in past()] == [
        (first.id, "A1"), (first.id, "A2"), (second.id, "A3"), (second.id, "A0"),
    ]  # fmt: skip
    with database.reading() as session:
        assert checks.without_guest(session, "luna", NOON - timedelta(days=30)) == (1, 5_000)
        assert checks.without_guest(session, "sova", NOON - timedelta(days=30)) == (0, 0)


def test_a_typed_amount_is_one_line_and_what_was_refunded_is_off_it(house):
    add(check("A1", house.ana, 5_000), check("A2", house.ana, 5_000, refunded=1_000, gift_card=300))
    assert [one.bill for one in past()] == [Bill("A1", (Line(5_000),)), Bill("A2", (Line(4_000),), 0, 300)]


def test_lines_that_the_same_rules_see_come_as_one(house):
    add(
        check("A1", house.ana, 4_700, discount=100),
        line("A1", 1, 1_000, category="pizza", quantity=2, tax=70), line("A1", 2, 2_000, category="soup", discount=200, tax=140),
        line("A1", 3, 1_500, category="wine"), line("A1", 4, 500, kind="tip", earns=False), line("A1", 5, 900, category="wine", refunded=900),
    )  # fmt: skip
    (everything,) = past()
    assert set(everything.bill.lines) == {Line(4_500, 200, quantity=4, tax=210), Line(500, kind="tip", earns=False)}
    (by_category,) = past(categories=["wine"])
    assert Line(1_500, category="wine") in by_category.bill.lines
    assert by_category.bill.amount == everything.bill.amount == 4_700


@pytest.mark.parametrize("value", [1, 3])
def test_what_points_paid_is_known_and_what_came_back_is_not_paid(house, value):
    earn(house, 100_000, "X")
    redeem(house, 400, "A1")
    undo(house, redeem(house, 300, "A2"))
    add(check("A1", house.ana), check("A2", house.ana))
    assert {one.bill.check_id: one.paid for one in past(value=value)} == {"A1": 400 * value, "A2": 0}


def test_another_restaurant_s_checks_are_not_read(house):
    sova = open_house("sova")
    add(
        check("A1", sova.ana, program_id="sova"),
        check("A1", house.ana, 700),
        CheckLine(program_id="sova", check_id="A1", position=1, amount=5_000),
    )
    assert [one.bill.amount for one in past(since=now() - timedelta(days=3650))] == [700]
