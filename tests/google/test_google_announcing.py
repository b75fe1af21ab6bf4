"""A word to everybody who holds the card; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from structlog.testing import capture_logs

from tests.cast import House
from tests.google.town import CLASSES, deliver, more_cards
from walletpass import config, database, google
from walletpass.cli import cli
from walletpass.database import now
from walletpass.errors import Conflict, Malformed
from walletpass.google import announcing
from walletpass.google.models import GoogleMessage, Letter

CLASS = "3388000000000000001.luna"
NOTIFY, TEXT = "TEXT_AND_NOTIFY", "TEXT"


@pytest.fixture
def opened(town: House, fake: Any) -> House:
    """Ana's card is at Google, and with it the class."""
    deliver(town.ana)
    fake.calls.clear()
    return town


def announce(header: str = "Truffle week", body: str = "Double points until Sunday.", **more: Any) -> GoogleMessage:
    with database.transaction() as session:
        return google.announce(session, "luna", header, body, **more)


def tend() -> None:
    channel = google.GoogleChannel()
    with capture_logs():
        channel.tend()
    channel.close()


def letters() -> list[GoogleMessage]:
    with database.reading() as session:
        found = list(google.announced(session, "luna"))
        session.expunge_all()
        return found


def at_google(fake: Any) -> list[tuple[str, str]]:
    return [(one["header"], one["messageType"]) for one in fake.messages(CLASSES, CLASS)]


def test_a_word_to_everybody_is_one_message_however_many_cards_there_are(opened: House, fake: Any) -> None:
    more_cards(opened, 50)
    letter = announce(ends_at=now() + timedelta(days=6))
    tend()
    assert fake.log == [f"GET {CLASSES}/{CLASS}", f"POST {CLASSES}/{CLASS}/addMessage"]
    (message,) = fake.messages(CLASSES, CLASS)
    assert (message["id"], message["body"], message["messageType"]) == (letter.id, "Double points until Sunday.", NOTIFY)
    assert set(message["displayInterval"]) == {"start", "end"}
    assert [(one.state, one.reason) for one in letters()] == [(Letter.SENT, "")]
    tend()
    assert len(fake.calls) == 2


def test_a_word_whose_answer_was_lost_is_not_said_twice(opened: House, fake: Any) -> None:
    announce()
    fake.lost.append("/addMessage")
    tend()
    assert [(one.state, one.attempts) for one in letters()] == [(Letter.WAITING, 1)]
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        tend()
    assert at_google(fake) == [("Truffle week", NOTIFY)]
    assert [(one.state, one.notify) for one in letters()] == [(Letter.SENT, True)]


class PowerCut(BaseException):
    """Nothing after this happens."""


def test_what_a_killed_worker_was_about_to_say_is_taken_up_and_said_once(opened: House, fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: Any) -> None:
        raise PowerCut

    announce()
    with monkeypatch.context() as dark:
        dark.setattr(announcing, "_settle", cut)
        with pytest.raises(PowerCut):
            tend()
    tend()
    assert [one.state for one in letters()] == [Letter.WAITING]
    with time_machine.travel(now() + timedelta(seconds=61), tick=True):
        tend()
    assert at_google(fake) == [("Truffle week", NOTIFY)]
    assert [one.state for one in letters()] == [Letter.SENT]


def test_the_third_of_a_day_is_shown_and_rings_nobody(opened: House, fake: Any) -> None:
    for header in ("One", "Two", "Three"):
        announce(header)
        tend()
    assert at_google(fake) == [("One", NOTIFY), ("Two", NOTIFY), ("Three", TEXT)]
    assert letters()[0].reason.startswith("Shown without a notice")
    with time_machine.travel(now() + timedelta(hours=25), tick=True):
        announce("Four")
        tend()
    assert at_google(fake)[-1] == ("Four", NOTIFY)


def test_a_full_quota_makes_it_a_silent_one(opened: House, fake: Any) -> None:
    announce()
    fake.answers.append(None)
    fake.next(403, "quotaExceeded", "Quota exceeded for issuer 1 when adding TEXT_AND_NOTIFY message to class 1.a")
    tend()
    assert at_google(fake) == [("Truffle week", TEXT)]
    assert [(one.state, one.notify) for one in letters()] == [(Letter.SENT, False)]


