"""A notice that a channel breaks on ends as a dead letter, and nobody waits behind it; on both databases."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from structlog.testing import capture_logs

from tests.delivery.fakes import Postbox
from walletpass import database, delivery
from walletpass.database import now
from walletpass.delivery import Outbox, Outcome, State, Worker
from walletpass.delivery import worker as loop

CARDS = [f"c{number}" for number in range(8)]


class Whole(Postbox):
    """Answers for the whole batch at once, as Apple's channel does."""

    def deliver(self, notices):
        return [Outcome(outcome.notice, outcome.failure) for outcome in super().deliver(notices)]


class PoisonError(Exception):
    pass


def break_on(*cards):
    def answer(notice):
        if notice.card_id in cards:
            raise PoisonError(f"Ana, +49 151 23456789, {notice.card_id}")

    return answer


def enqueue(*cards):
    with database.transaction() as session:
        for card in cards:
            delivery.enqueue(session, "luna", card, 2, ["apple"])


def rows():
    with database.reading() as session:
        return {row.card_id: row for row in session.exec(select(Outbox))}


def work(channel):
    with capture_logs():
        return Worker([channel]).round(channel)


@pytest.mark.parametrize("kind", [Postbox, Whole])
@pytest.mark.parametrize("poison", ["c0", "c4", "c7"])
def test_one_poisonous_notice_does_not_hold_up_its_batch(db, kind, poison):
    enqueue(*CARDS)
    assert work(kind(break_on(poison))) is True
    assert {card: row.state for card, row in rows().items()} == {
        card: State.PENDING if card == poison else State.DELIVERED for card in CARDS
    }
    assert rows()[poison].reason == "a fault of walletpass, PoisonError; see the log"


def test_without_the_one_by_one_the_batch_waits_with_it(db, monkeypatch):
    """The control: with no time for notices one by one, those behind the poison stay."""
    monkeypatch.setattr(loop, "ONE_BY_ONE", -1.0)
    enqueue(*CARDS)
    work(Whole(break_on("c4")))
    assert {row.state for row in rows().values()} == {State.PENDING}
    assert rows()["c0"].reason == "no time was left"


def test_a_notice_that_always_breaks_the_channel_ends_as_a_dead_letter(db):
    enqueue("c1")
    channel, start, tries = Postbox(break_on("c1")), now(), 0
    while rows()["c1"].state == State.PENDING:
        with time_machine.travel(rows()["c1"].due_at + timedelta(milliseconds=1), tick=False):
            assert work(channel) is True
        tries += 1
        assert tries <= loop.MOST_FAULTS
    (row,) = rows().values()
    assert (row.state, tries) == (State.DEAD, loop.MOST_FAULTS)
    assert row.reason == "a fault of walletpass, PoisonError; see the log"
    assert row.done_at - start < timedelta(hours=4)
    with database.reading() as session:
        assert [letter.card_id for letter in delivery.dead(session, "luna")] == ["c1"]


def test_a_channel_that_is_mended_meanwhile_delivers_what_it_broke_on(db):
    enqueue(*CARDS)
    work(Whole(break_on(*CARDS)))
    assert {row.state for row in rows().values()} == {State.PENDING}
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        work(Postbox())
    assert {row.state for row in rows().values()} == {State.DELIVERED}


def test_an_answer_that_comes_twice_counts_once(db):
    class Twice(Postbox):
        def deliver(self, notices):
            for outcome in super().deliver(notices):
                yield outcome
                yield outcome

    enqueue("c1", "c2")
    work(Twice())
    assert {row.state for row in rows().values()} == {State.DELIVERED}
