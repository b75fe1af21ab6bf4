"""Pulling the plug between telling and writing down: nothing is lost, the order stays, and a receiver can tell what it heard before."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import open_house
from tests.webhooks.conftest import at_once, change, follow, row, tell, turn
from tests.webhooks.receiver import Receiver
from walletpass import database, webhooks
from walletpass.webhooks import Dispatcher, Webhook, sending

DISPATCH = """
import os, sys
from walletpass import config, database
from walletpass.config import Settings
from walletpass.webhooks import Dispatcher, sending
config.use(Settings(secret_keys=sys.argv[2], database_url=sys.argv[1]))
database.bind(sys.argv[1])
def write_down(turn):
    print(len(turn.told), flush=True)
    sys.stdin.read()
sending._write_down = write_down
loop = Dispatcher(1)
loop.start()
loop.thread.join()
"""


@pytest.fixture
def dispatcher(db, request):
    """A process that tells, and hangs before it writes down what it told."""
    house = open_house()
    return house, lambda: subprocess.Popen(
        [sys.executable, "-c", DISPATCH, db.database_url, db.secret_keys], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_dispatcher_killed_between_telling_and_writing_down_tells_again_with_the_same_ids(dispatcher, receiver):
    _house, start = dispatcher
    webhook = follow(receiver.url)
    tell(3)
    process = start()
    assert process.stdout.readline() == "3\n"
    process.kill()
    process.wait(10)
    for pipe in (process.stdin, process.stdout):
        pipe.close()
    assert receiver.numbers == [2, 3, 4]
    assert (row(webhook).reached, bool(row(webhook).owner)) == (1, True)
    tell()
    loop = Dispatcher(1)
    loop.start()
    receiver.wait_for(lambda: receiver.numbers[-1] == 5, 20)
    loop.stop()
    assert receiver.numbers == [2, 3, 4, 2, 3, 4, 5], "its lease of a minute was not waited for: the process is gone"
    assert receiver.ids[:3] == receiver.ids[3:6]
    assert row(webhook).reached == 5


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(1, 4)),
        st.tuples(st.just("turn"), st.lists(st.sampled_from([200, 204, 301, 404, 500]), max_size=4)),
        st.tuples(st.just("killed"), st.lists(st.sampled_from([200, 500]), max_size=3)),
        st.tuples(st.just("pause"), st.none()),
        st.tuples(st.just("resume"), st.none()),
        st.tuples(st.just("ping"), st.none()),
    ),
    max_size=14,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def street(request):
    request.getfixturevalue(request.param)
    open_house()
    receiver = Receiver()
    yield receiver
    receiver.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_fails_and_dies_it_hears_of_every_event_and_first_in_order(street, steps):
    street.heard.clear()
    webhook = follow(street.url)
    begun = row(webhook).reached
    for name, what in steps:
        street.answers = []
        if name == "tell":
            tell(what)
        elif name == "turn":
            street.answers = list(what)
            at_once(webhook)
            turn(webhook)
        elif name == "killed":
            street.answers = list(what)
            at_once(webhook)
            killed_turn(webhook)
        else:
            change(webhook, getattr(webhooks, name))
        check_order(street, begun)
    street.answers = []
    change(webhook, webhooks.resume)
    turn(webhook)
    while turn(webhook):
        pass
    with database.reading() as session:
        assert webhooks.behind(session, session.get_one(Webhook, ("luna", webhook.id))) == 0
        last = row(webhook).reached
    assert first_heard(street) == list(range(begun + 1, last + 1))
    with database.transaction() as session:
        session.get_one(Webhook, ("luna", webhook.id)).state = "off"


def killed_turn(webhook):
    """It tells, and is gone before a word of it is written down."""
    plain = sending._write_down
    sending._write_down = lambda _turn: None
    try:
        turn(webhook, owner="killed")
    finally:
        sending._write_down = plain
    with database.transaction() as session:
        found = session.get_one(Webhook, ("luna", webhook.id))
        found.owner, found.lease_until = "", None


def first_heard(receiver):
    return list(dict.fromkeys(number for number in receiver.numbers if number))


def check_order(receiver, begun):
    """Of those heard so far, each one's first time was in the order of the feed, and nothing was left out."""
    heard = first_heard(receiver)
    assert heard == list(range(begun + 1, begun + 1 + len(heard)))


def test_a_property_test_that_never_fails_would_be_none(street, monkeypatch):
    """The negative control: who writes down what was not taken loses it, and the test above sees that."""
    plain = sending._follow

    def careless(turn_, line, keys, stopping):
        plain(turn_, line, keys, stopping)
        turn_.reached, turn_.failed = turn_.webhook.reached + 3, None

    monkeypatch.setattr(sending, "_follow", careless)
    webhook = follow(street.url)
    begun = row(webhook).reached
    tell(3)
    street.answers = [200, 500]
    turn(webhook)
    tell(1)
    turn(webhook)
    with pytest.raises(AssertionError):
        assert first_heard(street) == list(range(begun + 1, row(webhook).reached + 1))
