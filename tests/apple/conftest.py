"""Certificates shaped like Apple's, a tiny design, a database and Ana's card."""

import asyncio
import json
import socket
import ssl
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import ip_address
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from flask import Flask
from hypercorn.asyncio import serve
from hypercorn.config import Config
from PIL import Image
from sqlmodel import SQLModel

from walletpass import apple, cards, config, database, guests, programs
from walletpass.apple import certificates
from walletpass.errors import WalletpassError
from walletpass.sandbox.apnswire import Reply, Weather, Wire, tls_context

PASS_TYPE, TEAM = "pass.example.luna", "LUNA000001"
SIZES = {"icon": (38, 38), "logo": (160, 50), "strip": (375, 144)}
DESIGN = """
name = "Tiny"
style = "storeCard"
barcode = "QR"
fields = [
  {slot="header", key="points", label="lbl_points", value="points", change="chg_points"},
  {slot="secondary", key="holder", label="lbl_holder", value="holder"},
  {slot="auxiliary", key="coat", label="lbl_coat", value="coat"},
  {slot="back", key="how", label="lbl_how", value="text.txt_how"},
  {slot="back", key="phone", label="lbl_phone", value="contact.phone"},
  {slot="back", key="card_number", label="lbl_number", value="number"},
]

[palettes.plain]
background = "rgb(20, 30, 40)"
foreground = "rgb(255, 255, 255)"
label = "rgb(200, 200, 200)"
accent = "#14283c"
accent_dark = "#a0c0e0"
"""
ENGLISH = {
    "lbl_points": "Points",
    "lbl_holder": "Guest",
    "lbl_coat": "Coat",
    "lbl_how": "How",
    "lbl_phone": "Call us",
    "lbl_number": "Number",
    "txt_how": 'Say "hello"',
    "chg_points": "You have %@ points",
}
UKRAINIAN = ENGLISH | {"lbl_points": "Бали", "lbl_holder": "Гість", "chg_points": "Маєте %@ балів"}


