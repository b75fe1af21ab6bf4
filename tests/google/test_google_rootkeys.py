"""Google's root keys: at hand before anybody calls, asked for by age alone, and kept while Google cannot be reached."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.wrappers import Response

from tests.cast import open_house
from tests.google.keyhouse import KeyHouse, open_keyhouse
from walletpass import config, database
from walletpass.config import Settings
from walletpass.errors import Unavailable
from walletpass.google import rootkeys, watch
from walletpass.google.models import GoogleNonce
from walletpass.google.rootkeys import RootKeys, keys_of
from walletpass.google.watch import Watch
from walletpass.sandbox.googlecalls import PROTOCOL, Signer, public

NOW = 1_795_990_000_000
MINUTE, HOUR = 60_000, 3_600_000


@pytest.fixture
def publisher() -> Iterator[KeyHouse]:
    with open_keyhouse() as house:
        yield house


@pytest.fixture
def keys(publisher: KeyHouse) -> RootKeys:
    config.use(Settings(secret_keys="1:" + "5e" * 32, google_key_urls=f"{publisher.base}/a,{publisher.base}/b"))
    return RootKeys()


def listed(signer: Signer, expires_ms: int | None = NOW + 30 * 24 * HOUR) -> dict[str, Any]:
    return signer.keys(expires_ms=expires_ms)


def held(keys: RootKeys, now_ms: int = NOW) -> set[Any]:
    return {key.key.public_numbers() for key in keys.usable(now_ms)}


def of(*signers: Signer) -> set[Any]:
    return {signer.root.public_key().public_numbers() for signer in signers}


def test_both_addresses_are_asked_and_both_believed(keys: RootKeys, publisher: KeyHouse) -> None:
    one, other = Signer.new(), Signer.new()
    publisher.lists = {"/a": listed(one), "/b": listed(other)}
    keys.refresh(NOW)
    assert publisher.asked == ["/a", "/b"]
    assert held(keys) == of(one, other)


def test_before_the_first_answer_there_are_none(keys: RootKeys) -> None:
    with pytest.raises(Unavailable):
        keys.usable(NOW)


def test_one_address_is_enough(keys: RootKeys, publisher: KeyHouse) -> None:
    publisher.lists = {"/a": listed(publisher.signer), "/b": Response("nothing here", 404)}
    keys.refresh(NOW)
    assert held(keys) == of(publisher.signer)


def test_they_are_asked_for_again_after_half_an_hour_and_not_before(keys: RootKeys, publisher: KeyHouse) -> None:
    for later, times in ((0, 1), (1, 1), (29 * MINUTE, 1), (30 * MINUTE, 2), (31 * MINUTE, 2)):
        publisher.lists = {path: listed(publisher.signer) for path in ("/a", "/b")}
        keys.refresh(NOW + later)
        assert publisher.asked.count("/a") == times, later


@pytest.mark.parametrize(("ends", "due"), [(12 * MINUTE, 7 * MINUTE), (4 * MINUTE, MINUTE), (-MINUTE, 30 * MINUTE)])
def test_a_key_that_ends_soon_is_looked_after_soon_but_not_all_the_time(keys: RootKeys, publisher: KeyHouse, ends: int, due: int) -> None:
    both = {"keys": [*listed(publisher.signer, NOW + ends)["keys"], *listed(Signer.new())["keys"]]}
    publisher.lists = {"/a": both, "/b": listed(Signer.new())}
    keys.refresh(NOW)
    keys.refresh(NOW + due - 1)
    assert publisher.asked.count("/a") == 1
    keys.refresh(NOW + due)
    assert publisher.asked.count("/a") == 2


def test_while_google_is_away_the_keys_we_have_last_until_their_own_end(keys: RootKeys, publisher: KeyHouse) -> None:
    publisher.lists = {path: listed(publisher.signer, NOW + 2 * HOUR) for path in ("/a", "/b")}
    keys.refresh(NOW)
    publisher.lists = {path: Response("away", 503) for path in ("/a", "/b")}
    keys.refresh(NOW + HOUR)
    assert held(keys, NOW + 2 * HOUR - 1) == of(publisher.signer)
    with pytest.raises(Unavailable):
        keys.usable(NOW + 2 * HOUR)


def test_an_address_that_fails_is_asked_ever_less(keys: RootKeys, publisher: KeyHouse) -> None:
    publisher.lists = {path: Response("away", 503) for path in ("/a", "/b")}
    for second in range(0, 4 * 3600, 5):
        keys.refresh(NOW + second * 1000)
    asked = publisher.asked.count("/a")
    assert 8 < asked < 16
    publisher.lists = {path: listed(publisher.signer) for path in ("/a", "/b")}
    keys.refresh(NOW + 5 * HOUR)
    assert held(keys) == of(publisher.signer)


def test_a_key_that_google_withdraws_is_forgotten(keys: RootKeys, publisher: KeyHouse) -> None:
    old, new = Signer.new(), Signer.new()
    publisher.lists = {path: listed(old) for path in ("/a", "/b")}
    keys.refresh(NOW)
    publisher.lists = {path: listed(new) for path in ("/a", "/b")}
    keys.refresh(NOW + HOUR)
    assert held(keys) == of(new)


def test_a_clock_that_was_set_back_does_not_stop_it(keys: RootKeys, publisher: KeyHouse) -> None:
    keys.refresh(NOW)
    keys.refresh(NOW - 365 * 24 * HOUR)
    assert publisher.asked.count("/a") == 2


@pytest.mark.parametrize(
    "answer",
    [
        Response("{}"),
        Response("not json"),
        Response(b"\xff\xfe"),
        Response('{"keys": []}'),
        Response('{"keys": {"keyValue": "x"}}'),
        Response('{"keys": [null, 7, {"protocolVersion": "ECv2SigningOnly", "keyValue": "AAAA"}]}'),
        Response("[" * 50_000),
        Response(json.dumps({"keys": [], "padding": "x" * rootkeys.LARGEST})),
        Response(status=302, headers={"Location": "/b"}),
        Response(status=500),
    ],
)
def test_what_is_no_list_of_keys_changes_nothing(keys: RootKeys, publisher: KeyHouse, answer: Response) -> None:
    publisher.lists = {path: listed(publisher.signer) for path in ("/a", "/b")}
    keys.refresh(NOW)
    publisher.lists = {"/a": answer, "/b": Response(status=404)}
    keys.refresh(NOW + HOUR)
    assert publisher.asked == ["/a", "/b"] * 2
    assert held(keys) == of(publisher.signer)


def test_an_answer_that_takes_too_long_is_left(keys: RootKeys, publisher: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rootkeys, "PATIENCE", 0.0)
    keys.refresh(NOW)
    with pytest.raises(Unavailable):
        keys.usable(NOW)


def test_a_longer_list_than_it_should_be_is_not_read(keys: RootKeys, publisher: KeyHouse) -> None:
    full = {**listed(publisher.signer), "padding": "x" * rootkeys.LARGEST}
    publisher.lists = {"/a": full, "/b": Response(status=404)}
    keys.refresh(NOW)
    with pytest.raises(Unavailable):
        keys.usable(NOW)


def test_keys_of_a_kind_we_do_not_know_are_passed_over() -> None:
    other = {"protocolVersion": "ECv3", "keyValue": public(Signer.new().root)}
    curve = {"protocolVersion": PROTOCOL, "keyValue": public(ec.generate_private_key(ec.SECP521R1()))}
    endless = {"protocolVersion": PROTOCOL, "keyValue": public(Signer.new().root)}
    (found,) = keys_of(json.dumps({"keys": [other, curve, endless]}).encode())
    assert found.expires_ms is None
    assert found.is_usable(10**15)


def test_many_threads_ask_once(keys: RootKeys, publisher: KeyHouse) -> None:
    start = threading.Barrier(8)

    def run(_: int) -> None:
        start.wait(10)
        keys.refresh(NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    assert sorted(publisher.asked) == ["/a", "/b"]


@pytest.fixture
def looked_at(publisher: KeyHouse, db: Settings, monkeypatch: pytest.MonkeyPatch) -> KeyHouse:
    config.use(replace(db, google_key_urls=publisher.url))
    monkeypatch.setattr(rootkeys, "roots", RootKeys())
    return publisher


def test_nobody_asks_google_where_no_program_is_with_it(looked_at: KeyHouse) -> None:
    open_house()
    Watch().look()
    assert looked_at.asked == []
    open_house("sova", google_issuer_id="3388000000022222222")
    for _ in range(3):
        Watch().look()
    assert looked_at.asked == ["/keys"]


def test_a_server_has_the_keys_before_anybody_calls(looked_at: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    open_house(google_issuer_id="3388000000022222222")
    here = threading.Event()
    refresh = watch.refresh_keys

    def noted() -> None:
        refresh()
        here.set()

    monkeypatch.setattr(watch, "refresh_keys", noted)
    clock = Watch()
    clock.start()
    assert here.wait(10)
    clock.stop(10)
    assert not clock.thread.is_alive()
    assert looked_at.asked == ["/keys"]


def test_nonces_are_forgotten_once_their_messages_have_ended(looked_at: KeyHouse) -> None:
    open_house()
    with database.transaction() as session:
        for name, years in (("old", -1), ("new", 1)):
            ends = database.now().replace(year=database.now().year + years, day=1)
            session.add(GoogleNonce(program_id="luna", nonce=name, expires_at=ends))
    Watch().look()
    with database.reading() as session:
        assert session.get(GoogleNonce, ("luna", "old")) is None
        assert session.get(GoogleNonce, ("luna", "new")) is not None


def test_a_database_that_is_away_does_not_end_the_watch(looked_at: KeyHouse) -> None:
    here = config.current().database_url
    database.bind("sqlite:////nowhere/at/all.sqlite")
    Watch().look()
    assert looked_at.asked == []
    database.bind(here)
