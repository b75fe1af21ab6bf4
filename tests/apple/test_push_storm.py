"""Ten thousand pushes on a bad day: what is lost is nothing, and who is dropped are those whom Apple called dead."""

import json
import random
import time
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import insert, text, update
from sqlmodel import func, select
from structlog.testing import capture_logs

from walletpass import config, database, delivery, guests
from walletpass.apple import AppleChannel, AppleDevice, DeviceDelivery, Registration
from walletpass.cards import Card
from walletpass.database import new_id, now
from walletpass.delivery import Outbox, State, Worker
from walletpass.sandbox.apnswire import Reply, Weather

CARDS, DEVICES = 2_500, 4
GONE, BAD, BUSY, DOWN, STRAY = 60, 40, 50, 100, 5


class BadDay:
    """An APNs that answers by its script, on connections that end as they like."""

    def __init__(self, tokens, chance):
        special = iter(chance.sample(sorted(tokens), GONE + BAD + BUSY + DOWN + STRAY))
        self.gone, self.bad, self.busy, self.down, self.stray = (
            {next(special) for _ in range(count)} for count in (GONE, BAD, BUSY, DOWN, STRAY)
        )
        self.asked, self.accepted, self.at = Counter(), Counter(), {}
        self.ids = {}
        self.refuse = 4_000
        self.total = 0

    def weather(self, line):
        """The first connection takes one stream at a time; three end with a goodbye, three with a cut."""
        if line == 1:
            return Weather(streams=1, goaway_after=700)
        if line in (2, 4):
            return Weather(goaway_after=1_500)
        if line in (3, 5, 6):
            return Weather(drop_after=900, slow=line == 5)
        return Weather()

    def answer(self, request):
        token = request.path.rpartition("/")[2]
        self.asked[token] += 1
        self.total += 1
        self.ids.setdefault(token, []).append(request.headers["apns-id"])
        status, said = self.judge(token)
        if status == 200:
            self.accepted[token] += 1
            self.at[token] = time.monotonic()
        return Reply(status, json.dumps(said).encode() if said else b"")

    def judge(self, token):
        if self.total == self.refuse:
            return 403, {"reason": "BadCertificate"}
        if token in self.gone:
            return 410, {"reason": "Unregistered", "timestamp": int(time.time() * 1000)}
        if token in self.bad:
            return 400, {"reason": "BadDeviceToken"}
        if token in self.busy and self.asked[token] == 1:
            return 429, {"reason": "TooManyRequests"}
        if token in self.down and self.asked[token] <= 2:
            return 503, {"reason": "ServiceUnavailable"}
        if token in self.stray and self.asked[token] == 1:
            return 400, {"reason": "DeviceTokenNotForTopic"}
        return 200, None


@pytest.fixture
def serve(start_wire):
    def start(answer, weather):
        wire = start_wire(answer, weather)
        config.use(replace(config.current(), apns_url=wire.url, apns_ca_file=wire.ca_file))
        return wire

    return start


def crowd(luna):
    """Each card on four phones; token by (card, device)."""
    moment = now()
    with database.transaction() as session:
        guest = guests.Guest(program_id=luna.id, name="Ana", phone="+4915123456789")
        session.add(guest)
        session.flush()
        ids = [new_id() for _ in range(CARDS)]
        pairs = [(card, f"{card}-{number}") for card in ids for number in range(DEVICES)]
        held = [
            {
                "program_id": luna.id, "id": card, "guest_id": guest.id, "serial_number": card, "number": f"{number:08}", "token": f"{number:032}",
                "key_id": "1", "link": f"{number:022}", "state": "active", "version": 1, "tag": number, "changed_at": moment, "created_at": moment,
                "shown": {"points": 0}, "wallets": ["apple"],
            }
            for number, card in enumerate(ids)
        ]  # fmt: skip
        session.execute(insert(Card), held)
        key = [{"program_id": luna.id, "device_id": device} for _, device in pairs]
        devices = [{**one, "push_token": f"{number:064x}", "registered_at": moment, "updated_at": moment} for number, one in enumerate(key)]
        session.execute(insert(AppleDevice), devices)
        registered = [{**one, "card_id": card, "registered_at": moment} for one, (card, _) in zip(key, pairs, strict=True)]
        session.execute(insert(Registration), registered)
    return {pair: one["push_token"] for pair, one in zip(pairs, devices, strict=True)}


