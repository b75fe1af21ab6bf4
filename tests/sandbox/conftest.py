"""A small outside world: a chain, passes made with openssl (not with our signer) and a restaurant of thirty lines."""

import hashlib
import io
import json
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Response, jsonify, make_response, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.payloads import Outsider
from tests.sandbox.wallet import Google
from walletpass import sandbox
from walletpass.sandbox import chain

TYPE, TEAM, TOKEN = "pass.example.luna", "LUNA000001", "a-token-that-is-long-enough-for-a-phone"
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
LUNA = chain.PassType("luna", TYPE, TEAM, "Trattoria Luna")
SOVA = chain.PassType("sova", "pass.example.sova", "SOVA000001", "Bistro Sova")


@dataclass(frozen=True)
class Credentials:
    certs: Path
    directory: Path


@pytest.fixture(scope="session")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    base = tmp_path_factory.mktemp("credentials")
    chain.prepare(
        base / "certs", base / "sandbox", [LUNA, SOVA], token_uri="http://127.0.0.1:1/google/token", issuers=["3388000000000000001"]
    )
    return Credentials(base / "certs", base / "sandbox")


@dataclass
class PassMaker:
    """Makes a pass the phone likes; every argument is a way to spoil it."""

    folder: Path
    work: Path

    def content(self, **changes: Any) -> dict[str, Any]:
        content: dict[str, Any] = {
            "formatVersion": 1,
            "passTypeIdentifier": TYPE,
            "teamIdentifier": TEAM,
            "serialNumber": "card-1",
            "organizationName": "Trattoria Luna",
            "description": "Loyalty card",
            "backgroundColor": "rgb(122, 52, 38)",
            "foregroundColor": "rgb(255, 248, 240)",
            "labelColor": "rgb(240, 190, 150)",
            "logoText": "Trattoria Luna",
            "webServiceURL": "http://127.0.0.1:9/apple",
            "authenticationToken": TOKEN,
            "barcodes": [
                {"format": "PKBarcodeFormatQR", "message": "1003184467440737", "messageEncoding": "iso-8859-1", "altText": "1042 5531"}
            ],
            "storeCard": {
                "headerFields": [{"key": "points", "label": "lbl_points", "value": 120, "changeMessage": "chg_points"}],
                "secondaryFields": [{"key": "holder", "label": "lbl_holder", "value": "Ana"}],
                "backFields": [{"key": "phone", "label": "Phone", "value": "+49 30 123456"}],
            },
        }
        content.update(changes)
        return {key: value for key, value in content.items() if value is not ...}

    def files(self, **changes: Any) -> dict[str, bytes]:
        english = '"lbl_points" = "Points";\n"lbl_holder" = "Member";\n"chg_points" = "You now have %@ points";\n'
        ukrainian = '"lbl_points" = "Бали";\n"lbl_holder" = "Гість";\n"chg_points" = "У вас %@ балів";\n'
        return {
            "pass.json": json.dumps(self.content(**changes)).encode(),
            "icon.png": PNG,
            "icon@2x.png": PNG,
            "en.lproj/pass.strings": english.encode("utf-16"),
            "uk.lproj/pass.strings": ukrainian.encode("utf-16"),
        }

    def manifest(self, files: dict[str, bytes]) -> bytes:
        return json.dumps({name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()}, indent=1).encode()

    def sign(self, manifest: bytes, *options: str, signer: str = "pass", certfile: str = "wwdr.pem", detached: bool = True) -> bytes:
        (self.work / "manifest.json").write_bytes(manifest)
        command = ["openssl", "smime", "-sign", "-binary", "-outform", "DER", "-in", str(self.work / "manifest.json")]
        command += ["-signer", str(self.folder / f"{signer}.pem"), "-inkey", str(self.folder / f"{signer}.key")]
        command += ["-certfile", str(self.folder / certfile)] if certfile else []
        command += [] if detached else ["-nodetach"]
        return subprocess.run([*command, *options], check=True, capture_output=True).stdout

    def zip(self, files: dict[str, bytes], manifest: bytes | None = None, signature: bytes | None = None) -> bytes:
        manifest = self.manifest(files) if manifest is None else manifest
        signature = self.sign(manifest) if signature is None else signature
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in {**files, "manifest.json": manifest, "signature": signature}.items():
                archive.writestr(name, data)
        return buffer.getvalue()

    def make(self, **changes: Any) -> bytes:
        return self.zip(self.files(**changes))


@pytest.fixture
def passes(credentials: Credentials, tmp_path: Path) -> PassMaker:
    return PassMaker(credentials.certs / "luna", tmp_path)


@dataclass
class Restaurant:
    """A server with one card: enough of the PassKit web service for a phone, and a page."""

    passes: PassMaker
    url: str = ""
    points: int = 120
    tag: int = 1
    changed_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    registrations: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    broken: int = 0  # answer this status instead
    spoiled: bool = False
    robots: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)  # callbacks of Google
    told_answers: list[int] = field(default_factory=list)  # given first, one for each

    def earn(self, points: int) -> None:
        self.points, self.tag = self.points + points, self.tag + 1
        self.changed_at = datetime.fromtimestamp(self.changed_at.timestamp() + 1, UTC)

    def pkpass(self) -> bytes:
        card = self.passes.content()["storeCard"]
        card["headerFields"][0]["value"] = self.points
        data = self.passes.make(webServiceURL=f"{self.url}/apple", storeCard=card)
        return data[:-30] if self.spoiled else data

    @property
    def push_token(self) -> str:
        return next(iter(self.registrations.values()))


