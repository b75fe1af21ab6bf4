"""How long a change waits: for ever where nobody could try, a day where the vendor failed all day; on both databases."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from structlog.testing import capture_logs

from tests.delivery.fakes import Postbox, transient
from tests.demo import free_port
from walletpass import apple, cards, config, database, delivery
from walletpass.apple import registrations
from walletpass.database import now
from walletpass.delivery import Outbox, State, Worker, outbox
from walletpass.errors import ChannelPaused
from walletpass.sandbox import chain
from walletpass.sandbox.apnswire import Reply, Weather, Wire, tls_context

# More than the quarter of an hour for which a channel is paused.
HOUR = timedelta(hours=1)


def enqueue(card="c1"):
    with database.transaction() as session:
        delivery.enqueue(session, "luna", card, 2, ["apple"])


def row():
    with database.reading() as session:
        return session.exec(select(Outbox)).one()


def work(channel):
    with capture_logs():
        return Worker([channel]).round(channel)


def paused(notice):
    return ChannelPaused("The certificate has expired.", after=900.0)


@pytest.fixture
def clock():
    """A clock that stands still, and can be moved on."""
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _same_waits():
    random.seed(11)


def keep_trying(clock, channel, hours):
    """As a worker does, until the row is settled or the hours are over; how many tries that were."""
    end, tries = now() + timedelta(hours=hours), 0
    while row().state == State.PENDING and row().due_at < end:
        clock.move_to(max(now(), row().due_at) + timedelta(milliseconds=1))
        assert work(channel) is True
        tries += 1
    return tries


def test_a_vendor_that_is_away_for_thirty_hours_gets_a_day_of_tries(db, clock):
    enqueue()
    made = now()
    assert 100 <= keep_trying(clock, Postbox(transient), hours=30) <= 300
    assert (row().state, row().reason) == (State.DEAD, "the vendor is busy")
    assert timedelta(hours=24) < row().done_at - made < timedelta(hours=25)


def test_a_vendor_that_is_away_for_less_than_a_day_loses_nothing(db, clock):
    enqueue()
    keep_trying(clock, Postbox(transient), hours=23)
    assert row().state == State.PENDING
    clock.move_to(row().due_at + timedelta(milliseconds=1))
    work(Postbox())
    assert row().state == State.DELIVERED


def test_a_pause_of_three_days_takes_nothing_from_the_day_of_tries(db, clock):
    enqueue()
    for _ in range(3 * 24):
        assert work(Postbox(paused)) is True
        assert work(Postbox(paused)) is False
        clock.shift(HOUR)
    assert (row().state, row().attempts) == (State.PENDING, 0)
    keep_trying(clock, Postbox(transient), hours=6)
    assert row().state == State.PENDING
    with database.transaction() as session:
        delivery.resume(session, "luna", "apple")
    keep_trying(clock, Postbox(transient), hours=3)
    assert (row().state, row().reason) == (State.PENDING, "the vendor is busy")
    keep_trying(clock, Postbox(transient), hours=30)
    assert row().state == State.DEAD


def test_a_server_that_was_off_for_three_days_tries_as_if_nothing_had_been(db, clock):
    enqueue()
    clock.shift(timedelta(days=3))
    work(Postbox(transient))
    assert row().state == State.PENDING
    clock.move_to(row().due_at + timedelta(milliseconds=1))
    work(Postbox())
    assert row().state == State.DELIVERED


def test_age_alone_would_have_killed_it(db, clock, monkeypatch):
    """The control: with age as the only measure the pause is the row's end."""
    monkeypatch.setattr(outbox, "FEWEST_TRIES", 0)
    enqueue()
    work(Postbox(paused))
    clock.shift(timedelta(days=3))
    work(Postbox(transient))
    assert row().state == State.DEAD


class Apple:
    """A folder of certificates that can be spoiled and put in order again, and an APNs that is away until it is started."""

    def __init__(self, folder):
        self.folder, self.port, self.told, self.wire = folder, free_port(), [], None
        self.renew()

    def renew(self):
        kinds = [chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")]
        chain.prepare(self.folder / "certs", self.folder / "outside", kinds, renew=True)

    def start(self):
        outside = self.folder / "outside"
        context = tls_context(outside / "apns-server.pem", outside / "apns-server.key", outside / "root.pem", outside / "wwdr.pem")
        self.wire = Wire(("127.0.0.1", self.port), context, self.answer, Weather)
        self.wire.start()

    def answer(self, request):
        self.told.append(request.path.rpartition("/")[2])
        return Reply(200)

    def lose(self):
        (self.folder / "certs" / "luna").rename(self.folder / "elsewhere")

    def garble(self):
        (self.folder / "certs" / "luna" / "pass.key").write_bytes(b"\x00 not a key")


@pytest.fixture
def iphone(house):
    with database.transaction() as session:
        registrations.register(session, cards.get(session, "luna", house.ana.id), "device", "ab" * 32)


@pytest.fixture
def make_apple(iphone, db, tmp_path):
    made = []

    def make():
        made.append(Apple(tmp_path))
        url, ca_file = f"https://localhost:{made[-1].port}", str(tmp_path / "certs" / "apns-ca.pem")
        config.use(replace(db, certs_dir=str(tmp_path / "certs"), apns_url=url, apns_ca_file=ca_file))
        return made[-1]

    yield make
    for one in made:
        if one.wire:
            one.wire.stop()


@pytest.mark.parametrize("how", ["missing", "unreadable", "expired"])
def test_a_certificate_that_cannot_sign_keeps_its_pushes_until_there_is_another(house, make_apple, clock, how):
    clock.shift(timedelta(days=-400 if how == "expired" else -4))
    its = make_apple()
    clock.shift(timedelta(days=397 if how == "expired" else 1))
    if how != "expired":
        (its.lose if how == "missing" else its.garble)()
    with database.transaction() as session:
        cards.show(session, cards.get(session, "luna", house.ana.id), points=120)
    channel = apple.AppleChannel()
    for _ in range(3 * 24):
        work(channel)
        clock.shift(HOUR)
    assert (row().state, row().attempts) == (State.PENDING, 0)
    with database.reading() as session:
        (shut,) = delivery.paused(session, "luna")
    assert now() - shut.since >= timedelta(days=3)

    its.renew()
    # The first try after three days meets an APNs that is away.
    work(channel)
    assert (row().state, row().attempts) == (State.PENDING, 1)
    assert "did not answer" in row().reason
    its.start()
    keep_trying(clock, channel, hours=1)
    assert row().state == State.DELIVERED
    assert its.told == ["ab" * 32]
    with database.reading() as session:
        assert delivery.paused(session, "luna") == []
    channel.close()
