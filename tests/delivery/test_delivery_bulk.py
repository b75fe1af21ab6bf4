"""Tills before campaigns, for every wallet; on both databases."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from walletpass import database, delivery
from walletpass.database import now
from walletpass.delivery import Outbox, State
from walletpass.errors import DeliveryError, Postponed

BUSY = DeliveryError("the vendor is busy", permanent=False)


def enqueue(*cards, bulk=False, version=2):
    with database.transaction() as session:
        for card in cards:
            delivery.enqueue(session, "luna", card, version, ["apple"], bulk=bulk)


def claim(limit=10, **how):
    with database.transaction() as session:
        return list(delivery.claim(session, "apple", "w1", limit, **how))


def settle(notice, failure=None):
    with database.transaction() as session:
        return delivery.settle(session, notice, "w1", failure)


def row(card, state=State.PENDING):
    with database.reading() as session:
        (found,) = [one for one in session.exec(select(Outbox)) if (one.card_id, one.state) == (card, state)]
        return found


def test_what_is_shown_at_a_till_leaves_before_a_campaign_that_waits(db):
    enqueue("c1", "c2", "c3", bulk=True)
    enqueue("till")
    assert [(notice.card_id, notice.bulk) for notice in claim(2)] == [("till", False), ("c1", True)]


def test_a_campaign_s_row_that_a_till_changes_becomes_urgent(db):
    enqueue("c1", "c2", bulk=True)
    enqueue("c2", version=3)
    assert [(notice.card_id, notice.version) for notice in claim(1)] == [("c2", 3)]


def test_a_till_s_row_that_a_campaign_changes_stays_urgent(db):
    enqueue("c1", bulk=True)
    enqueue("c2")
    enqueue("c2", bulk=True, version=3)
    assert [(notice.card_id, notice.version) for notice in claim(1)] == [("c2", 3)]


def test_a_till_s_change_that_failed_is_as_urgent_in_the_campaign_s_row(db):
    enqueue("c1")
    (notice,) = claim()
    enqueue("c1", bulk=True, version=3)
    assert settle(notice, BUSY) == State.SUPERSEDED
    assert not row("c1").bulk


def test_a_campaign_s_change_that_failed_hurries_nobody(db):
    enqueue("c1", bulk=True)
    (notice,) = claim()
    enqueue("c1", bulk=True, version=3)
    settle(notice, BUSY)
    assert row("c1").bulk


def test_a_campaign_has_its_turn_while_tills_are_busy(db):
    enqueue("c1", bulk=True)
    enqueue("t1", "t2")
    assert [notice.card_id for notice in claim(2, bulk_first=True)] == ["c1"]
    assert [notice.card_id for notice in claim(2, bulk_first=True)] == ["t1", "t2"]


def test_what_was_not_tried_keeps_its_place_and_its_tries(db):
    enqueue("c1")
    due = row("c1").due_at
    (notice,) = claim()
    assert settle(notice, Postponed("others have the next turns")) == State.PENDING
    assert (row("c1").attempts, row("c1").due_at) == (0, due)
    (notice,) = claim()
    settle(notice, Postponed("the vendor is away", after=30))
    assert claim() == []
    with time_machine.travel(now() + timedelta(seconds=31), tick=False):
        assert len(claim()) == 1


@pytest.mark.parametrize("days", [0, 3])
def test_what_was_never_tried_is_not_given_up(db, days):
    enqueue("c1")
    with time_machine.travel(now() + timedelta(days=days), tick=False):
        (notice,) = claim()
        assert settle(notice, Postponed("the vendor is away")) == State.PENDING
