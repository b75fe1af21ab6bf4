"""The owner hears of the end of a certificate in time, once for each stage, whatever is restarted in between."""

import json
import socketserver
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from walletpass import config, database
from walletpass.apple import guardian
from walletpass.apple.guardian import Offer, Watch, mail
from walletpass.errors import ConfigurationError


class MailServer(socketserver.ThreadingTCPServer):
    """SMTP as far as a letter needs it. ``answers`` replaces what it says to a command."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        self.letters, self.recipients, self.logins, self.answers, self.offers = [], [], [], {}, ["AUTH PLAIN"]
        super().__init__(("127.0.0.1", 0), Conversation)


class Conversation(socketserver.StreamRequestHandler):
    def say(self, *lines):
        self.wfile.write(b"".join(line.encode() + b"\r\n" for line in lines))

    def handle(self):
        server = self.server
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb in server.answers:
                self.say(server.answers[verb])
            elif verb == "EHLO":
                names = ["here", *server.offers]
                self.say(*(f"250{'-' if name != names[-1] else ' '}{name}" for name in names))
            elif verb == "AUTH":
                server.logins.append(line)
                self.say("235 welcome")
            elif verb == "DATA":
                self.say("354 go on")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                server.letters.append(message_from_bytes(letter, policy=policy.default))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                if verb == "RCPT":
                    server.recipients.append(line)
                self.say("250 ok")


@pytest.fixture
def post(settings):
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"smtp://luna:Limone%207@127.0.0.1:{server.server_address[1]}"
    config.use(replace(settings, smtp_url=url, alert_to="dmitro@example.com, clara@example.com"))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def days_before(chain):
    """The clock, so many days before the end of Luna's certificate."""
    frozen = []

    def travel(days):
        moment = chain.leaf.not_valid_after_utc - timedelta(days=days)
        if frozen:
            frozen[0][1].move_to(moment)
        else:
            traveller = time_machine.travel(moment, tick=False)
            frozen.append((traveller, traveller.start()))

    yield travel
    for traveller, _ in frozen:
        traveller.stop()


def stages(mailed):
    return [(one.stage, one.sent) for one in mailed]


@pytest.mark.parametrize(
    ("days", "stage"),
    [(400, "ok"), (61, "ok"), (60, "60"), (31, "60"), (30, "30"), (15, "30"), (14, "14"), (8, "14"), (7, "7"), (2, "7"), (1, "1"), (0, "1"), (-1, "expired"), (-500, "expired")],
)  # fmt: skip
def test_the_end_comes_in_stages(days, stage):
    assert guardian.urgency(days) == stage


def test_a_warning_says_what_ends_when_and_what_to_do(certs, luna, days_before):
    def said():
        with database.reading() as session:
            return guardian.warnings(session)

    days_before(61.5)
    assert said() == []
    days_before(28.5)
    until = guardian.state(luna).not_after
    assert said() == [
        f"Trattoria Luna: the Apple certificate ends on {until:%Y-%m-%d}, in 28 days. "
        "Make a new one for pass.example.luna: `walletpass certs request luna`, or on the page of the certificates."
    ]
    days_before(1.5)
    assert "in one day" in said()[0]
    days_before(0.5)
    assert "today" in said()[0]
    days_before(-0.5)
    assert "expired on" in said()[0]
    assert "points are counted as always" in said()[0]


def test_what_cannot_sign_for_another_reason_is_a_warning_too(certs, luna):
    (certs / "pass.key").chmod(0o644)
    found = guardian.state(luna)
    assert (found.stage, found.key_bits, found.intermediate) == ("broken", 2048, "G4")
    with database.reading() as session:
        assert guardian.warnings(session) == [
            "Trattoria Luna: the Apple certificate cannot sign. luna/pass.key can be read by others. Run: chmod 600 pass.key"
        ]
    (certs / "pass.pem").write_bytes(b"x")
    assert guardian.state(luna).not_after is None


def test_an_issuer_that_ends_first_counts(certs, luna, chain, days_before):
    short = chain.authority("Short", "G3", chain.root, lasts=timedelta(days=21))
    (certs / "pass.pem").write_bytes(chain.pem(short.leaf(chain.subject(), chain.key)))
    (certs / "wwdr.pem").write_bytes(chain.pem(short.certificate))
    found = guardian.state(luna)
    assert (found.days_left, found.stage, found.intermediate) == (19, "30", "G3")


def test_each_stage_is_mailed_once(certs, luna, post, days_before):
    seen = []
    for days in (70, 59.9, 59, 45, 30, 29, 14, 7, 3, 1, 0.2, -0.1, -5):
        days_before(days)
        seen.append(stages(guardian.warn()))
    once = [[(stage, True)] for stage in ("60", "30", "14", "7", "1", "expired")]
    assert [found for found in seen if found] == once
    assert len(post.letters) == 6
    assert post.letters[-1]["Subject"] == "Trattoria Luna: the Apple certificate has expired"


def test_the_letter_says_what_to_do_and_where(certs, luna, post, days_before):
    days_before(6.5)
    guardian.warn()
    (letter,) = post.letters
    assert letter["To"] == "dmitro@example.com, clara@example.com"
    assert letter["From"] == "walletpass@cards.example.com"
    assert letter["Message-ID"].endswith("@cards.example.com>")
    assert "in 6 days" in letter.get_content()
    assert "https://cards.example.com/t/luna/certificates" in letter.get_content()
    assert len(post.recipients) == 2
    assert len(post.logins) == 1


