"""A Google Wallet on a loopback port, a database with one restaurant, and Ana's card."""

import base64
import json
import shutil
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Flask, jsonify
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.cast import House, open_house
from tests.google.town import on_google
from walletpass import cards, config, database, google, guests, programs
from walletpass.cards import Card, CardFace
from walletpass.delivery import Notice
from walletpass.errors import WalletpassError
from walletpass.google import pace

ISSUER = "3388000000000000001"
EMAIL = "walletpass@luna.iam.gserviceaccount.com"
# google-auth says this one whatever the token_uri of the key file is.
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
KINDS = ("loyaltyClass", "loyaltyObject", "genericClass", "genericObject")
HOLDER, PHONE = "Ana Zoryana-Quill", "+4915123456789"

DESIGN = """
name = "Test"
style = "storeCard"
barcode = "QR"

[palettes.luna]
background = "rgb(176, 83, 7)"
foreground = "rgb(255, 255, 255)"
label = "rgb(240, 220, 200)"
accent = "#b05307"
accent_dark = "#e0a070"
"""
FIELDS = (
    ("header", "points", "points", "lbl_points"),
    ("primary", "holder", "holder", "lbl_holder"),
    ("auxiliary", "number", "number", "lbl_number"),
    ("back", "how", "text.txt_how", "lbl_how"),
    ("back", "terms", "contact.terms", "lbl_terms"),
    ("back", "address", "contact.address", "lbl_address"),
    ("back", "website", "contact.website", "lbl_website"),
    ("back", "phone", "contact.phone", "lbl_phone"),
    ("back", "email", "contact.email", "lbl_email"),
)
STRINGS = {
    "en": ("Points", "Guest", "Card number", "How it works", "Show the code.", "Terms", "Address", "Website", "Phone", "E-mail"),
    "uk": ("Бали", "Гість", "Номер картки", "Як це працює", "Покажіть код.", "Умови", "Адреса", "Сайт", "Телефон", "Пошта"),
    "ru": ("Баллы", "Гость", "Номер карты", "Как это работает", "Покажите код.", "Условия", "Адрес", "Сайт", "Телефон", "Почта"),
}
STRING_KEYS = (
    "lbl_points",
    "lbl_holder",
    "lbl_number",
    "lbl_how",
    "txt_how",
    "lbl_terms",
    "lbl_address",
    "lbl_website",
    "lbl_phone",
    "lbl_email",
)