class Authority:
    """Issues certificates; every field of Apple's can be made wrong."""

    def __init__(self, common_name, unit, issuer=None, lasts=timedelta(days=3650)):
        self.name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, common_name), x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)]
        )
        self.key = rsa.generate_private_key(65537, 2048)
        self.certificate = self._sign(self.name, self.key.public_key(), issuer or self, True, None, lasts)

    def leaf(self, subject, key, *, start=None, lasts=timedelta(days=396), extensions=()):
        attributes = [x509.NameAttribute(oid, value) for oid, value in subject]
        return self._sign(x509.Name(attributes), key.public_key(), self, False, start, lasts, extensions)

    def _sign(self, name, public_key, issuer, authority, start, lasts, extensions=()):
        start = start or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        builder = (
            x509.CertificateBuilder(name and issuer.name, name, public_key, x509.random_serial_number(), start, start + lasts)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(issuer.key, hashes.SHA256())


def pem(thing):
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def apple_subject(pass_type=PASS_TYPE, team=TEAM):
    return (
        (NameOID.USER_ID, pass_type),
        (NameOID.COMMON_NAME, f"Pass Type ID: {pass_type}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, team),
        (NameOID.ORGANIZATION_NAME, "Trattoria Luna"),
    )


@pytest.fixture(scope="session")
def chain():
    """Root, intermediate, Luna's pass certificate and key, and another intermediate of the same name."""
    root = Authority("Example Root CA", "Root")
    wwdr = Authority("Example Worldwide Developer Relations", "G4", root)
    key = rsa.generate_private_key(65537, 2048)
    leaf = wwdr.leaf(apple_subject(), key)
    impostor = Authority("Example Worldwide Developer Relations", "G4", root)
    return SimpleNamespace(
        root=root, wwdr=wwdr, key=key, leaf=leaf, impostor=impostor, pem=pem, subject=apple_subject, authority=Authority,
        stranger=rsa.generate_private_key(65537, 2048),
    )  # fmt: skip


@pytest.fixture(scope="session")
def designs_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("designs")
    tiny = folder / "tiny"
    (tiny / "strings").mkdir(parents=True)
    (tiny / "design.toml").write_text(DESIGN, "utf-8")
    for language, strings in (("en", ENGLISH), ("uk", UKRAINIAN)):
        lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in strings.items()]
        (tiny / "strings" / f"{language}.toml").write_text("".join(lines), "utf-8")
    images = tiny / "images" / "plain"
    images.mkdir(parents=True)
    for name, (width, height) in SIZES.items():
        for scale, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
            (images / f"{name}{suffix}.png").write_bytes(solid(width * scale, height * scale))
    (images / "google_logo.png").write_bytes(solid(660, 660))
    (images / "google_hero.png").write_bytes(solid(1032, 336))
    return folder


def solid(width, height):
    data = BytesIO()
    Image.new("P", (width, height), 3).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def settings(tmp_path, designs_dir):
    return config.use(
        config.Settings(
            secret_keys="1:" + "ab" * 32,
            base_url="https://cards.example.com",
            database_url=f"sqlite:///{tmp_path}/walletpass.sqlite",
            certs_dir=str(tmp_path / "certs"),
            designs_dir=str(designs_dir),
        )
    )


@pytest.fixture
def db(settings):
    engine = database.bind(settings.database_url)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def luna(db):
    with database.transaction() as session:
        program = programs.create(
            session, id="luna", name="Trattoria Luna", pass_type_identifier=PASS_TYPE, team_identifier=TEAM,
            design="tiny", palette="plain", phone="+49 30 1234567",
        )  # fmt: skip
        programs.add_venue(session, program, "Luna at the river", address="Ufer 1", latitude=52.5, longitude=13.4)
        return program


@pytest.fixture
def issue(luna):
    """Issue a card: ``issue("Ana")``."""

    def make(name="Ana", program=luna):
        with database.transaction() as session:
            guest = guests.Guest(program_id=program.id, name=name, phone="+4915123456789")
            session.add(guest)
            session.flush()
            return cards.issue(session, guest)

    return make


@pytest.fixture
def card(issue):
    return issue("Ana")


@pytest.fixture
def certs(settings, chain, tmp_path):
    """The folder of Luna's certificate, in order."""
    folder = tmp_path / "certs" / "luna"
    folder.mkdir(parents=True)
    (folder / "pass.pem").write_bytes(pem(chain.leaf))
    (folder / "wwdr.pem").write_bytes(pem(chain.wwdr.certificate))
    (folder / "pass.key").touch(0o600)
    (folder / "pass.key").write_bytes(pem(chain.key))
    return folder


@pytest.fixture
def identity(certs, luna):
    return certificates.identity(luna)


@pytest.fixture
def face(card, luna):
    with database.reading() as session:
        return cards.face(session, cards.get(session, luna.id, card.id), luna)


@pytest.fixture
def show(luna):
    def change(card, **values):
        with database.transaction() as session:
            mine = cards.get(session, card.program_id, card.id)
            cards.show(session, mine, **values)
            return mine

    return change


@pytest.fixture
def client(luna, certs):
    app = Flask("walletpass")
    app.register_blueprint(apple.bp)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024

    @app.errorhandler(WalletpassError)
    def answer(error):
        return {"error": {"code": error.code, "message": error.message}}, error.status

    return app.test_client()


class FakeApns:
    """APNs on this machine: HTTP/2, and nobody enters without a client certificate."""

    def __init__(self, folder, chain, max_requests, port=0):
        self.answers, self.requests, self.connections = {}, [], Counter()
        listening = socket.create_server(("127.0.0.1", port))
        self.port = listening.getsockname()[1]
        self.url, self.ca_file = f"https://localhost:{self.port}", str(folder / "ca.pem")
        self._config = self._configure(folder, chain, max_requests)
        self._config.bind = [f"fd://{listening.detach()}"]
        self._ready, self._stop, self._loop = threading.Event(), None, None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _configure(self, folder, chain, max_requests):
        key = chain.stranger
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        server = chain.root.leaf(((NameOID.COMMON_NAME, "localhost"),), key, extensions=(names, usage))
        (folder / "server.pem").write_bytes(pem(server))
        (folder / "server.key").write_bytes(pem(key))
        (folder / "ca.pem").write_bytes(pem(chain.root.certificate))
        made = Config()
        made.certfile, made.keyfile = str(folder / "server.pem"), str(folder / "server.key")
        made.ca_certs, made.verify_mode = self.ca_file, ssl.CERT_REQUIRED
        made.alpn_protocols, made.keep_alive_max_requests = ["h2"], max_requests
        # Hypercorn says goodbye after so many requests, answers none that came with them, and hangs up when idle.
        made.keep_alive_timeout, made.graceful_timeout = 0.05 if max_requests < 1000 else 5, 0.1
        made.errorlog = made.accesslog = None
        return made

    async def _app(self, scope, receive, send):
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        token = scope["path"].removeprefix("/3/device/")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append(
            SimpleNamespace(token=token, method=scope["method"], version=scope["http_version"], headers=headers, body=body)
        )
        self.connections[scope["client"]] += 1
        status, said = self.answers.get(token, (200, None))
        content = json.dumps(said).encode() if said else b""
        await send({"type": "http.response.start", "status": status, "headers": [(b"apns-id", headers["apns-id"].encode())]})
        await send({"type": "http.response.body", "body": content})

    def _run(self):
        async def main():
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            self._ready.set()
            await serve(self._app, self._config, shutdown_trigger=self._stop.wait)

        asyncio.run(main())

    def start(self):
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)


@pytest.fixture
def start_apns(tmp_path, chain):
    running = []

    def start(max_requests=10_000, again=None):
        folder = tmp_path / "apns"
        folder.mkdir(exist_ok=True)
        running.append(FakeApns(folder, chain, max_requests, again.port if again else 0).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def apns(start_apns):
    return start_apns()


@pytest.fixture
def start_wire(tmp_path, chain):
    """Start an APNs with an answer and the weather of its connections, by their number; it knows its ``url`` and ``ca_file``."""
    running = []
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    server = chain.root.leaf(((NameOID.COMMON_NAME, "localhost"),), chain.stranger, extensions=(names, usage))
    files = {"wire.pem": server, "wire.key": chain.stranger, "root.pem": chain.root.certificate, "wwdr.pem": chain.wwdr.certificate}
    for name, thing in files.items():
        (tmp_path / name).write_bytes(pem(thing))
    context = tls_context(*(str(tmp_path / name) for name in files))

    def start(answer=lambda request: Reply(200), weather=lambda number: Weather()):
        wire = Wire(("127.0.0.1", 0), context, answer, lambda: weather(len(wire.tally.connected)))
        wire.url, wire.ca_file = f"https://localhost:{wire.port}", str(tmp_path / "root.pem")
        wire.start()
        running.append(wire)
        return wire

    yield start
    for wire in running:
        wire.stop()
