"""How often a guest's phone rings, and what it says; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from tests.cast import House
from tests.google.town import OBJECTS, deliver, name_of, show, told
from walletpass import cards, database, google
from walletpass.cards import Card
from walletpass.database import now
from walletpass.google import messages, mirror

NOTIFY, TEXT = "TEXT_AND_NOTIFY", "TEXT"


@pytest.fixture
def ana(town: House, fake: Any) -> Card:
    """Her card is at Google, and she was given the save link."""
    deliver(town.ana)
    return town.ana


def say(card: Card, text: str | None) -> None:
    show(card, message=text)
    assert deliver(card) == [None]


def rang(fake: Any) -> list[bool]:
    """Of each write of an object after the first: did it ask for a notice?"""
    return ["notifyPreference" in call.body for call in fake.calls if call.method in ("PATCH", "PUT") and call.path.startswith(OBJECTS)]


def at_google(fake: Any, card: Card) -> list[tuple[str, str]]:
    return [(one["body"], one["messageType"]) for one in fake.messages(OBJECTS, name_of(card))]


def test_three_changes_a_day_ring_and_the_others_are_silent(ana: Card, fake: Any) -> None:
    for points in range(1, 6):
        show(ana, points=points)
        deliver(ana)
    assert rang(fake) == [True, True, True, False, False]
    with time_machine.travel(now() + timedelta(hours=24, minutes=1), tick=True):
        show(ana, points=6)
        deliver(ana)
    assert rang(fake)[-1]


def test_a_campaign_leaves_the_last_notice_of_the_day_to_the_till(ana: Card, fake: Any) -> None:
    for points in range(1, 4):
        show(ana, points=points, bulk=True)
        deliver(ana, bulk=True)
    show(ana, points=4)
    deliver(ana)
    assert rang(fake) == [True, True, False, True]


def test_a_change_of_other_things_rings_nobody(ana: Card, fake: Any) -> None:
    show(ana, coat="A17")
    deliver(ana)
    assert rang(fake) == [False]


@pytest.mark.parametrize(
    ("known", "rings"),
    [
        ({"saved": True}, True),
        ({"saved": False}, True),
        ({"saved": False, "removed_at": now()}, False),
        ({"saved": False, "saved_at": now()}, False),
        ({"saved": False, "asked_at": None}, False),
    ],
)
def test_a_card_that_nobody_holds_rings_nowhere(ana: Card, fake: Any, known: dict[str, Any], rings: bool) -> None:
    with database.transaction() as session:
        session.execute(update(google.GoogleObject).values(known))
    show(ana, points=1)
    deliver(ana)
    assert rang(fake) == [rings]


def test_a_quota_that_google_counts_otherwise_makes_the_same_write_silent(ana: Card, fake: Any) -> None:
    fake.next(403, "quotaExceeded", "Quota exceeded for issuer")
    show(ana, points=1)
    assert deliver(ana) == [None]
    show(ana, points=2)
    assert deliver(ana) == [None]
    assert rang(fake) == [True, False, False]
    assert len(told(ana).notified) == 3


def test_what_google_calls_back_meanwhile_is_not_overwritten(ana: Card, fake: Any) -> None:
    def removed() -> None:
        with database.transaction() as session:
            session.execute(update(google.GoogleObject).values(saved=False, removed_at=now()))

    with database.transaction() as session:
        session.execute(update(google.GoogleObject).values(saved=True))
    fake.during = removed
    show(ana, points=1)
    deliver(ana)
    assert not told(ana).saved


def test_a_message_is_sent_once_and_rings(ana: Card, fake: Any) -> None:
    say(ana, "Your table is ready.")
    show(ana, points=5)
    deliver(ana)
    assert at_google(fake, ana) == [("Your table is ready.", NOTIFY)]
    (message,) = fake.messages(OBJECTS, name_of(ana))
    assert message["header"] == "Trattoria Luna"
    assert message["displayInterval"]["start"]["date"]
    assert message["id"].isascii()
    assert ana.guest_id not in message["id"]


def test_the_fourth_message_of_a_day_is_there_and_silent(ana: Card, fake: Any) -> None:
    for number in range(4):
        say(ana, f"Message {number}")
    assert [kind for _, kind in at_google(fake, ana)] == [NOTIFY, NOTIFY, NOTIFY, TEXT]


def test_messages_and_changes_are_counted_apart(ana: Card, fake: Any) -> None:
    for number in range(3):
        say(ana, f"Message {number}")
    show(ana, points=5)
    deliver(ana)
    assert rang(fake)[-1]


@pytest.mark.parametrize(("status", "reason"), [(403, "quotaExceeded"), (429, "quotaExceeded")])
def test_a_full_quota_of_messages_makes_it_a_silent_one(ana: Card, fake: Any, status: int, reason: str) -> None:
    fake.answers.append(None)
    fake.next(status, reason)
    say(ana, "Your table is ready.")
    assert at_google(fake, ana) == [("Your table is ready.", TEXT)]


def test_a_message_that_is_taken_back_is_gone(ana: Card, fake: Any) -> None:
    say(ana, "Your table is ready.")
    say(ana, None)
    assert at_google(fake, ana) == []
    assert told(ana).pushed_message == ""


def test_the_same_words_may_be_said_again(ana: Card, fake: Any) -> None:
    for text in ("Ready.", "Not yet.", "Ready."):
        say(ana, text)
    assert [text for text, _ in at_google(fake, ana)] == ["Ready.", "Not yet.", "Ready."]
    assert len({one["id"] for one in fake.messages(OBJECTS, name_of(ana))}) == 3


def test_an_ended_card_says_nothing_any_more(ana: Card, fake: Any) -> None:
    say(ana, "Your table is ready.")
    with database.transaction() as session:
        cards.void(session, cards.get(session, ana.program_id, ana.id))
    assert deliver(ana) == [None]
    assert at_google(fake, ana) == []


def test_a_message_whose_answer_was_lost_is_not_sent_twice(ana: Card, fake: Any) -> None:
    fake.lost.append("/addMessage")
    show(ana, message="Your table is ready.")
    (failure,) = deliver(ana)
    assert not failure.permanent
    assert deliver(ana) == [None]
    assert at_google(fake, ana) == [("Your table is ready.", TEXT)] or at_google(fake, ana) == [("Your table is ready.", NOTIFY)]
    assert [call.path.rpartition("/")[2] for call in fake.calls].count("addMessage") == 1


class PowerCut(BaseException):
    """Nothing after this happens."""


@pytest.mark.parametrize("reading_back", [True, False])
def test_a_crash_between_a_message_and_its_note_sends_it_once(
    ana: Card, fake: Any, monkeypatch: pytest.MonkeyPatch, reading_back: bool
) -> None:
    """Without reading the object back the guest would get it twice."""

    def cut(*_: Any) -> bool:
        raise PowerCut

    show(ana, message="Your table is ready.")
    with monkeypatch.context() as dark:
        dark.setattr(mirror, "_remember", cut)
        with pytest.raises(PowerCut):
            deliver(ana)
    if not reading_back:
        send = messages.send_once
        monkeypatch.setattr(messages, "send_once", lambda client, kind, resource, one: send(client, kind, {"id": resource["id"]}, one))
    assert deliver(ana) == [None]
    assert len(at_google(fake, ana)) == (1 if reading_back else 2)


def test_never_more_than_ten_messages_lie_on_a_card(ana: Card, fake: Any) -> None:
    for number in range(14):
        say(ana, f"Message {number}")
        assert len(at_google(fake, ana)) <= 10
    assert at_google(fake, ana)[-1][0] == "Message 13"
    assert NOTIFY not in [call.body["messages"][-1]["messageType"] for call in fake.calls if call.body.get("messages")]


def test_a_coat_that_is_handed_back_leaves_the_message(ana: Card, fake: Any) -> None:
    say(ana, "Your table is ready.")
    show(ana, coat="A17")
    deliver(ana)
    show(ana, coat=None)
    deliver(ana)
    assert [text for text, _ in at_google(fake, ana)] == ["Your table is ready."]
