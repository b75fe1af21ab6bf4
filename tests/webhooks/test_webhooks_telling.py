"""What a receiver hears: everything, in order, signed; and what becomes of one that fails. On both databases."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.cast import open_house
from tests.ledger.book import earn
from tests.webhooks.conftest import at_once, change, follow, log, row, tell, turn
from walletpass import database, events, webhooks
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.webhooks import Dispatcher, Webhook, WebhookDelivery, claims, sending


def test_an_earn_is_told_signed_and_without_a_name(house, receiver):
    webhook = follow(receiver.url)
    earned = earn(house)
    turn(webhook)
    (heard,) = receiver.heard
    with database.reading() as session:
        secret = webhooks.secret(session.get_one(Webhook, ("luna", webhook.id)))
    assert heard.fits(secret)
    assert heard.path == "/walletpass?from=luna"
    assert heard.headers["Walletpass-Event-Id"] == heard.event["id"]
    assert heard.headers["Host"] == receiver.url.split("/")[2]
    assert heard.headers["Content-Type"] == "application/json"
    assert (heard.event["kind"], heard.event["card"], heard.event["check"]) == ("points.earned", house.ana.id, "A1")
    assert heard.event["data"] == {"entry": earned.id, "type": "earn", "points": 1000}
    assert b"Ana" not in heard.body
    assert log(webhook) == [("delivered", 200, "")]


def test_it_hears_from_its_beginning_on_in_order_and_over_one_connection(house, receiver):
    tell(3)
    webhook = follow(receiver.url)
    tell(5)
    while turn(webhook):
        pass
    assert receiver.numbers == [5, 6, 7, 8, 9]
    assert receiver.connections == 1
    assert row(webhook).reached == 9


def test_it_hears_the_kinds_it_wants_and_passes_over_the_others(house, receiver):
    webhook = follow(receiver.url, kinds=["tier.changed"])
    tell(3)
    tell(1, kind=Kind.TIER_CHANGED)
    tell(2)
    while turn(webhook):
        pass
    assert [one.event["kind"] for one in receiver.heard] == ["tier.changed"]
    assert row(webhook).reached == 7


def test_what_it_did_not_take_is_sent_again_before_anything_else(house, receiver):
    webhook = follow(receiver.url)
    tell(3)
    receiver.answers = [200, 503]
    assert turn(webhook) is False
    found = row(webhook)
    assert (found.reached, found.failures, found.state) == (2, 1, "active")
    assert now() < found.due_at < now() + timedelta(seconds=1)
    at_once(webhook)
    turn(webhook)
    assert receiver.numbers == [2, 3, 3, 4]
    assert receiver.ids[1] == receiver.ids[2]
    assert receiver.heard[1].body == receiver.heard[2].body
    assert (row(webhook).failures, row(webhook).reached) == (0, 4)
    assert log(webhook)[::-1] == [("delivered", 200, ""), ("failed", 503, "answer 503"), ("delivered", 200, ""), ("delivered", 200, "")]


@pytest.mark.parametrize(
    ("status", "said"), [(301, "it leads elsewhere"), (308, "it leads elsewhere"), (404, "answer 404"), (500, "answer 500")]
)
def test_only_an_answer_in_the_two_hundreds_is_a_yes(house, receiver, status, said):
    webhook = follow(receiver.url)
    tell()
    receiver.answers = [status]
    turn(webhook)
    assert len(receiver.heard) == 1, "nothing is followed"
    ((state, answered, reason),) = log(webhook)
    assert (state, answered) == ("failed", status)
    assert reason.startswith(said)
    assert row(webhook).reached == 1


def test_waits_grow_and_one_that_fails_all_day_is_paused_and_named(house, receiver):
    webhook = follow(receiver.url)
    tell()
    receiver.answers = [500] * 100
    waits = []
    with time_machine.travel(now(), tick=False) as clock:
        while row(webhook).state == "active":
            turn(webhook)
            found = row(webhook)
            waits.append((found.due_at - now()).total_seconds())
            clock.move_to(found.due_at)
    assert len(waits) == sending.MOST_FAILURES
    assert all(sending.FIRST_WAIT * 2**n / 2 <= wait <= sending.FIRST_WAIT * 2**n for n, wait in enumerate(waits[:12]))
    assert max(waits) <= 3600
    assert 8 * 3600 < sum(waits) < 24 * 3600
    assert row(webhook).reason == "500 answer 500"
    with database.reading() as session:
        (sentence,) = webhooks.warnings(session)
        assert claims.due(session, 10) == []
    assert f"walletpass webhooks resume luna {webhook.id}" in sentence
    assert "127.0.0.1" not in sentence
    change(webhook, webhooks.resume)
    receiver.answers = []
    turn(webhook)
    assert (row(webhook).reached, row(webhook).failures, row(webhook).reason) == (2, 0, "")


def test_one_that_says_it_is_gone_is_paused_at_once(house, receiver):
    webhook = follow(receiver.url)
    tell()
    receiver.answers = [410]
    turn(webhook)
    assert (row(webhook).state, row(webhook).reason) == ("paused", "410 answer 410")


def test_while_a_secret_is_changed_both_sign_and_after_a_day_the_new_one(house, receiver):
    webhook = follow(receiver.url)
    with database.reading() as session:
        old = webhooks.secret(session.get_one(Webhook, ("luna", webhook.id)))
    new = change(webhook, webhooks.rotate)
    tell()
    turn(webhook)
    (heard,) = receiver.heard
    assert heard.headers["Walletpass-Signature"].count("v1=") == 2
    assert heard.fits(old)
    assert heard.fits(new)
    with time_machine.travel(now() + timedelta(hours=25)):
        tell()
        turn(webhook)
    assert receiver.heard[1].headers["Walletpass-Signature"].count("v1=") == 1
    assert receiver.heard[1].fits(new)
    with database.reading() as session:
        kept = session.get_one(Webhook, ("luna", webhook.id))
        assert old not in str(kept.model_dump())
        assert new not in str(kept.model_dump())


def test_it_can_be_sent_back_to_an_earlier_place(house, receiver):
    webhook = follow(receiver.url)
    tell(3)
    turn(webhook)
    change(webhook, webhooks.rewind, 1)
    turn(webhook)
    assert receiver.numbers == [2, 3, 4, 2, 3, 4]
    assert receiver.ids[:3] == receiver.ids[3:]


def test_sent_back_in_the_middle_of_a_turn_it_stays_sent_back(house, receiver):
    webhook = follow(receiver.url)
    tell(3)
    receiver.behave = lambda ear, number: number == 2 and change(webhook, webhooks.rewind, 0) is not None
    turn(webhook)
    assert row(webhook).reached == 0
    receiver.behave = None
    while turn(webhook):
        pass
    assert receiver.numbers == [2, 3, 4, 1, 2, 3, 4]


def test_one_event_is_sent_once_more_beside_the_order_and_a_test_reaches_a_paused_one(house, receiver):
    webhook = follow(receiver.url)
    tell(2)
    turn(webhook)
    change(webhook, webhooks.send_again, receiver.ids[0])
    turn(webhook)
    assert receiver.numbers == [2, 3, 2]
    change(webhook, webhooks.pause)
    tell()
    change(webhook, webhooks.ping)
    with database.reading() as session:
        assert claims.due(session, 5) == [("luna", webhook.id)]
    turn(webhook)
    assert receiver.heard[-1].event["kind"] == "webhook.test"
    assert len(receiver.heard) == 4
    with database.reading() as session:
        assert claims.due(session, 5) == []


def test_what_is_asked_for_and_fails_is_tried_once_and_said(house, receiver):
    webhook = follow(receiver.url)
    receiver.answers = [500]
    change(webhook, webhooks.ping)
    turn(webhook)
    assert log(webhook) == [("failed", 500, "answer 500")]
    assert (row(webhook).state, row(webhook).failures) == ("active", 0)


def test_asking_without_end_is_refused(house, receiver):
    webhook = follow(receiver.url)
    for _ in range(20):
        change(webhook, webhooks.ping)
    with pytest.raises(Conflict):
        change(webhook, webhooks.ping)
    with pytest.raises(NotFound):
        change(webhook, webhooks.send_again, "nothing")


def test_one_that_was_away_for_longer_than_events_are_kept_hears_the_rest(house, receiver):
    webhook = follow(receiver.url)
    tell(2)
    with time_machine.travel(now() + timedelta(days=100)):
        with database.transaction() as session:
            events.forget(session, house.id, 90)
        tell(1)
        turn(webhook)
    assert receiver.numbers == [4]


def test_a_claimed_webhook_is_nobody_else_s_until_its_lease_is_over(house, receiver):
    webhook = follow(receiver.url)
    tell()
    with database.transaction() as session:
        assert claims.claim(session, "luna", webhook.id, "another:machine") is not None
    with database.transaction() as session:
        assert claims.due(session, 5) == []
        assert claims.claim(session, "luna", webhook.id, "me") is None
    with time_machine.travel(now() + timedelta(seconds=61)):
        turn(webhook)
    assert receiver.numbers == [2]


def test_a_turn_that_outlived_its_lease_moves_nothing(house, receiver):
    webhook = follow(receiver.url)
    tell()
    with database.transaction() as session:
        mine = claims.claim(session, "luna", webhook.id, "slow")
    with database.transaction() as session:
        theirs = session.get_one(Webhook, ("luna", webhook.id))
        theirs.owner = "fast"
    sending.serve(mine, threading.Event())
    assert (row(webhook).owner, row(webhook).reached) == ("fast", 1)


def test_the_log_keeps_the_newest_tries(house, receiver, monkeypatch):
    monkeypatch.setattr("walletpass.webhooks.log.KEPT", 5)
    webhook = follow(receiver.url)
    tell(9)
    turn(webhook)
    with database.reading() as session:
        assert len(session.exec(select(WebhookDelivery)).all()) == 5
    assert len(log(webhook)) == 5


def test_a_webhook_whose_secret_does_not_open_says_so_and_waits(house, receiver):
    webhook = follow(receiver.url)
    tell()
    with database.transaction() as session:
        session.get_one(Webhook, ("luna", webhook.id)).secret = "1.broken"
    turn(webhook)
    assert (row(webhook).failures, receiver.heard) == (1, [])


def test_two_dispatchers_tell_everything_once_and_keep_two_restaurants_apart(house, receiver):
    open_house("sova")
    mine, theirs = follow(receiver.url), follow(receiver.url.replace("luna", "sova"), "sova")
    loops = [Dispatcher(2), Dispatcher(2)]
    for loop in loops:
        loop.start()
    tell(10)
    tell(10, "sova")
    receiver.wait_for(lambda: len(receiver.heard) >= 20)
    for loop in loops:
        loop.stop()
    told = {name: [one.event["number"] for one in receiver.heard if one.path.endswith(name)] for name in ("luna", "sova")}
    assert told == {"luna": list(range(2, 12)), "sova": list(range(2, 12))}
    assert (row(mine).reached, row(theirs).reached) == (11, 11)


def test_too_many_webhooks_and_unknown_kinds_are_refused(house, receiver):
    with pytest.raises(Malformed, match=r"points\.earned"):
        follow(receiver.url, kinds=["points.stolen"])
    for _ in range(20):
        follow(receiver.url)
    with pytest.raises(Conflict, match="Switch one off"):
        follow(receiver.url)


def test_one_that_is_switched_off_is_gone_and_forgets_its_secret(house, receiver):
    webhook = follow(receiver.url)
    change(webhook, webhooks.switch_off)
    tell()
    with database.reading() as session:
        assert claims.due(session, 5) == []
        assert webhooks.listed(session, "luna") == []
        with pytest.raises(NotFound):
            webhooks.get(session, "luna", webhook.id)
    assert row(webhook).secret == ""