def test_a_silent_one_rings_nobody(opened: House, fake: Any) -> None:
    announce(notify=False)
    tend()
    assert at_google(fake) == [("Truffle week", TEXT)]
    assert letters()[0].reason == ""


def test_one_that_google_refuses_is_dead_with_its_reason_and_the_next_goes(opened: House, fake: Any) -> None:
    announce("One")
    announce("Two")
    fake.answers.append(None)
    fake.next(400, "invalid", "Body is not allowed")
    tend()
    assert [(one.header, one.state, one.reason) for one in reversed(letters())] == [
        ("One", Letter.DEAD, "Google Wallet answered 400: Body is not allowed"),
        ("Two", Letter.SENT, ""),
    ]


def test_after_a_day_without_google_it_is_given_up(opened: House, fake: Any) -> None:
    announce()
    for hours in (0, 12, 25):
        fake.next(503)
        with time_machine.travel(now() + timedelta(hours=hours), tick=True):
            tend()
    assert [one.state for one in letters()] == [Letter.DEAD]


def test_missing_rights_cost_it_no_try(opened: House, fake: Any) -> None:
    announce()
    fake.next(403, "permissionDenied")
    tend()
    (letter,) = letters()
    assert (letter.state, letter.attempts) == (Letter.WAITING, 0)
    assert letter.due_at > now() + timedelta(minutes=14)


def test_one_for_later_waits_and_one_whose_time_is_over_is_not_said(opened: House, fake: Any) -> None:
    announce(starts_at=now() + timedelta(hours=1), ends_at=now() + timedelta(hours=2))
    tend()
    assert fake.calls == []
    with time_machine.travel(now() + timedelta(hours=3), tick=True):
        tend()
    assert [(one.state, one.reason) for one in letters()] == [(Letter.DEAD, "Its time was over before it could be sent.")]
    assert fake.calls == []


def test_never_more_than_ten_lie_on_the_class(opened: House, fake: Any) -> None:
    for number in range(13):
        announce(f"Word {number}")
    tend()
    assert len(at_google(fake)) <= 10
    assert at_google(fake)[-1][0] == "Word 12"


def test_a_class_that_changes_keeps_what_was_announced(opened: House, fake: Any) -> None:
    announce()
    tend()
    with database.transaction() as session:
        program = session.merge(opened.program)
        program.website = "https://luna.example"
    deliver(opened.ana)
    assert "homepageUri" in fake.resources[CLASSES][CLASS]
    assert [header for header, _ in at_google(fake)] == ["Truffle week"]


@pytest.mark.parametrize(("header", "body"), [("", "Text"), ("Header", " "), ("x" * 61, "Text"), ("Header", "x" * 501)])
def test_what_google_would_not_show_is_refused(opened: House, header: str, body: str) -> None:
    with pytest.raises(Malformed):
        announce(header, body)
    with pytest.raises(Malformed):
        announce(ends_at=now() - timedelta(minutes=1))
    assert letters() == []


def test_where_no_card_is_at_google_nobody_can_be_told(town: House) -> None:
    with pytest.raises(Conflict):
        announce()


def test_the_operator_announces_and_sees_what_became_of_it(opened: House, fake: Any) -> None:
    settings = config.current()
    names = ("secret_keys", "database_url", "certs_dir", "google_api_url", "base_url", "log_level")
    env = {f"WALLETPASS_{name.upper()}": str(getattr(settings, name)) for name in names}

    def run(*words: str) -> str:
        result = CliRunner().invoke(cli, words, env=env)
        assert result.exit_code == 0, result.output
        return result.output

    assert "is on its way" in run("google", "announce", "luna", "Truffle week", "Double points.", "--until", "2099-11-29", "--silent")
    assert "waiting  silent  Truffle week: Double points." in run("google", "messages", "luna")
    tend()
    assert "sent     silent  Truffle week: Double points." in run("google", "messages", "luna")
