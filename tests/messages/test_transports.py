"""What carries words out: apprise's gateways, and SMTP; both in front of the sandbox's real servers."""

import logging
import smtplib

import pytest
import requests

from tests.codes.phonebook import reachable
from tests.messages.post_office import PHONE
from walletpass import config, messages, sandbox
from walletpass.config import Settings
from walletpass.errors import ConfigurationError, DeliveryError
from walletpass.messages import Letter
from walletpass.messages.sms import Gateway
from walletpass.messages.smtp import Smtp, written
from walletpass.sandbox import Options, chain

LETTER = Letter(PHONE, "123456 – код картки Trattoria Luna. Нікому його не кажіть.", "Ваш код", "Trattoria Luna")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("world")
    kinds = [chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")]
    chain.prepare(tmp_path / "certs", tmp_path / "sandbox", kinds, token_uri="http://127.0.0.1:9/google/token")
    started = sandbox.start_in_thread(
        Options(server_url="http://127.0.0.1:9", directory=tmp_path / "sandbox", port=0, iphone_port=0, android_port=0, apns_port=0)
    )
    yield started
    started.stop()


@pytest.fixture
def world(running):
    """An SMS gateway and a mail server on this machine, on a good day."""
    running.inbox.forget()
    running.faults.turn({"sms_gateway": "ok", "mail_server": "ok"})
    config.use(Settings(secret_keys="1:" + "5e" * 32))
    host = running.url.removeprefix("http://")
    with reachable(sms_url=f"json://{host}/sms/{{to}}", smtp_url=f"smtp://127.0.0.1:{running.mail.port}"):
        yield running


def received(world):
    return requests.get(f"{world.url}/inbox", timeout=5).json()["messages"]


def test_an_sms_arrives_letter_by_letter_at_the_number(world):
    Gateway(config.current().sms_url).send(LETTER)
    [one] = received(world)
    assert (one["way"], one["to"], one["text"]) == ("sms", PHONE, LETTER.text)


@pytest.mark.parametrize("text", ["<b>&amp;</b>", "*stars* _lines_ `x` # {0} %s \\n", "two\nlines", "\U0001f600 smile", "{to}"])
def test_nothing_in_the_words_is_changed(world, text):
    Gateway(config.current().sms_url).send(Letter(PHONE, text))
    assert received(world)[-1]["text"] == text


def test_a_gateway_that_refuses_gives_a_reason_without_the_number(world, capfd):
    world.faults.turn({"sms_gateway": "503"})
    with pytest.raises(DeliveryError) as refused:
        Gateway(config.current().sms_url).send(LETTER)
    assert not refused.value.permanent
    assert "503" in refused.value.message
    said = "".join(capfd.readouterr())
    for secret in (PHONE, PHONE[1:], "123456"):
        assert secret not in refused.value.message + said


def test_a_gateway_that_is_off_is_no_breakdown(capfd):
    with pytest.raises(DeliveryError, match="did not take it"):
        Gateway("json://127.0.0.1:9/sms/{to}").send(LETTER)
    assert PHONE[1:] not in "".join(capfd.readouterr())


def test_apprise_tells_its_log_to_nobody_else():
    assert logging.getLogger("apprise").propagate is False


@pytest.mark.parametrize("url", ["bogus://x/{to}", "twilio://x:y@z/{to}", "json:///{to}"])
def test_a_gateway_that_apprise_does_not_know_is_refused_with_an_example(url):
    with pytest.raises(ConfigurationError, match=r"twilio://SID:TOKEN@FROM/\{to\}") as refused:
        Gateway(url)
    assert "x:y" not in refused.value.message


@pytest.mark.parametrize(
    "url", ["twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@+15551234567/{to}", "vonage://aaaaaaaa:bbbbbbbbbbbbbbbb@15551234567/{to}"]
)
def test_the_gateways_of_the_readme_are_known(url):
    Gateway(url)


def test_a_mail_arrives_with_the_restaurant_as_its_sender(world):
    Smtp().send(Letter("ana@example.com", LETTER.text, LETTER.subject, LETTER.sender))
    [one] = received(world)
    assert one == {**one, "way": "email", "to": "ana@example.com", "text": LETTER.text, "subject": "Ваш код", "sender": "Trattoria Luna"}


def test_a_name_cannot_smuggle_a_header(world):
    Smtp().send(Letter("ana@example.com", "Hello", "One\r\nBcc: eve@example.com", "Luna\nBcc: eve@example.com"))
    assert [one["to"] for one in received(world)] == ["ana@example.com"]


def test_a_line_with_a_dot_alone_ends_no_mail(world):
    Smtp().send(Letter("ana@example.com", "one\n.\n..two", "s", "Luna"))
    assert received(world)[0]["text"] == "one\n.\n..two"


def test_a_mail_server_that_puts_us_off_is_tried_again(world):
    world.faults.turn({"mail_server": "451"})
    with pytest.raises(DeliveryError) as refused:
        Smtp().send(Letter("ana@example.com", "Hello", "s", "Luna"))
    assert not refused.value.permanent
    assert "451" in refused.value.message
    assert "ana@" not in refused.value.message


@pytest.mark.parametrize(
    ("failure", "permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"ana@example.com": (550, b"no such user ana")}), True),
        (smtplib.SMTPRecipientsRefused({"ana@example.com": (450, b"mailbox busy")}), False),
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPAuthenticationError(535, b"wrong password for walletpass"), False),
        (smtplib.SMTPSenderRefused(550, b"not you", "cards@luna.example"), False),
        (TimeoutError("timed out"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
    ],
)
def test_only_a_mailbox_that_is_refused_for_good_is_given_up(world, monkeypatch, failure, permanent):
    def fails(settings, mail):
        raise failure

    monkeypatch.setattr("walletpass.messages.smtp.hand_over", fails)
    with pytest.raises(DeliveryError) as refused:
        Smtp().send(Letter("ana@example.com", "Hello", "s", "Luna"))
    assert refused.value.permanent is permanent
    assert "ana" not in refused.value.message
    assert "password" not in refused.value.message


def test_the_sender_s_address_is_the_operator_s():
    settings = Settings(secret_keys="1:" + "5e" * 32, base_url="https://cards.luna.example")
    assert written(settings, LETTER)["From"] == "Trattoria Luna <walletpass@cards.luna.example>"
    with_address = Settings(secret_keys="1:" + "5e" * 32, smtp_url="smtp://m", mail_from="ciao@luna.example", alert_to="o@luna.example")
    assert written(with_address, LETTER)["From"] == "Trattoria Luna <ciao@luna.example>"


def test_a_fault_of_the_gateway_is_told_at_the_start():
    config.use(Settings(secret_keys="1:" + "5e" * 32, sms_url="bogus://x/{to}"))
    assert len(messages.faults()) == 1
    config.use(Settings(secret_keys="1:" + "5e" * 32))
    assert messages.faults() == []