@pytest.fixture(autouse=True)
def hosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every host that somebody wanted to talk to; none but this machine is reachable."""
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def guarded(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        if host not in ("127.0.0.1", "localhost"):
            raise OSError(f"tests do not talk to {host}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded)
    return asked


@dataclass
class Call:
    method: str
    path: str
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


@dataclass
class FakeGoogle:
    """Token endpoint and REST API. ``answers`` are given first, one for each API call; then it behaves.

    ``lost`` are words of paths: what is asked there next is done, and its answer is lost on the way.
    """

    public_key: rsa.RSAPublicKey
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    revoked: int = 0
    resources: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    answers: deque[Response | None] = field(default_factory=deque)
    token_answers: deque[Response] = field(default_factory=deque)
    during: Callable[[], None] | None = None
    hanging: bool = False
    delay: float = 0.0
    lost: deque[str] = field(default_factory=deque)
    pages: list[int] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        answer = self.token(request) if request.path == "/token" else self.api(request)
        return answer(environ, start_response)

    def next(self, status: int, reason: str = "", message: str = "no", headers: dict[str, str] | None = None) -> None:
        self.answers.append(refusal(status, reason, message, headers))

    @property
    def log(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.calls]

    def messages(self, kind: str, id: str) -> list[dict[str, Any]]:
        return list(self.resources[kind][id].get("messages", []))

    def token(self, request: Request) -> Response:
        if self.token_answers:
            return self.token_answers.popleft()
        assert request.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        header, claims = verified(request.form["assertion"], self.public_key)
        assert header["kid"] == "key-1"
        assert (claims["iss"], claims["aud"], claims["scope"]) == (EMAIL, AUDIENCE, SCOPE)
        assert claims["iat"] - 60 < time.time() < claims["exp"]
        self.grants.append(claims)
        return as_json({"access_token": f"token-{len(self.grants)}", "expires_in": 3600, "token_type": "Bearer"})

    def api(self, request: Request) -> Response:
        _, _, kind, *rest = request.path.split("/", 4)
        body = request.get_json(silent=True) or {}
        self.calls.append(Call(request.method, unquote("/".join([kind, *rest])), body))
        if self.hanging:
            self.released.wait(10)
        self.released.wait(self.delay)
        if self.during is not None:
            call, self.during = self.during, None
            call()
        scripted = self.answers.popleft() if self.answers else None
        if scripted is not None:
            return scripted
        # Threads that ask at one moment have a token each, and all of them are good.
        if request.headers.get("Authorization") not in {
            f"Bearer token-{number}" for number in range(self.revoked + 1, len(self.grants) + 1)
        }:
            return refusal(401, "authError", "bad token")
        answer = self.done(request, kind, unquote(rest[0]) if rest else "", body)
        if self.lost and self.lost[0] in request.path:
            self.lost.popleft()
            return refusal(503, "backendError", "the answer was lost")
        return answer

    def done(self, request: Request, kind: str, id: str, body: dict[str, Any]) -> Response:
        if request.path.endswith("/addMessage"):
            return self.add_message(kind, id.removesuffix("/addMessage"), body["message"])
        if request.method == "POST":
            return self.insert(kind, body)
        if request.method == "PATCH":
            return self.patch(kind, id, body)
        if not id:
            return self.listed(kind, int(request.args["maxResults"]), int(request.args.get("token", "0")))
        if kind not in self.resources or id not in self.resources[kind]:
            return refusal(404, "notFound", "no such resource")
        if request.method == "PUT":
            self.resources[kind][id] = {key: value for key, value in body.items() if key != "notifyPreference"}
        return as_json({**self.resources[kind][id], "hasUsers": True})

    def add_message(self, kind: str, id: str, message: dict[str, Any]) -> Response:
        """One more, also when there is one with this id; eleven are too many."""
        there = self.resources[kind][id].setdefault("messages", [])
        if len(there) == 10:
            return refusal(400, "invalid", "too many messages")
        there.append(message)
        return as_json({"resource": {**self.resources[kind][id], "hasUsers": True}})

    def listed(self, kind: str, size: int, start: int) -> Response:
        self.pages.append(start)
        found = list(self.resources[kind].values())[start : start + size]
        following = {"nextPageToken": str(start + size)} if start + size < len(self.resources[kind]) else {}
        return as_json({"pagination": following, **({"resources": found} if found else {})})

    def insert(self, kind: str, body: dict[str, Any]) -> Response:
        if body["id"] in self.resources[kind]:
            return refusal(409, "alreadyExists", "there is one")
        if kind.endswith("Object") and body["classId"] not in self.resources[kind.replace("Object", "Class")]:
            return refusal(404, "classNotFound", "no such class")
        self.resources[kind][body["id"]] = body
        return as_json({**body, "hasUsers": False})

    def patch(self, kind: str, id: str, body: dict[str, Any]) -> Response:
        if id not in self.resources[kind]:
            return refusal(404, "notFound", "no such resource")
        self.resources[kind][id] |= {key: value for key, value in body.items() if key != "notifyPreference"}
        return as_json({**self.resources[kind][id], "hasUsers": True})


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, headers, mimetype="application/json")


def refusal(status: int, reason: str = "", message: str = "no", headers: dict[str, str] | None = None) -> Response:
    error = {"code": status, "message": message, "errors": [{"message": message, "domain": "walletobjects", "reason": reason}]}
    return as_json({"error": error}, status, headers)


def verified(token: str, key: rsa.RSAPublicKey) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a JWT, its signature checked without the library that made it."""
    header, claims, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
    key.verify(signature, token.rpartition(".")[0].encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(header)["alg"] == "RS256"
    return json.loads(header), json.loads(claims)


@pytest.fixture(scope="session")
def check_token() -> Callable[[str, rsa.RSAPublicKey], tuple[dict[str, Any], dict[str, Any]]]:
    return verified


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def fake(private_key: rsa.RSAPrivateKey) -> Iterator[FakeGoogle]:
    google_wallet = FakeGoogle(private_key.public_key())
    server = make_server("127.0.0.1", 0, google_wallet, threaded=True)
    google_wallet.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield google_wallet
    google_wallet.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def designs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("designs")
    images = folder / "test" / "images" / "luna"
    images.mkdir(parents=True)
    (folder / "test" / "strings").mkdir()
    points = {"icon": (38, 38), "logo": (50, 50), "strip": (375, 144)}
    sizes = {
        f"{name}{scale}.png": (width * times, height * times)
        for name, (width, height) in points.items()
        for times, scale in ((1, ""), (2, "@2x"), (3, "@3x"))
    }
    for shade, (name, size) in enumerate({**sizes, "google_logo.png": (660, 660), "google_hero.png": (1032, 336)}.items()):
        content = BytesIO()
        Image.new("RGB", size, (shade, 0, 0)).save(content, "PNG")
        (images / name).write_bytes(content.getvalue())
    rows = [f'[[fields]]\nslot = "{slot}"\nkey = "{key}"\nvalue = "{value}"\nlabel = "{label}"\n' for slot, key, value, label in FIELDS]
    (folder / "test" / "design.toml").write_text(DESIGN + "\n".join(rows))
    for language, texts in STRINGS.items():
        lines = [f'{key} = "{text}"' for key, text in zip(STRING_KEYS, texts, strict=True)]
        (folder / "test" / "strings" / f"{language}.toml").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture
def key_file(tmp_path: Path, private_key: rsa.RSAPrivateKey, fake: FakeGoogle) -> Path:
    pem = private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    path = tmp_path / "certs" / "google.json"
    path.parent.mkdir()
    content = {"type": "service_account", "private_key_id": "key-1", "private_key": pem, "client_email": EMAIL}
    path.write_text(json.dumps(content | {"token_uri": f"{fake.url}/token"}))
    path.chmod(0o600)
    return path


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns at Google follow at once. Who looks at the pace sets `pace.GAP` back."""
    monkeypatch.setattr(pace, "GAP", 1)


@pytest.fixture
def restaurant(tmp_path: Path, sqlite_template: Path, designs: Path, key_file: Path, fake: FakeGoogle, hurried: None) -> Iterator[Path]:
    config.use(
        config.Settings(
            secret_keys="1:" + "ab" * 32,
            base_url="https://cards.luna.example",
            certs_dir=str(key_file.parent),
            designs_dir=str(designs),
            google_api_url=f"{fake.url}/v1",
            google_save_url="https://pay.google.com/gp/v/save",
        )
    )
    shutil.copy(sqlite_template, tmp_path / "test.sqlite")
    engine = database.bind(f"sqlite:///{tmp_path / 'test.sqlite'}")
    with database.transaction() as session:
        program = programs.create(
            session,
            id="luna",
            name="Trattoria Luna",
            pass_type_identifier="pass.example.luna",
            team_identifier="LUNA000001",
            google_issuer_id=ISSUER,
            design="test",
            palette="luna",
            phone="+49 (30) 123 456",
            email="ciao@luna.example",
            website="https://luna.example",
            terms="One point for every euro.",
        )
        programs.add_venue(session, program, "Luna", address="Am Kanal 1, Berlin", latitude=52.5, longitude=13.4)
    yield tmp_path
    engine.dispose()


@pytest.fixture
def issue(restaurant: Path) -> Callable[..., Card]:
    """A new guest's card, with Google among its wallets unless told otherwise."""

    def make(name: str = HOLDER, wallets: tuple[str, ...] = ("google",)) -> Card:
        with database.transaction() as session:
            consent = guests.ConsentGiven("loyalty", "1", "en", "I agree.")
            program = programs.get(session, "luna")
            guest = guests.register(session, program, name=name, phone=PHONE, language="en", consent=consent)
            card = cards.issue(session, guest, points=10)
            for wallet in wallets:
                cards.put_on(session, card, wallet)
            return card

    return make


@pytest.fixture
def card(issue: Callable[..., Card]) -> Card:
    return issue()


@pytest.fixture
def look(restaurant: Path) -> Callable[[Card], CardFace]:
    def read(card: Card) -> CardFace:
        with database.reading() as session:
            return cards.face(session, cards.get(session, card.program_id, card.id))

    return read


@pytest.fixture
def show(restaurant: Path) -> Callable[..., None]:
    def change(card: Card, **values: Any) -> None:
        with database.transaction() as session:
            cards.show(session, cards.get(session, card.program_id, card.id), **values)

    return change


@pytest.fixture
def deliver() -> Callable[..., list[Any]]:
    """Hand cards to the channel; one failure or None for each."""

    def run(*wanted: Card) -> list[Any]:
        notices = [Notice(f"outbox-{place}", card.program_id, card.id, card.version) for place, card in enumerate(wanted)]
        outcomes = list(google.GoogleChannel().deliver(notices))
        assert [outcome.notice for outcome in outcomes] == notices
        return [outcome.failure for outcome in outcomes]

    return run


@pytest.fixture
def browser(restaurant: Path) -> FlaskClient:
    app = Flask("porch")
    app.register_blueprint(google.bp)
    app.register_error_handler(WalletpassError, lambda error: (jsonify(error=error.message), error.status))
    return app.test_client()


@pytest.fixture
def town(db: config.Settings, key_file: Path, fake: FakeGoogle, hurried: None) -> House:
    """Trattoria Luna with cards at Google, on both databases."""
    config.use(
        replace(
            config.current(),
            base_url="https://cards.luna.example",
            certs_dir=str(key_file.parent),
            google_api_url=f"{fake.url}/v1",
            google_save_url="https://pay.google.com/gp/v/save",
        )
    )
    house = open_house(google_issuer_id=ISSUER)
    on_google(house.ana)
    return house
