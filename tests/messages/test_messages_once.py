"""Two processes send a message once; a killed one loses none."""

import subprocess
import sys
import threading
from datetime import timedelta

import time_machine
from sqlmodel import select

from tests.messages.post_office import Drawer, carry, post, row
from walletpass import config, database
from walletpass.database import now
from walletpass.errors import DeliveryError
from walletpass.messages import Message, Sender, State, Way, box, sender

COUNT = 60
SEND_AND_DIE = """
import os, sys
from walletpass import config, database
from walletpass.config import Settings
from walletpass.messages import Sender, Way
config.use(Settings(secret_keys=sys.argv[2], database_url=sys.argv[1]))
database.bind(sys.argv[1])

class Dies:
    way = Way.SMS
    def send(self, letter):
        print(letter.text, flush=True)
        os.kill(os.getpid(), 9)

Sender(Way.SMS, Dies()).once()
"""


def many_senders(drawer, count):
    """So many processes' worth of senders, until everything is sent."""
    threads = [threading.Thread(target=Sender(Way.SMS, drawer).round) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_six_senders_send_sixty_messages_once_each(house):
    database.bind(config.current().database_url, pool_size=12)
    for number in range(COUNT):
        post(house.program, str(number))
    drawer = Drawer()
    many_senders(drawer, 6)
    assert sorted(int(letter.text) for letter in drawer.letters) == list(range(COUNT))
    with database.reading() as session:
        assert set(session.exec(select(Message.state))) == {State.SENT}


def test_senders_that_do_not_lease_send_more_than_once(house, monkeypatch):
    """The control: with a claim that marks nothing, each of them sends it."""
    database.bind(config.current().database_url, pool_size=12)
    post(house.program, "0")
    together = threading.Barrier(6, timeout=20)

    def look(session, channel, owner, limit):
        return session.exec(select(Message).where(box._due(channel, now()))).all()

    monkeypatch.setattr(sender.box, "claim", look)
    drawer = Drawer(lambda letter: together.wait() and None)
    many = [threading.Thread(target=Sender(Way.SMS, drawer).once) for _ in range(6)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join(60)
    assert len(drawer.letters) == 6


def test_a_sender_that_is_killed_after_the_yes_sends_it_again_and_not_never(house):
    settings = config.current()
    post(house.program, "are you there?")
    command = [sys.executable, "-c", SEND_AND_DIE, settings.database_url, settings.secret_keys]
    died = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (died.stdout, died.returncode) == ("are you there?\n", -9), died.stderr
    assert row().state == State.SENDING
    drawer = Drawer()
    carry(drawer)
    assert drawer.letters == []
    with time_machine.travel(now() + timedelta(seconds=61)):
        carry(drawer)
    assert [letter.text for letter in drawer.letters] == ["are you there?"]
    assert (row().state, row().attempts) == (State.SENT, 2)


def test_who_lost_the_lease_does_not_overwrite_what_another_wrote(house):
    with time_machine.travel(now(), tick=False) as clock:
        post(house.program)
        slow, quick = Sender(Way.SMS, Drawer()), Drawer()
        with database.transaction() as session:
            [claimed] = box.claim(session, Way.SMS, slow.owner, 10)
        clock.shift(timedelta(seconds=61))
        carry(quick)
        assert row().state == State.SENT
        slow._settle(claimed, DeliveryError("too slow", permanent=False))
        assert (row().state, row().reason) == (State.SENT, "")


def test_a_sender_that_is_stopped_gives_back_what_it_has_not_tried(house):
    for number in range(5):
        post(house.program, str(number))
    drawer = Drawer()
    one = Sender(Way.SMS, drawer)

    def stop(letter):
        one.stopping.set()

    drawer.answer = stop
    one.once()
    assert len(drawer.letters) == 1
    with database.reading() as session:
        rows = session.exec(select(Message).order_by(Message.id)).all()
    assert sorted((message.state, message.attempts) for message in rows) == [(State.PENDING, 0)] * 4 + [(State.SENT, 1)]


def test_a_started_sender_carries_what_is_posted(luna):
    drawer = Drawer()
    running = Sender(Way.SMS, drawer)
    running.start()
    post(luna.program)
    end = threading.Event()
    for _ in range(100):
        if drawer.letters:
            break
        end.wait(0.05)
    running.stop()
    assert len(drawer.letters) == 1
