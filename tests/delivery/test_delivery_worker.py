"""The loop that empties the outbox, with channels to nowhere."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

from tests.delivery.fakes import Postbox, permanent, transient
from walletpass import database, delivery
from walletpass.database import now
from walletpass.delivery import Outbox, State, Worker, outbox, worker


def enqueue(*cards, version=2, channel="apple"):
    with database.transaction() as session:
        for card in cards:
            delivery.enqueue(session, "luna", card, version, [channel])


def states():
    with database.reading() as session:
        return {row.card_id: row.state for row in session.exec(select(Outbox))}


def row(card):
    with database.reading() as session:
        return next(found for found in session.exec(select(Outbox)) if found.card_id == card)


def later(**delta):
    return time_machine.travel(now() + timedelta(**delta), tick=False)


def work(channel):
    with capture_logs():
        return Worker([channel]).round(channel)


def test_with_nothing_to_do_the_channel_is_not_called(db):
    channel = Postbox()
    assert work(channel) is False
    assert channel.taken == []


def test_a_round_delivers_one_batch(db):
    enqueue("c1", "c2", "c3")
    channel = Postbox(batch=2)
    assert work(channel) is True
    assert [notice.card_id for notice in channel.taken] == ["c1", "c2"]
    assert work(channel) is True
    assert work(channel) is False
    assert states() == dict.fromkeys(["c1", "c2", "c3"], State.DELIVERED)


def test_a_worker_takes_only_what_is_its_channel_s(db):
    enqueue("c1", channel="google")
    assert work(Postbox(name="apple")) is False
    assert work(Postbox(name="google")) is True


def test_a_passing_failure_is_tried_again_later(db):
    enqueue("c1")
    answers = iter([transient(None), None])
    channel = Postbox(lambda notice: next(answers))
    work(channel)
    assert (row("c1").state, row("c1").reason) == (State.PENDING, "the vendor is busy")
    with later(minutes=16):
        assert work(channel) is True
    assert (row("c1").state, row("c1").attempts) == (State.DELIVERED, 2)


def test_a_permanent_failure_is_dead_and_the_rest_of_the_batch_flows(db):
    enqueue("c1", "c2", "c3")
    work(Postbox(lambda notice: permanent(notice) if notice.card_id == "c2" else None))
    assert states() == {"c1": State.DELIVERED, "c2": State.DEAD, "c3": State.DELIVERED}


def test_a_notice_that_the_channel_forgot_is_tried_again(db):
    enqueue("c1", "c2")
    channel = Postbox(lambda notice: "forgotten" if notice.card_id == "c1" else None)
    work(channel)
    assert (row("c1").state, row("c1").reason) == (State.PENDING, "the channel gave no answer")
    assert row("c2").state == State.DELIVERED


def test_a_database_that_goes_away_leaves_the_rows_to_their_lease(db):
    def lose_it(notice):
        if notice.card_id == "c2":
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    enqueue("c1", "c2", "c3")
    with pytest.raises(OperationalError):
        work(Postbox(lose_it))
    assert states() == {"c1": State.DELIVERED, "c2": State.SENDING, "c3": State.SENDING}
    healthy = Postbox()
    assert work(healthy) is False
    with later(seconds=61):
        assert work(healthy) is True
    assert states() == dict.fromkeys(["c1", "c2", "c3"], State.DELIVERED)


def test_the_loop_goes_on_after_a_fault(db, monkeypatch):
    monkeypatch.setattr(worker, "REST_AFTER_FAULT", 0.01)
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.01)
    enqueue("c1")
    broken = []

    def break_once(notice):
        if not broken:
            broken.append(notice)
            enqueue("c2")
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    channel = Postbox(break_once)
    loop = Worker([channel])
    with capture_logs() as logs:
        loop.start()
        assert channel.seen.wait(30)
        loop.stop()
    assert states() == {"c1": State.SENDING, "c2": State.DELIVERED}
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["delivery.fault"]
    assert channel.closed


def test_the_bell_wakes_a_sleeping_worker(db, monkeypatch):
    monkeypatch.setattr(worker, "LOOK_EVERY", 60)
    channel = Postbox()
    loop = Worker([channel])
    with capture_logs():
        loop.start()
        for number in range(50):
            enqueue(f"c{number}")
            if channel.seen.wait(0.2):
                break
        loop.stopping.set()
        while any(thread.is_alive() for thread in loop.threads):
            outbox.ring()
    assert channel.taken


def test_a_slow_channel_does_not_hold_up_the_other(db):
    let_go, enqueued = threading.Event(), ("c1",)
    slow = Postbox(lambda notice: let_go.wait(30) and None, name="apple")
    quick = Postbox(name="google")
    enqueue(*enqueued, channel="apple")
    enqueue(*enqueued, channel="google")
    loop = Worker([slow, quick])
    with capture_logs():
        loop.start()
        assert quick.seen.wait(30)
        assert not slow.seen.is_set()
        let_go.set()
        assert slow.seen.wait(30)
        loop.stop()
    with database.reading() as session:
        assert {found.state for found in session.exec(select(Outbox))} == {State.DELIVERED}


def test_a_newer_change_is_sent_after_the_older_one_is_settled(db):
    enqueue("c1", version=2)

    def change_meanwhile(notice):
        if notice.version == 2:
            enqueue("c1", version=3)

    channel = Postbox(change_meanwhile)
    work(channel)
    with later(seconds=6):
        work(channel)
        assert [notice.version for notice in channel.taken] == [2, 3]
        assert work(channel) is False
