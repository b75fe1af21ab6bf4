"""What is told about a phone: sent, asked, fetched; on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.delivery.phones import Phones
from walletpass import apple, database, delivery
from walletpass.apple import proofs, registrations
from walletpass.database import now
from walletpass.delivery import Outbox, State
from walletpass.errors import ChannelPaused


@pytest.fixture
def phones(house):
    return Phones(house)


def test_a_card_without_a_phone_has_nothing_to_prove(phones):
    nothing = {"devices": 0, "lagging": False, "version": 0, "points": None, "fetched_at": None, "sent_at": None, "google": None}
    assert phones.told() == nothing


def test_a_phone_that_was_pushed_still_shows_what_it_fetched_last(phones):
    phones.register("d1")
    phones.show(705)
    phones.ask("d1")
    assert phones.fetch().status_code == 200
    assert (phones.told()["points"], phones.told()["lagging"]) == (705, False)
    phones.show(845)
    assert phones.told()["sent_at"] is None
    phones.push("d1")
    told = phones.told()
    assert (told["points"], told["lagging"], told["devices"]) == (705, True, 1)
    assert told["sent_at"] is not None
    phones.fetch()
    assert (phones.told()["points"], phones.told()["lagging"]) == (845, False)


def test_the_guest_view_says_the_same(phones):
    phones.register("d1")
    phones.show(705)
    phones.fetch()
    answer = phones.client.post("/api/v1/guests/by-code", json={"code": phones.house.ana.number}, headers=phones.api)
    assert answer.get_json()["delivery"] == phones.told()


def test_a_foreign_card_has_no_proof_here(phones):
    answer = phones.client.get("/api/v1/cards/01aaaaaaaaaaaaaaaaaaaaaaaa/delivery", headers=phones.api)
    assert answer.status_code == 404
    assert phones.client.get(f"/api/v1/cards/{phones.house.ana.id}/delivery").status_code == 401


def test_a_head_proves_nothing_and_a_304_that_it_is_there(phones):
    phones.register("d1")
    phones.show(705)
    phones.fetch("HEAD")
    assert phones.told()["lagging"]
    stamp = phones.fetch("HEAD").headers["Last-Modified"]
    assert phones.fetch(**{"If-Modified-Since": stamp}).status_code == 304
    assert not phones.told()["lagging"]


def test_of_two_phones_the_one_that_asked_has_fetched(phones):
    for device in ("watch", "phone"):
        phones.register(device, device)
    phones.show(705)
    phones.ask("phone")
    phones.fetch()
    assert {name: row.fetched_version for name, row in phones.rows().items() if row.fetched_version} == {"phone": 2}
    assert (phones.told()["lagging"], phones.told()["points"]) == (True, None)
    phones.ask("watch")
    phones.fetch()
    assert not phones.told()["lagging"]


def test_who_fetches_without_having_asked_is_not_guessed(phones):
    for device in ("watch", "phone"):
        phones.register(device, device)
    phones.show(705)
    phones.fetch()
    assert phones.told()["lagging"]


@pytest.mark.parametrize("locked", [True, False])
def test_two_phones_that_fetch_at_once_are_not_taken_for_one(phones, monkeypatch, locked):
    """Without the look for who asked, each fetch is put down to the same phone: the race is there."""
    for device in ("watch", "phone"):
        phones.register(device, device)
    phones.show(705)
    for device in ("watch", "phone"):
        phones.ask(device)
    if not locked:
        monkeypatch.setattr(proofs, "_who_asked", lambda session, card, devices: sorted(devices)[0])
    # Apps are made one after the other: making one binds the database, and CPython 3.11 cannot build routes in two threads.
    pair = [Phones(phones.house), Phones(phones.house)]
    with ThreadPoolExecutor(2) as pool:
        assert [answer.status_code for answer in pool.map(lambda one: one.fetch(), pair)] == [200, 200]
    assert phones.told()["lagging"] is not locked


def test_a_list_that_says_nothing_new_writes_nothing(phones):
    phones.register("d1")
    phones.show(705)
    phones.ask("d1")
    before = phones.rows()["d1"].asked_at
    phones.ask("d1")
    assert phones.rows()["d1"].asked_at == before


def test_a_phone_that_leaves_keeps_its_history_and_comes_back(phones):
    phones.register("d1")
    phones.show(705)
    phones.fetch()
    phones.leave("d1")
    assert phones.rows()["d1"].left_at is not None
    assert phones.told()["devices"] == 0
    phones.register("d1", "t2")
    assert phones.rows()["d1"].left_at is None
    assert phones.told()["points"] == 705


def test_a_silent_phone_is_pushed_once_more_and_then_left_in_peace(phones):
    phones.register("d1")
    phones.show(705)
    phones.push("d1")
    assert silent() == []
    with time_machine.travel(now() + timedelta(minutes=6), tick=False):
        assert silent() == ["d1"]
        assert silent() == []
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert silent() == []


@pytest.mark.parametrize("deed", ["ask", "fetch", "leave"])
def test_a_phone_that_stirred_is_not_pushed_again(phones, deed):
    phones.register("d1")
    phones.show(705)
    phones.push("d1")
    if deed == "fetch":
        phones.fetch()
    else:
        getattr(phones, deed)("d1")
    with time_machine.travel(now() + timedelta(minutes=6), tick=False):
        assert silent() == []


def silent():
    with database.transaction() as session:
        return [listener.device_id for listener in registrations.silent(session, 10)]


def test_what_was_sent_never_goes_back(phones):
    phones.register("d1")
    phones.show(705)
    phones.push("d1")
    card = phones.card()
    with database.transaction() as session:
        row = {"program_id": "luna", "card_id": card.id, "device_id": "d1", "sent_version": 1, "sent_at": now(), "apns_id": "late"}
        proofs.note_sent(session, [row])
    assert (phones.rows()["d1"].sent_version, phones.rows()["d1"].apns_id) == (2, "x")


def test_lagging_phones_are_listed_longest_first(phones):
    phones.register("d1")
    phones.show(705)
    with database.reading() as session:
        ((card, proof),) = apple.lagging(session, "luna", now() + timedelta(minutes=2))
        assert (card.id, proof.fetched_version) == (phones.house.ana.id, 0)
        assert apple.lagging(session, "luna", now() - timedelta(minutes=2)) == []


def test_a_paused_channel_lets_nothing_go_and_burns_no_try(db):
    with database.transaction() as session:
        for card in ("c1", "c2"):
            delivery.enqueue(session, "luna", card, 2, ["apple"])
        delivery.enqueue(session, "sova", "c3", 2, ["apple"])
    first = claim(1)
    settle(first[0], ChannelPaused("APNs 403 BadCertificate", after=900))
    assert [notice.program_id for notice in claim(10)] == ["sova"]
    with database.reading() as session:
        (shut,) = delivery.paused(session, "luna")
        assert (shut.channel, shut.reason) == ("apple", "APNs 403 BadCertificate")
        assert [row.attempts for row in session.exec(select(Outbox).where(Outbox.program_id == "luna"))] == [0, 0]
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        (again, *_) = claim(10)
        settle(again, ChannelPaused("APNs 403 BadCertificate", after=900))
        with database.reading() as session:
            assert {row.state for row in session.exec(select(Outbox).where(Outbox.id == again.outbox_id))} == {State.PENDING}
    with database.transaction() as session:
        delivery.resume(session, "luna", "apple")
    with database.reading() as session:
        assert delivery.paused(session, "luna") == []


def test_changes_within_five_seconds_leave_as_one(db):
    put(2)
    (first,) = claim(10)
    settle(first, None)
    for version in (3, 4, 5):
        put(version)
    assert claim(10) == []
    with time_machine.travel(now() + timedelta(seconds=6), tick=False):
        assert [notice.version for notice in claim(10)] == [5]


def test_a_dead_letter_is_sent_again(db):
    from walletpass.errors import DeliveryError, NotFound

    put(2)
    (notice,) = claim(10)
    settle(notice, DeliveryError("APNs 400 BadDeviceToken", permanent=True))
    with database.transaction() as session:
        (letter,) = delivery.dead(session, "luna")
        delivery.retry(session, "luna", letter.id)
    with pytest.raises(NotFound), database.transaction() as session:
        delivery.retry(session, "luna", letter.id)
    with time_machine.travel(now() + timedelta(seconds=6), tick=False):
        assert [notice.card_id for notice in claim(10)] == ["c1"]


def put(version):
    with database.transaction() as session:
        delivery.enqueue(session, "luna", "c1", version, ["apple"])


def claim(limit):
    with database.transaction() as session:
        return list(delivery.claim(session, "apple", "w1", limit))


def settle(notice, failure):
    with database.transaction() as session:
        return delivery.settle(session, notice, "w1", failure)
