"""SMS and mail arrive on the sandbox's phones as a gateway and a mail server would bring them."""

import smtplib
import socket
from email.message import EmailMessage

import pytest
import requests

from walletpass import sandbox
from walletpass.sandbox import Options
from walletpass.sandbox.board import Board
from walletpass.sandbox.inbox import KEPT, Inbox


@pytest.fixture
def world(credentials, tmp_path):
    directory = tmp_path / "sandbox"
    directory.mkdir()
    for path in credentials.directory.iterdir():
        (directory / path.name).write_bytes(path.read_bytes())
    options = Options(server_url="http://127.0.0.1:9", directory=directory, port=0, iphone_port=0, android_port=0, apns_port=0)
    started = sandbox.start_in_thread(options)
    yield started
    started.stop()


def sms(world, number, text, **more):
    return requests.post(f"{world.url}/sms/{number}", json={"message": text}, timeout=5, **more)


def inbox(world, **query):
    return requests.get(f"{world.url}/inbox", params=query, timeout=5).json()["messages"]


def letter(**headers):
    made = EmailMessage()
    for name, value in headers.items():
        made[name] = value
    made.set_content("Привіт,\n.\nваша картка готова")
    return made


def test_an_sms_is_on_the_phones_and_in_the_log(world):
    assert sms(world, "+4915123456789", "123456 is your code").status_code == 200
    [one] = inbox(world)
    assert (one["to"], one["text"], one["way"]) == ("+4915123456789", "123456 is your code", "sms")
    state = requests.get(f"{world.url}/state", timeout=5).json()
    assert state["inbox"]["messages"] == [one]
    assert state["log"][-1]["text"] == "An SMS for +4915123456789."


def test_the_messages_of_one_number_can_be_asked_for(world):
    for number in ("+491", "+492", "+491"):
        sms(world, number, f"for {number}")
    assert [one["text"] for one in inbox(world, to="+491")] == ["for +491"] * 2
    requests.post(f"{world.url}/inbox/forget", timeout=5)
    assert inbox(world) == []


def test_a_mail_is_read_as_a_mailbox_reads_it(world):
    with smtplib.SMTP("127.0.0.1", world.mail.port) as server:
        server.send_message(letter(From="Trattoria Luna <a@luna.example>", To="ana@example.com, bea@example.com", Subject="Ваша картка"))
    first, second = inbox(world)
    assert (first["to"], second["to"]) == ("ana@example.com", "bea@example.com")
    assert (first["sender"], first["subject"]) == ("Trattoria Luna", "Ваша картка")
    assert first["text"] == "Привіт,\n.\nваша картка готова"


def test_the_gateway_and_the_mail_server_can_be_switched_to_a_bad_day(world):
    world.faults.turn({"sms_gateway": "503", "mail_server": "451"})
    assert sms(world, "+491", "lost").status_code == 503
    with smtplib.SMTP("127.0.0.1", world.mail.port) as server, pytest.raises(smtplib.SMTPDataError) as refused:
        server.send_message(letter(From="a@luna.example", To="ana@example.com"))
    assert refused.value.smtp_code == 451
    assert inbox(world) == []


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": 7}, []])
def test_an_sms_without_words_is_refused(world, body):
    assert requests.post(f"{world.url}/sms/+491", json=body, timeout=5).status_code == 400
    assert inbox(world) == []


def test_another_page_in_the_browser_cannot_write_to_the_phones(world):
    assert sms(world, "+491", "evil", headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("said", [b"NONSENSE\r\n", b"DATA\r\n", b"MAIL FROM:\r\n", b"\r\n", b"\xff\xfe\r\n", b"RCPT TO:<x>\r\n"])
def test_a_client_that_talks_nonsense_breaks_nothing(world, said):
    with socket.create_connection(("127.0.0.1", world.mail.port), timeout=5) as line:
        line.recv(100)
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        line.recv(100)
    with smtplib.SMTP("127.0.0.1", world.mail.port) as server:
        server.send_message(letter(From="a@luna.example", To="ana@example.com"))
    assert len(inbox(world)) == 1


def test_the_inbox_is_there_after_a_restart_and_holds_the_last_sixty(tmp_path):
    first = Inbox(tmp_path / "inbox.json", Board())
    for number in range(KEPT + 5):
        first.receive("sms", "+491", str(number))
    second = Inbox(tmp_path / "inbox.json", Board())
    assert [one["text"] for one in second.all()] == [str(number) for number in range(5, KEPT + 5)]
    assert second.receive("sms", "+491", "next").number == KEPT + 6