def change(luna, card_ids):
    """Points for everybody, in few statements: as `cards.show` and `delivery.enqueue` would write them."""
    moment = now()
    with database.transaction() as session:
        session.execute(update(Card).where(Card.id.in_(card_ids)).values(version=Card.version + 1))
        waiting = set(session.exec(select(Outbox.card_id).where(Outbox.state == State.PENDING)).all())
        row = {"program_id": luna.id, "channel": "apple", "version": 2, "state": "pending", "due_at": moment, "created_at": moment}
        more = {"owner": "", "attempts": 0, "reason": ""}
        session.execute(insert(Outbox), [{**row, **more, "id": new_id(), "card_id": card} for card in card_ids if card not in waiting])
    return time.monotonic()


def later():
    """Let what waits be due."""
    with database.transaction() as session:
        session.execute(text("UPDATE outbox SET due_at = created_at WHERE state = 'pending'"))
        session.execute(text("UPDATE device_delivery SET not_before = NULL"))


def left():
    with database.reading() as session:
        return set(session.exec(select(AppleDevice.push_token)).all())


def deliver_all(worker, luna):
    """Until nothing waits. The operator resumes what is paused, and sends dead letters again."""
    paused = []
    for _ in range(60):
        while worker.round(worker.channels[0]):
            pass
        with database.transaction() as session:
            shut = delivery.paused(session, luna.id)
            paused += [one.reason for one in shut]
            for one in shut:
                delivery.resume(session, luna.id, one.channel)
            for letter in delivery.dead(session, luna.id):
                delivery.retry(session, luna.id, letter.id)
            if not shut and delivery.count_waiting(session) == 0:
                return paused
        later()
    pytest.fail("it does not come to an end")


def test_ten_thousand_pushes_on_a_bad_day(luna, certs, serve, capsys):
    tokens = crowd(luna)
    day = BadDay(tokens.values(), random.Random(4))
    wire = serve(day.answer, day.weather)
    changed_at = dict.fromkeys({card for card, _ in tokens}, change(luna, sorted({card for card, _ in tokens})))
    again = sorted(changed_at)[::10]
    began = time.monotonic()
    made = AppleChannel()
    worker = Worker([made])
    with capture_logs():
        for _ in range(4):
            worker.round(made)
        changed_at.update(dict.fromkeys(again, change(luna, again)))
        later()
        paused = deliver_all(worker, luna)
    made.close()

    assert left() == set(tokens.values()) - day.gone - day.bad
    alive = {pair: token for pair, token in tokens.items() if token not in day.gone | day.bad}
    assert all(day.at[token] > changed_at[card] for (card, _), token in alive.items())
    with database.reading() as session:
        behind = select(func.count()).select_from(DeviceDelivery).join(Card, Card.id == DeviceDelivery.card_id)
        assert session.exec(behind.where(DeviceDelivery.left_at.is_(None), DeviceDelivery.sent_version < Card.version)).one() == 0
        assert session.exec(select(func.count()).where(DeviceDelivery.left_at.is_not(None))).one() == GONE + BAD
        states = Counter(session.exec(select(Outbox.state)).all())
        assert states.keys() <= {State.DELIVERED, State.SUPERSEDED}, states
    assert paused == ["APNs 403 BadCertificate"]
    tally = wire.tally
    assert (tally.goodbyes, tally.drops, tally.impolite) == (3, 3, 0)
    assert len(tally.connected) <= 20
    assert all(after - before >= 0.98 for before, after in zip(tally.connected, tally.connected[1:], strict=False))
    surplus = sum(day.accepted.values()) - len(alive) - DEVICES * len(again)
    assert surplus < 500, "what was accepted once is not pushed again, but for the answers that died with a connection"
    with capsys.disabled():
        print(f"\n{day.total} pushes, {len(tally.connected)} connects, {max(surplus, 0)} twice, {time.monotonic() - began:.1f} s")