def test_after_a_long_silence_only_the_urgent_stage_is_mailed(certs, luna, post, days_before):
    days_before(59)
    guardian.warn()
    days_before(5)
    assert stages(guardian.warn()) == [("7", True)]
    days_before(20)  # a clock that was put back
    assert guardian.warn() == []


def test_a_renewed_certificate_is_warned_of_anew(certs, luna, post, chain, days_before):
    longer = chain.wwdr.leaf(chain.subject(), chain.key, lasts=timedelta(days=800))
    days_before(5)
    guardian.warn()
    guardian.install(luna, [Offer("pass.cer", longer.public_bytes(Encoding.DER))])
    assert guardian.warn() == []
    days_before(5 - 404)
    assert stages(guardian.warn()) == [("7", True)]


def test_a_restart_mails_nothing_again(certs, luna, post, days_before):
    days_before(5)
    guardian.warn()
    known = json.loads((certs / ".warned").read_bytes())
    assert (known["stage"], (certs / ".warned").stat().st_mode & 0o777) == ("7", 0o600)
    assert guardian.warn() == []
    (certs / ".warned").write_bytes(b"damaged")
    assert stages(guardian.warn()) == [("7", True)]


def test_many_processes_mail_once(certs, luna, post, days_before):
    days_before(5)
    with ThreadPoolExecutor(8) as pool:
        seen = Counter(stage for found in pool.map(lambda _: guardian.warn(), range(16)) for stage in stages(found))
    assert seen == {("7", True): 1}
    assert len(post.letters) == 1


def test_without_the_lock_they_mail_it_more_than_once(certs, luna, post, days_before, monkeypatch):
    """The negative control: all of them look before one of them has written it down."""
    everybody = threading.Barrier(4, timeout=10)
    send = mail.hand_over
    monkeypatch.setattr(mail.disk.fcntl, "flock", lambda *_: None)
    monkeypatch.setattr(mail, "hand_over", lambda *letter: (everybody.wait(), send(*letter)))
    days_before(5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: guardian.warn(), range(4)))
    assert len(post.letters) == 4


@pytest.mark.parametrize("verb", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_mail_that_did_not_leave_is_tried_again(certs, luna, post, days_before, verb):
    days_before(5)
    post.answers = {verb: "554 no", "HELO": "554 no"}
    (failed,) = guardian.warn()
    assert not failed.sent
    assert failed.reason
    assert "Limone" not in failed.reason
    post.answers = {}
    assert stages(guardian.warn()) == [("7", True)]


def test_a_server_that_is_not_there_is_a_reason(certs, luna, settings, days_before):
    config.use(replace(settings, smtp_url="smtp://127.0.0.1:9", alert_to="dmitro@example.com"))
    days_before(5)
    assert stages(guardian.warn()) == [("7", False)]


def test_a_password_does_not_travel_in_the_clear(certs, luna, post, days_before, monkeypatch):
    monkeypatch.setattr(mail.config, "is_loopback", lambda host: False)
    days_before(5)
    (failed,) = guardian.warn()
    assert "offers no encryption" in failed.reason
    assert post.logins == []


def test_without_a_mail_server_nothing_is_mailed(certs, luna, days_before):
    days_before(5)
    assert guardian.warn() == []
    assert not (certs / ".warned").exists()


def test_the_watch_writes_down_what_it_did_and_survives_what_goes_wrong(certs, luna, post, days_before, monkeypatch):
    days_before(5)
    watch = Watch()
    with capture_logs() as logs:
        watch.look()
        monkeypatch.setattr(mail, "warn", lambda: 1 / 0)
        watch.look()
    assert [entry["event"] for entry in logs] == ["certificates.warning", "certificates.mail", "certificates.warning", "certificates.fault"]
    assert (logs[1]["program"], logs[1]["stage"], logs[1]["sent"]) == ("luna", "7", True)


def test_the_watch_looks_at_once_and_ends_when_it_is_told_to(monkeypatch):
    looked = threading.Event()
    watch = Watch()
    monkeypatch.setattr(watch, "look", looked.set)
    watch.start()
    assert looked.wait(10)
    watch.stop(10)
    assert not watch.thread.is_alive()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"smtp_url": "mail.example.com"}, "WALLETPASS_SMTP_URL must look like smtp://"),
        ({"smtp_url": "http://me:Limone7@mail"}, "WALLETPASS_SMTP_URL must look like smtp://"),
        ({"smtp_url": "smtp://me:Limone7@mail:x"}, "WALLETPASS_SMTP_URL must look like smtp://"),
        ({"smtp_url": "smtp://me:Limone7@mail"}, "set WALLETPASS_ALERT_TO"),
        ({"alert_to": "dmitro"}, "WALLETPASS_ALERT_TO must be a mail address"),
        ({"alert_to": "d@example.com\nBcc: x@example.com"}, "WALLETPASS_ALERT_TO must be a mail address"),
        ({"alert_from": "<x@example.com>"}, "WALLETPASS_ALERT_FROM must be a mail address"),
    ],
)
def test_a_setting_for_mail_that_cannot_work_is_refused_without_its_password(settings, changes, words):
    with pytest.raises(ConfigurationError, match=words) as caught:
        replace(settings, **changes)
    assert "Limone7" not in caught.value.message
    assert "Limone7" not in repr(replace(settings, smtp_url="smtp://me:Limone7@mail", alert_to="d@example.com"))
