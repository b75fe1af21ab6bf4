"""Google's voice, and where it publishes its root keys: on a loopback port, which counts who asks and can be made to answer otherwise."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import Session, SQLModel
from werkzeug.serving import make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from tests.cast import House, make_app, open_house
from walletpass import cards, config, database, google
from walletpass.app import App
from walletpass.cards import Card
from walletpass.config import Settings
from walletpass.doorman import Doorman
from walletpass.google import rootkeys
from walletpass.google.models import GoogleObject
from walletpass.google.rootkeys import RootKeys
from walletpass.sandbox.googlecalls import Signer

ISSUER = "3388000000022222222"
ADDRESS = "/google/callback/luna"


@dataclass
class KeyHouse:
    """``lists`` is what each path answers: the content of a list of keys, or a whole answer."""

    signer: Signer = field(default_factory=Signer.new)
    lists: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    base: str = ""

    @property
    def url(self) -> str:
        return f"{self.base}/keys"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = Request(environ).path
        self.asked.append(path)
        told = self.lists.get(path, self.signer.keys())
        answer = told if isinstance(told, Response) else Response(json.dumps(told), mimetype="application/json")
        return answer(environ, start_response)


@contextmanager
def open_keyhouse() -> Iterator[KeyHouse]:
    house = KeyHouse()
    server = make_server("127.0.0.1", 0, house, threaded=True)
    house.base = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Wallet:
    """Luna with Ana's card at Google, and Google's voice."""

    house: House
    app: App
    keyhouse: KeyHouse

    @property
    def signer(self) -> Signer:
        return self.keyhouse.signer

    @property
    def phone(self) -> FlaskClient:
        return self.app.test_client()

    def about(self, card: Card | None = None) -> tuple[str, str, str]:
        return ISSUER, f"{ISSUER}.luna", f"{ISSUER}.{(card or self.house.ana).serial_number}"

    def call(self, event: str, card: Card | None = None, **how: Any) -> dict[str, Any]:
        return self.signer.call(*self.about(card), event, **how)

    def post(self, body: Any, address: str = ADDRESS) -> TestResponse:
        return self.phone.post(address, data=body if isinstance(body, bytes) else json.dumps(body), content_type="application/json")

    def hear(self, event: str, **how: Any) -> None:
        assert self.post(self.call(event, **how)).status_code == 204

    @property
    def row(self) -> GoogleObject:
        with database.reading() as session:
            return session.get_one(GoogleObject, ("luna", self.house.ana.id))


def at_google(session: Session, card: Card) -> None:
    session.add(
        GoogleObject(
            program_id=card.program_id,
            card_id=card.id,
            pushed_hash="0" * 64,
            pushed_points=0,
            pushed_at=database.now(),
            asked_at=database.now(),
        )
    )
    cards.put_on(session, card, "google")


def opened(settings: Settings, keyhouse: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> Wallet:
    config.use(replace(settings, google_key_urls=keyhouse.url))
    monkeypatch.setattr(rootkeys, "roots", RootKeys())
    house = open_house(google_issuer_id=ISSUER)
    with database.transaction() as session:
        at_google(session, cards.get(session, "luna", house.ana.id))
    app = server()
    app.extensions["doorman"] = Doorman()
    return Wallet(house, app, keyhouse)


@cache
def server() -> App:
    """One for all tests: it speaks with the database and the settings in use."""
    return make_app()


def everything() -> dict[str, list[Any]]:
    """All rows of all tables."""
    with database.reading() as session:
        looks = {name: text(f'SELECT * FROM "{name}"') for name in SQLModel.metadata.tables}  # noqa: S608 (names of ours)
        return {name: sorted(map(repr, session.execute(look).all())) for name, look in looks.items()}


def counted(reason: str) -> int:
    return google.refusals.all().get(reason, 0)
