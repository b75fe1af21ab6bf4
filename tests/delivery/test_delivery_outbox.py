"""The rows between a commit and a phone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import select

from tests.delivery.fakes import permanent, transient
from walletpass import database, delivery
from walletpass.database import now
from walletpass.delivery import Notice, Outbox, State, outbox
from walletpass.errors import DeliveryError


def enqueue(card="c1", version=2, *channels, program="luna"):
    with database.transaction() as session:
        delivery.enqueue(session, program, card, version, channels or ["apple"])


def enqueue_and_fail(session):
    delivery.enqueue(session, "luna", "c2", 2, ["apple"])
    raise RuntimeError("the till lost its power")


def claim(owner="w1", limit=10, channel="apple"):
    with database.transaction() as session:
        return list(delivery.claim(session, channel, owner, limit))


def settle(notice, owner="w1", failure=None):
    with database.transaction() as session:
        return delivery.settle(session, notice, owner, failure)


def rows():
    with database.reading() as session:
        return sorted(session.exec(select(Outbox)).all(), key=lambda row: row.id)


def due(channel="apple"):
    with database.reading() as session:
        return outbox.is_due(session, channel)


def in_time(**delta):
    return time_machine.travel(now() + timedelta(**delta), tick=False)


def test_a_change_waits_once_for_each_channel(db):
    enqueue("c1", 2, "apple", "google")
    assert [(row.channel, row.version, row.state, row.attempts) for row in rows()] == [
        ("apple", 2, "pending", 0),
        ("google", 2, "pending", 0),
    ]
    assert due("apple")
    assert due("google")
    assert not due("fax")


def test_a_burst_is_one_row_with_the_newest_version(db):
    for version in range(2, 12):
        enqueue("c1", version)
    (row,) = rows()
    assert (row.version, row.state) == (11, State.PENDING)


def test_the_hundredth_change_over_one_connection_is_taken_like_the_first(db):
    """A database that has seen a statement often enough plans it once for all values."""
    with database.transaction() as session:
        for version in range(2, 102):
            delivery.enqueue(session, "luna", "c1", version, ["apple"])
    (row,) = rows()
    assert row.version == 101


def test_a_row_of_a_transaction_that_failed_is_not_there(db):
    with pytest.raises(RuntimeError), database.transaction() as session:
        enqueue_and_fail(session)
    assert rows() == []


def test_the_bell_rings_after_the_commit_and_not_without_one(db, monkeypatch):
    rung = []
    monkeypatch.setattr(outbox, "ring", lambda: rung.append(len(rows())))
    enqueue()
    assert rung == [1]
    with pytest.raises(RuntimeError), database.transaction() as session:
        enqueue_and_fail(session)
    assert rung == [1]


def test_a_claimed_row_is_nobody_else_s(db):
    enqueue()
    (notice,) = claim("w1")
    assert (notice.program_id, notice.card_id, notice.version) == ("luna", "c1", 2)
    assert claim("w2") == []
    assert not due()
    (row,) = rows()
    assert (row.state, row.owner, row.attempts) == (State.SENDING, "w1", 1)
    assert timedelta(0) < row.lease_until - now() <= outbox.LEASE


def test_rows_are_claimed_oldest_first_up_to_the_batch(db):
    for number in range(5):
        enqueue(f"c{number}")
    assert [notice.card_id for notice in claim(limit=3)] == ["c0", "c1", "c2"]
    assert [notice.card_id for notice in claim(limit=3)] == ["c3", "c4"]


def test_a_delivered_row_is_done(db):
    enqueue()
    assert settle(claim()[0]) == State.DELIVERED
    (row,) = rows()
    assert (row.state, row.owner, row.lease_until, row.reason) == (State.DELIVERED, "", None, "")
    assert row.done_at is not None
    assert claim() == []


def test_a_change_during_the_sending_waits_for_its_turn(db):
    enqueue("c1", 2)
    (first,) = claim("w1")
    enqueue("c1", 3)
    enqueue("c1", 4)
    assert claim("w2") == []
    settle(first)
    with in_time(seconds=6):
        assert [notice.version for notice in claim("w2")] == [4]


def test_a_lease_that_ran_out_is_taken_up_by_anybody(db):
    enqueue()
    (first,) = claim("w1")
    with in_time(seconds=61):
        assert due()
        (again,) = claim("w2")
        assert again == first
        assert settle(first, "w1") is None
        assert settle(again, "w2") == State.DELIVERED
    (row,) = rows()
    assert row.attempts == 2


def test_a_stuck_row_and_a_newer_one_of_the_same_card_are_not_sent_side_by_side(db):
    enqueue("c1", 2)
    claim("w1")
    enqueue("c1", 3)
    with in_time(seconds=61):
        (stuck,) = claim("w2")
        assert stuck.version == 2
        assert claim("w3") == []
        settle(stuck, "w2")
        assert [notice.version for notice in claim("w3")] == [3]


def test_a_passing_failure_waits_and_comes_back(db):
    enqueue()
    (notice,) = claim()
    assert settle(notice, failure=DeliveryError("busy", permanent=False, after=30.0)) == State.PENDING
    (row,) = rows()
    assert row.reason == "busy"
    assert 30 <= (row.due_at - row.created_at).total_seconds() < 45
    assert claim() == []
    with in_time(seconds=46):
        assert len(claim()) == 1


def test_a_passing_failure_gives_way_to_a_newer_change(db):
    enqueue("c1", 2)
    (notice,) = claim()
    enqueue("c1", 3)
    assert settle(notice, failure=transient(notice)) == State.SUPERSEDED
    assert [(row.version, row.state) for row in rows()] == [(2, State.SUPERSEDED), (3, State.PENDING)]
    assert rows()[0].done_at is not None


def test_a_permanent_failure_is_dead_with_its_reason(db):
    enqueue()
    (notice,) = claim()
    assert settle(notice, failure=permanent(notice)) == State.DEAD
    (row,) = rows()
    assert (row.state, row.reason) == (State.DEAD, "the vendor does not know this card")
    assert claim() == []


def test_a_reason_of_any_length_is_kept_as_far_as_it_fits(db):
    enqueue()
    settle(claim()[0], failure=DeliveryError("x" * 5_000, permanent=True))
    assert len(rows()[0].reason) == 300


def test_a_row_is_buried_by_hand(db):
    enqueue()
    (notice,) = claim()
    with database.transaction() as session:
        delivery.bury(session, notice, "sent to a test phone")
    assert (rows()[0].state, rows()[0].reason) == (State.DEAD, "sent to a test phone")
    assert settle(notice) is None
    with database.reading() as session:
        assert delivery.count_waiting(session) == 0


def test_a_notice_that_never_was_settles_to_nothing(db):
    assert settle(Notice("nothing", "luna", "c1", 2)) is None


def test_two_restaurants_with_one_card_id_do_not_mix(db):
    enqueue("c1", 2, program="luna")
    enqueue("c1", 5, program="sova")
    assert {(notice.program_id, notice.version) for notice in claim()} == {("luna", 2), ("sova", 5)}


@pytest.mark.parametrize("attempts", [1, 2, 5, 10, 50, 5_000])
def test_the_wait_grows_and_stays_within_a_quarter_of_an_hour(attempts):
    waits = [outbox.wait(attempts, None) for _ in range(50)]
    assert min(waits) >= 0.2
    assert max(waits) <= min(900.0, 0.5 * 2 ** min(attempts, 20))
    assert outbox.wait(attempts, 5_000.0) == 5_000.0


def test_two_workers_never_get_the_same_row(db):
    for number in range(60):
        enqueue(f"c{number}")
    start, taken = threading.Barrier(4), []

    def work(owner):
        start.wait(60)
        mine = []
        while found := database.retrying(lambda: claim(owner, limit=3)):
            mine += found
        taken.append(mine)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ["w1", "w2", "w3", "w4"]))
    ids = [notice.outbox_id for mine in taken for notice in mine]
    assert len(ids) == len(set(ids)) == 60


def test_a_failure_that_meets_an_uncommitted_change_is_superseded(postgresql):
    """The newer row is there, and cannot be seen yet: the older one must not take its place in the index."""
    enqueue("c1", 2)
    (notice,) = claim()
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            delivery.enqueue(session, "luna", "c1", 3, ["apple"])
            session.flush()
            settled = pool.submit(settle, notice, "w1", transient(notice))
            wait_until_blocked(session)
        assert settled.result(60) == State.SUPERSEDED
    assert sorted((row.version, row.state) for row in rows()) == [(2, State.SUPERSEDED), (3, State.PENDING)]


def wait_until_blocked(session):
    """Until the server itself says that somebody waits for a lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NOT DISTINCT FROM database")
    for _ in range(10_000):
        if session.execute(waiting).scalar_one():
            return
    pytest.fail("nobody waited")
