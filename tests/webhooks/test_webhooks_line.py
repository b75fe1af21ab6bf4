"""A receiver that hangs, drips, floods or shows another's certificate costs five seconds at most, and nobody else anything."""

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cast import make_app
from tests.webhooks.conftest import follow, row, tell
from tests.webhooks.receiver import Receiver
from walletpass.webhooks import Dispatcher, line
from walletpass.webhooks.addresses import Target, target
from walletpass.webhooks.line import Line

NAME = "receiver.example"


@pytest.fixture
def impatient(monkeypatch):
    """Half a second instead of five."""
    monkeypatch.setattr(line, "PATIENCE", 0.5)


@pytest.fixture
def talking():
    """A receiver that behaves as the test says."""
    made = []

    def start(behave):
        made.append(Receiver(behave=behave))
        return made[-1]

    released.clear()
    yield start
    released.set()
    for one in made:
        one.close()


released = threading.Event()


def hangs(_ear, _number):
    released.wait(30)
    return True


def drips(head, drop):
    def answer(ear, _number):
        ear.wfile.write(head)
        for _ in range(300):
            if released.wait(0.05):
                break
            ear.wfile.write(drop)
            ear.wfile.flush()
        return True

    return answer


drips_headers = drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n")
drips_body = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n", b"x")


def floods(ear, _number):
    ear.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(1000):
        ear.wfile.write(b"x" * 100_000)
    return True


def nonsense(ear, _number):
    ear.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
    return True


@pytest.mark.parametrize("behave", [hangs, drips_headers, drips_body], ids=["hangs", "drips headers", "drips body"])
def test_one_that_does_not_come_to_an_end_is_left_in_time(sqlite, impatient, talking, behave):
    receiver, begun = talking(behave), time.monotonic()
    with Line(target(receiver.url)) as open_line:
        answer = open_line.post(b"{}", {})
    assert time.monotonic() - begun < 5
    assert answer.status in (0, 200)
    if not answer.taken:
        assert answer.said == line.TOO_LATE


def test_of_a_flood_no_more_is_read_than_is_kept(sqlite, talking):
    receiver = talking(floods)
    with Line(target(receiver.url)) as open_line:
        assert open_line.post(b"{}", {}).status == 200
        receiver.behave = None
        assert open_line.post(b"{}", {}).status == 200, "what was left is not taken for the next answer"


def test_nonsense_is_a_failure_in_words(sqlite, talking):
    with Line(target(talking(nonsense).url)) as open_line:
        answer = open_line.post(b"{}", {})
    assert (answer.status, answer.said) == (0, "the connection broke (BadStatusLine)")


def test_nobody_there_is_a_failure_in_words(sqlite, receiver):
    receiver.close()
    with Line(target(receiver.url)) as open_line:
        assert open_line.post(b"{}", {}).said == "it refuses connections"


def test_words_of_a_receiver_are_kept_short_and_without_control_characters(sqlite, talking):
    def shouts(ear, _number):
        said = ("\x1b[31m\u202e<b>no</b>\n" + "ü" * 500).encode()
        ear.wfile.write(b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
        return True

    with Line(target(talking(shouts).url)) as open_line:
        said = open_line.post(b"{}", {}).said
    assert said.isprintable()
    assert len(said) <= line.WORDS


@pytest.fixture
def secured(tmp_path, monkeypatch):
    """A receiver with the certificate of `NAME`, which we trust; the name that it was asked for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
        .not_valid_before(moment - timedelta(days=1)).not_valid_after(moment + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "receiver.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + plain)
    receiver, asked = Receiver(), []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
    monkeypatch.setattr(line, "trust", lambda: ssl.create_default_context(cafile=str(file)))
    monkeypatch.setattr(line, "resolve", lambda _target: [IPv4Address("127.0.0.1")])
    yield receiver, asked
    receiver.close()


def test_the_judged_address_is_called_with_the_name_in_sni_certificate_and_host(secured):
    receiver, asked = secured
    with Line(Target("https", NAME, receiver.server_port, "/x", local=True)) as open_line:
        assert open_line.post(b"{}", {"Walletpass-Event-Id": "1"}).status == 200
    assert asked == [NAME]
    assert receiver.heard[0].headers["Host"] == NAME


def test_another_s_certificate_is_not_good_enough(secured):
    receiver, _ = secured
    with Line(Target("https", "other.example", receiver.server_port, "/x", local=True)) as open_line:
        answer = open_line.post(b"{}", {})
    assert answer.said.startswith("its certificate is not good")
    assert receiver.heard == []


def test_receivers_that_hang_hold_up_neither_scans_nor_other_receivers(house, talking):
    """F43, with as many that hang as there are threads but one, for five real seconds."""
    hanging = talking(hangs)
    well = talking(None)
    for _ in range(7):
        follow(hanging.url)
    told = follow(well.url)
    app = make_app()
    bearer = {"Authorization": f"Bearer {house.api_key}"}
    loop = Dispatcher(8)
    tell(3)
    loop.start()
    try:
        hanging.wait_for(lambda: len(hanging.heard) >= 7)
        client, took = app.test_client(), []
        for _ in range(60):
            begun = time.monotonic()
            assert client.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=bearer).status_code == 200
            took.append(time.monotonic() - begun)
        well.wait_for(lambda: well.numbers == [2, 3, 4], 4)
        assert sorted(took)[58] < 0.5
    finally:
        released.set()
        loop.stop()
    assert row(told).reached == 4
