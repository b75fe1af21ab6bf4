"""Words to a guest leave with the commit, once, while they are of use; on both databases."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from structlog.testing import capture_logs

from tests.cast import open_house
from tests.codes.phonebook import reachable
from tests.messages.post_office import PHONE, Drawer, busy, carry, gone, post, row
from walletpass import config, database, messages
from walletpass.database import now
from walletpass.errors import Malformed
from walletpass.messages import Letter, Message, Sender, State, Way, box


def test_a_message_is_carried_out_and_its_words_are_forgotten(house):
    post(house.program, "Your card: https://luna.example/c/1")
    assert "luna.example" not in row().text
    drawer = Drawer()
    carry(drawer)
    assert drawer.letters == [Letter(PHONE, "Your card: https://luna.example/c/1", "Your card at Trattoria Luna", "Trattoria Luna")]
    assert (row().state, row().text, row().attempts) == (State.SENT, "", 1)
    carry(drawer)
    assert len(drawer.letters) == 1


def test_what_is_rolled_back_is_never_sent(house):
    def lose_power():
        with database.transaction() as session:
            messages.post(session, house.program, PHONE, "Hello", "link", "en")
            raise RuntimeError("the till lost its power")

    with pytest.raises(RuntimeError):
        lose_power()
    drawer = Drawer()
    carry(drawer)
    assert drawer.letters == []


@pytest.mark.parametrize("to", ["", "015123456789", "+49 151", "ana", "@" * 300, "+", "+49151x"])
def test_an_address_that_is_none_is_refused(house, to):
    with pytest.raises(Malformed):
        post(house.program, to=to)
    with database.reading() as session:
        assert session.exec(select(Message)).all() == []


@pytest.mark.parametrize("text", ["", "x" * 2001])
def test_a_text_that_is_none_or_a_book_is_refused(luna, text):
    with pytest.raises(Malformed):
        post(luna.program, text)


def test_two_thousand_letters_of_any_script_fit(house):
    post(house.program, "ї\U0001f600" * 1000)
    drawer = Drawer()
    carry(drawer)
    assert drawer.letters[0].text == "ї\U0001f600" * 1000


def test_mail_and_sms_go_their_own_ways(house):
    post(house.program, "by mail", to="ana@example.com")
    post(house.program, "by SMS")
    sms, mail = Drawer(), Drawer(way=Way.EMAIL)
    carry(sms)
    carry(mail, Way.EMAIL)
    assert [letter.text for letter in sms.letters] == ["by SMS"]
    assert [letter.text for letter in mail.letters] == ["by mail"]


def test_what_lives_shortest_goes_first(house):
    for number in range(30):
        post(house.program, f"invitation {number}")
    post(house.program, "a code", kind="code", life=timedelta(minutes=5))
    drawer = Drawer()
    Sender(Way.SMS, drawer).once()
    assert drawer.letters[0].text == "a code"
    assert len(drawer.letters) == 10


def test_a_busy_gateway_is_tried_again_after_a_wait(house):
    with time_machine.travel(now(), tick=False) as clock:
        post(house.program)
        drawer = Drawer(busy)
        carry(drawer)
        assert (row().state, row().reason, row().attempts) == (State.PENDING, "the gateway is busy", 1)
        assert row().due_at > now()
        carry(drawer)
        assert len(drawer.letters) == 1
        clock.shift(timedelta(seconds=2))
        drawer.answer = lambda letter: None
        carry(drawer)
        assert (row().state, row().text) == (State.SENT, "")


def test_a_code_is_tried_often_within_its_five_minutes_and_then_given_up(house):
    with time_machine.travel(now(), tick=False) as clock:
        post(house.program, kind="code", life=timedelta(minutes=5))
        drawer = Drawer(busy)
        for _ in range(301):
            carry(drawer)
            clock.shift(timedelta(seconds=1))
        assert 10 <= len(drawer.letters) <= 100
        assert (row().state, row().reason, row().text) == (State.DEAD, "the gateway is busy", "")
        carry(drawer)
        assert row().state == State.DEAD


def test_waits_grow_with_jitter_and_never_beyond_a_tenth_of_the_life(luna):
    day = Message(channel="sms", kind="link", recipient=PHONE, language="en", text="", expires_at=now() + timedelta(days=1))
    for attempts in range(1, 40):
        day.attempts = attempts
        waits = {box.wait(day) for _ in range(50)}
        assert len(waits) > 40
        assert min(waits) >= 0.5
        assert max(waits) <= min(900.0, 2.0**attempts)


def test_a_number_that_does_not_exist_is_tried_once(house):
    post(house.program)
    drawer = Drawer(gone)
    carry(drawer)
    carry(drawer)
    assert len(drawer.letters) == 1
    assert (row().state, row().reason, row().text) == (State.DEAD, "there is no such number", "")


def test_a_withdrawn_message_is_not_sent_and_not_mourned(house):
    message = post(house.program)
    with database.transaction() as session:
        messages.withdraw(session, "luna", message)
    drawer = Drawer()
    carry(drawer)
    assert drawer.letters == []
    with database.reading() as session:
        assert messages.count_dead(session, Way.SMS) == 0


def test_a_message_of_another_restaurant_cannot_be_withdrawn(house):
    sova = open_house("sova")
    message = post(sova.program)
    with database.transaction() as session:
        messages.withdraw(session, "luna", message)
    assert row(message).state == State.PENDING


def test_a_guest_who_is_forgotten_leaves_no_message(house):
    sova = open_house("sova")
    post(house.program)
    post(house.program, to="+4915100000000")
    post(sova.program)
    with database.transaction() as session:
        messages.forget(session, "luna", PHONE)
        left = session.exec(select(Message.program_id, Message.recipient)).all()
    assert sorted(left) == [("luna", "+4915100000000"), ("sova", PHONE)]


def test_without_a_gateway_a_message_waits_until_its_time_is_over(house):
    with time_machine.travel(now(), tick=False) as clock:
        post(house.program, life=timedelta(minutes=5))
        carry(None)
        assert (row().state, row().attempts) == (State.PENDING, 0)
        clock.shift(timedelta(minutes=5))
        carry(None)
        assert (row().state, row().reason, row().text) == (State.DEAD, "its time was over", "")


def test_a_transport_that_breaks_loses_nothing_and_tells_no_secret(house):
    def broken(letter):
        raise ZeroDivisionError(letter.text)

    post(house.program, "a secret")
    with capture_logs() as logs:
        carry(Drawer(broken))
    assert row().state == State.PENDING
    assert "ZeroDivisionError" in row().reason
    assert "a secret" not in str(logs) + row().reason
    assert PHONE not in str(logs)


def test_words_that_do_not_open_are_told_and_kept(house):
    post(house.program)
    before = config.current()
    with reachable(secret_keys="2:" + "ab" * 32):
        drawer = Drawer()
        carry(drawer)
    assert config.current() == before
    assert drawer.letters == []
    assert "has left WALLETPASS_SECRET_KEYS" in row().reason
    assert row().state == State.PENDING


def test_what_ended_a_quarter_ago_is_forgotten(house):
    with time_machine.travel(now(), tick=False) as clock:
        post(house.program)
        carry(Drawer())
        clock.shift(timedelta(days=91))
        post(house.program)
        carry(Drawer())
        with database.reading() as session:
            assert len(session.exec(select(Message)).all()) == 1


def test_the_operator_hears_of_what_cannot_be_sent_and_of_what_was_lost(house):
    def told():
        with database.reading() as session:
            return messages.warnings(session)

    assert any("guests cannot recover cards by phone" in sentence for sentence in told())
    with reachable():
        assert told() == []
        post(house.program)
        carry(Drawer(gone))
        assert told() == ["One message by SMS was given up in the last day. The last one: there is no such number"]
