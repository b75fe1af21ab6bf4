"""What a killed worker was sending is taken up at once by the next one on this machine; on both databases."""

import os
import subprocess
import sys

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from tests.delivery.fakes import Postbox
from walletpass import database, delivery
from walletpass.delivery import Outbox, State, Worker, outbox, owners

CLAIM_AND_HANG = """
import sys, time
from walletpass import database, delivery
from walletpass.delivery import owners
database.bind(sys.argv[1])
with database.transaction() as session:
    claimed = delivery.claim(session, "apple", owners.name(), 10)
print(len(claimed), flush=True)
time.sleep(600)
"""


def enqueue(*cards):
    with database.transaction() as session:
        for card in cards:
            delivery.enqueue(session, "luna", card, 2, ["apple"])


def rows():
    with database.reading() as session:
        return {row.card_id: row for row in session.exec(select(Outbox))}


def release():
    with database.transaction() as session:
        return outbox.release(session, "apple")


@pytest.fixture
def hanging(db):
    """A process that has claimed c1 and c2, and will never send them."""
    enqueue("c1", "c2")
    process = subprocess.Popen([sys.executable, "-c", CLAIM_AND_HANG, db.database_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "2\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def deliver_one_more():
    """Start a worker, and stop it when it has had something to do after its start."""
    channel = Postbox()
    loop = Worker([channel])
    with capture_logs() as logs:
        loop.start()
        enqueue("c3")
        while not {"c3"} <= {notice.card_id for notice in channel.taken}:
            assert channel.seen.wait(30)
        loop.stop()
    return logs


@pytest.mark.parametrize("reaped", [True, False])
def test_a_killed_process_s_rows_are_taken_up_at_the_next_start(hanging, reaped):
    hanging.kill()
    if reaped:
        hanging.wait(10)
    else:
        os.waitid(os.P_PID, hanging.pid, os.WEXITED | os.WNOWAIT)
    logs = deliver_one_more()
    assert {card: row.state for card, row in rows().items()} == dict.fromkeys(["c1", "c2", "c3"], State.DELIVERED)
    assert [line["rows"] for line in logs if line["event"] == "delivery.taken_up"] == [2]


def test_a_living_process_s_rows_are_left_alone(hanging):
    """The control: the same rows, the same start, and nobody was killed."""
    logs = deliver_one_more()
    assert {card: row.state for card, row in rows().items()} == {"c1": State.SENDING, "c2": State.SENDING, "c3": State.DELIVERED}
    assert "delivery.taken_up" not in [line["event"] for line in logs]


def test_a_process_with_the_number_of_the_killed_one_is_not_taken_for_it(db):
    """As when the number was given to another process meanwhile: it lives, and began later."""
    host, place, pid, start, thread = owners.name().split(":")
    enqueue("c1")
    with database.transaction() as session:
        delivery.claim(session, "apple", ":".join([host, place, pid, str(int(start) - 1), thread]), 10)
    assert release() == 1


@pytest.mark.parametrize(
    "owner",
    ["", "w1", "a:b:c:d:e", "{host}:0123456789ab:{gone}:{start}:1", "{host}:{place}:{gone}:0:1", "{host}:{place}:0:{start}:1", "{host}:{gone}", "{host}:{place}:{pid}:{start}:7"],
)  # fmt: skip
def test_a_process_that_nobody_here_can_judge_keeps_its_lease(db, owner):
    """Of another machine or container, of a version before, without a known start; and one of our own threads."""
    host, place, pid, start, _ = owners.name().split(":")
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(10)
    enqueue("c1")
    with database.transaction() as session:
        delivery.claim(session, "apple", owner.format(host=host, place=place, pid=pid, start=start, gone=process.pid), 10)
    assert release() == 0
    assert rows()["c1"].state == State.SENDING


def test_an_owner_s_name_fits(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "a-machine-with-a-very-long-name-in-a-chain-of-restaurants" * 2)
    assert len(owners.name()) <= 64
    assert not owners.is_gone(owners.name())