def _restaurant_app(self: Restaurant) -> Flask:
    app = Flask("restaurant")

    @app.before_request
    def note() -> Response | None:
        self.calls.append((request.method, request.full_path.rstrip("?"), dict(request.headers)))
        return Response(status=self.broken) if self.broken and request.path.startswith("/apple") and "log" not in request.path else None

    @app.get("/")
    def hello() -> Response:
        answer = make_response(f'<a href="{self.url}/card.pkpass">card</a> visits={request.cookies.get("visits", "0")}')
        answer.set_cookie("visits", str(int(request.cookies.get("visits", "0")) + 1), httponly=True)
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Content-Security-Policy"] = "default-src 'self'; form-action 'self'; frame-ancestors 'none'; script-src 'self'"
        return answer

    @app.get("/card.pkpass")
    def card() -> Response:
        return Response(self.pkpass(), content_type="application/vnd.apple.pkpass")

    @app.get("/go")
    def go() -> Response:
        return redirect(request.args["to"])  # type: ignore[return-value]

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> Response:
        return jsonify(headers=dict(request.headers), body=request.get_data(as_text=True))

    @app.route("/apple/v1/devices/<device>/registrations/<kind>/<serial>", methods=["POST", "DELETE"])
    def register(device: str, kind: str, serial: str) -> tuple[str, int]:
        if request.headers.get("Authorization") != f"ApplePass {TOKEN}":
            return "", 401
        if request.method == "DELETE":
            self.registrations.pop(device, None)
            return "", 200
        new = device not in self.registrations
        self.registrations[device] = request.get_json()["pushToken"]
        return "", 201 if new else 200

    @app.get("/apple/v1/devices/<device>/registrations/<kind>")
    def updated(device: str, kind: str) -> Response:
        since = request.args.get("passesUpdatedSince", "")
        if since and int(since) >= self.tag:
            return Response(status=204)
        return jsonify(serialNumbers=["card-1"], lastUpdated=str(self.tag))

    @app.get("/apple/v1/passes/<kind>/<serial>")
    def fetch(kind: str, serial: str) -> Response:
        if request.headers.get("Authorization") != f"ApplePass {TOKEN}":
            return Response(status=401)
        stamp = format_datetime(self.changed_at, usegmt=True)
        if request.headers.get("If-Modified-Since") == stamp:
            return Response(status=304)
        return Response(self.pkpass(), content_type="application/vnd.apple.pkpass", headers={"Last-Modified": stamp})

    @app.post("/apple/v1/log")
    def log() -> str:
        self.logs.extend(request.get_json()["logs"])
        return ""

    @app.get("/robots.txt")
    def robots() -> Response:
        return Response(self.robots, status=200 if self.robots else 404, content_type="text/plain")

    @app.post("/google/callback")
    def callback() -> Response:
        self.told.append(request.get_json())
        return Response(status=self.told_answers.pop(0) if self.told_answers else 204)

    @app.get("/logo.png")
    def logo() -> Response:
        return Response(PNG, content_type="image/png")

    return app


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None: ...


@pytest.fixture
def restaurant(passes: PassMaker) -> Iterator[Restaurant]:
    place = Restaurant(passes)
    server = make_server("127.0.0.1", 0, _restaurant_app(place), threaded=True, request_handler=Quiet)
    place.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Remote:
    """The sandbox, as a script sees it: over HTTP. ``box`` is the handle."""

    box: sandbox.Sandbox
    session: requests.Session

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.box.url + path, timeout=20, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.session.post(self.box.url + path, json=body, timeout=20, **options)

    def state(self) -> dict[str, Any]:
        return dict(self.get("/state").json())

    def until(self, fact: Callable[[], Any], seconds: float = 10.0) -> None:
        assert self.box.board.until(lambda: bool(fact()), seconds), f"it did not happen; {self.box.board.lines[-5:]}"


@pytest.fixture
def start(credentials: Credentials, restaurant: Restaurant, tmp_path: Path) -> Iterator[Callable[..., Remote]]:
    """Start a sandbox over the same directory as often as wanted."""
    running: list[Remote] = []
    trust = {name: credentials.directory / file for name, file in FILES.items()}

    def begin(**changes: Any) -> Remote:
        options = {"port": 0, "iphone_port": 0, "android_port": 0, "apns_port": 0, "retry_after": 0.05, **trust, **changes}
        box = sandbox.start_in_thread(sandbox.Options(restaurant.url, tmp_path / "phones", **options))
        running.append(Remote(box, Outsider()))
        return running[-1]

    yield begin
    for remote in running:
        remote.session.close()
        remote.box.stop()


@pytest.fixture
def remote(start: Callable[..., Remote]) -> Remote:
    return start()


@pytest.fixture
def google(remote: Remote, credentials: Credentials, restaurant: Restaurant) -> Google:
    return Google(remote, credentials, f"{restaurant.url}/logo.png")


FILES = {
    "apple_root": "root.pem",
    "apple_intermediate": "wwdr.pem",
    "apns_certificate": "apns-server.pem",
    "apns_key": "apns-server.key",
    "google_users": "google-users.json",
}
