"""Google says that a card was saved or removed: heard once, in the order of its time, and from nobody else."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session, select
from structlog.testing import capture_logs

from tests.cast import open_house
from tests.google.keyhouse import ADDRESS, ISSUER, KeyHouse, Wallet, at_google, counted, everything, open_keyhouse, opened
from walletpass import cards, config, database, google
from walletpass.app import App
from walletpass.config import Settings
from walletpass.delivery import Outbox
from walletpass.google import callbacks, watch
from walletpass.google.ecv2 import Call
from walletpass.google.marks import Mark
from walletpass.google.models import GoogleClass, GoogleNonce, GoogleObject
from walletpass.sandbox.googlecalls import FORGERIES, HOUR, REMOVED, SAVED, now_ms


@pytest.fixture
def keyhouse() -> Iterator[KeyHouse]:
    with open_keyhouse() as house:
        yield house


@pytest.fixture
def cold(db: Settings, keyhouse: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> Wallet:
    """A server that has no keys yet."""
    return opened(db, keyhouse, monkeypatch)


@pytest.fixture
def wallet(cold: Wallet) -> Wallet:
    watch.refresh_keys()
    return cold


def test_a_saved_card_is_in_the_wallet_from_then_on(wallet: Wallet) -> None:
    before = database.now()
    answer = wallet.post(wallet.call(SAVED))
    assert (answer.status_code, answer.data, answer.headers.get("Set-Cookie")) == (204, b"", None)
    row = wallet.row
    assert row.saved
    assert row.saved_at is not None
    assert before <= row.saved_at <= database.now()
    assert row.removed_at is None
    with database.reading() as session:
        assert google.presence(session, "luna", wallet.house.ana.id) == google.Presence(True, row.saved_at)


def test_a_removed_card_was_there(wallet: Wallet) -> None:
    wallet.hear(SAVED, expires_ms=now_ms() + HOUR)
    wallet.hear(REMOVED, expires_ms=now_ms() + HOUR + 1000)
    row = wallet.row
    assert not row.saved
    with database.reading() as session:
        assert google.presence(session, "luna", wallet.house.ana.id) == google.Presence(False, row.removed_at)


def test_a_card_that_comes_back_is_true_again(wallet: Wallet) -> None:
    """Its changes went on to Google while nobody held it; what was given up meanwhile is sent when it is saved again."""
    wallet.hear(SAVED, expires_ms=now_ms() + HOUR)
    wallet.hear(REMOVED, expires_ms=now_ms() + HOUR + 1)
    with database.transaction() as session:
        for row in session.exec(select(Outbox)):
            row.state = "dead"
        cards.show(session, cards.get(session, "luna", wallet.house.ana.id), points=70)
    with database.transaction() as session:
        (waiting,) = session.exec(select(Outbox).where(Outbox.state == "pending")).all()
        assert waiting.channel == "google"
        waiting.state = "dead"
    wallet.hear(SAVED, expires_ms=now_ms() + HOUR + 2)
    with database.reading() as session:
        (waiting,) = session.exec(select(Outbox).where(Outbox.state == "pending")).all()
        assert (waiting.channel, waiting.version) == ("google", 2)
    assert wallet.row.saved


def test_a_save_of_what_google_has_puts_nothing_on_its_way(wallet: Wallet) -> None:
    """Or the guest's first points would wait for it."""
    card = wallet.house.ana
    with database.transaction() as session:
        face = cards.face(session, cards.get(session, "luna", card.id))
        row = session.get_one(GoogleObject, ("luna", card.id))
        row.pushed_hash = str(Mark.of(google.loyalty_object(face)))
        session.merge(GoogleClass(program_id="luna", class_hash=str(Mark.of(google.loyalty_class(face))), pushed_at=database.now()))
    wallet.hear(SAVED)
    with database.reading() as session:
        assert session.exec(select(Outbox)).all() == []


def test_a_save_tells_google_of_a_card_that_we_had_lost_sight_of(wallet: Wallet) -> None:
    """A backup from before the guest asked for the link: the card is out there, and we do not know."""
    with database.transaction() as session:
        session.delete(session.get_one(GoogleObject, ("luna", wallet.house.ana.id)))
        cards.take_off(session, cards.get(session, "luna", wallet.house.ana.id), "google")
    wallet.hear(SAVED)
    with database.reading() as session:
        assert cards.get(session, "luna", wallet.house.ana.id).wallets == ["google"]
        assert [row.channel for row in session.exec(select(Outbox))] == ["google"]
    wallet.hear(REMOVED)


@pytest.mark.parametrize("first", [SAVED, REMOVED])
@pytest.mark.parametrize("apart", [1, 1000, 50 * 60_000])
def test_the_time_in_the_calls_decides_and_not_when_they_come(wallet: Wallet, first: str, apart: int) -> None:
    second = {SAVED: REMOVED, REMOVED: SAVED}[first]
    early, late = now_ms() + HOUR, now_ms() + HOUR + apart
    wallet.hear(second, expires_ms=late)
    after = wallet.row
    wallet.hear(first, expires_ms=early)
    assert wallet.row == after
    assert after.saved is (second == SAVED)
    assert after.event_ms == late


@pytest.mark.parametrize("order", [(SAVED, REMOVED), (REMOVED, SAVED)])
def test_of_two_at_one_moment_the_save_counts_in_either_order(wallet: Wallet, order: tuple[str, str]) -> None:
    moment = now_ms() + HOUR
    for event in order:
        wallet.hear(event, expires_ms=moment)
    assert wallet.row.saved


def test_the_same_call_again_changes_nothing(wallet: Wallet) -> None:
    save = wallet.call(SAVED, expires_ms=now_ms() + HOUR)
    assert wallet.post(save).status_code == 204
    before, replays, asked = everything(), counted("replayed"), len(wallet.keyhouse.asked)
    for _ in range(3):
        assert wallet.post(save).status_code == 204
    assert everything() == before
    assert counted("replayed") == replays + 3
    assert len(wallet.keyhouse.asked) == asked


REASONS = {
    "unsigned": "unsigned",
    "wrong sender": "bad_chain",
    "expired message": "expired_message",
    "expired key": "expired_key",
    "bad chain": "bad_chain",
    "other issuer": "bad_signature",
    "replayed nonce": "replayed",
    "altered message": "bad_signature",
    "wrong protocol": "wrong_protocol",
}


def test_all_nine_forgeries_are_tried() -> None:
    assert set(REASONS) == set(FORGERIES)


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_call_leaves_no_trace_but_a_number(wallet: Wallet, kind: str) -> None:
    wallet.hear(SAVED, nonce="heard", expires_ms=now_ms())
    forged = wallet.signer.forged(kind, *wallet.about(), REMOVED, nonce="heard")
    before, asked, times = everything(), list(wallet.keyhouse.asked), counted(REASONS[kind])
    with capture_logs() as logs:
        answer = wallet.post(forged)
    assert answer.status_code == (204 if kind == "replayed nonce" else 400)
    assert (answer.data, answer.headers.get("Set-Cookie"), answer.headers.get("Location")) == (b"", None, None)
    assert everything() == before
    assert wallet.keyhouse.asked == asked
    assert counted(REASONS[kind]) == times + 1
    assert [line for line in logs if line["log_level"] != "debug"] == []
    assert wallet.house.ana.serial_number not in str(logs)


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_call_never_makes_us_ask_for_keys(cold: Wallet, kind: str) -> None:
    before = everything()
    for _ in range(3):
        assert cold.post(cold.signer.forged(kind, *cold.about(), SAVED, nonce="x")).status_code in (400, 503)
    assert cold.keyhouse.asked == []
    assert everything() == before


def test_without_keys_google_is_told_to_come_again(cold: Wallet) -> None:
    save = cold.call(SAVED)
    answer = cold.post(save)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert not cold.row.saved
    watch.refresh_keys()
    assert cold.post(save).status_code == 204
    assert cold.row.saved


def test_keys_that_have_ended_are_as_none(cold: Wallet) -> None:
    cold.keyhouse.lists = {"/keys": cold.signer.keys(expires_ms=now_ms() - 1)}
    watch.refresh_keys()
    assert cold.post(cold.call(SAVED)).status_code == 503


def test_when_it_cannot_be_stored_google_is_told_to_come_again(
    sqlite: Settings, keyhouse: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = opened(sqlite, keyhouse, monkeypatch)
    watch.refresh_keys()
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    save = wallet.call(SAVED)
    with database.transaction():
        answer = wallet.post(save)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert wallet.post(save).status_code == 204


def test_a_card_that_we_do_not_have_is_no_reason_to_come_again(wallet: Wallet) -> None:
    before, times = everything(), counted("unknown_object")
    for name in ("nobody", "coat.nobody", "x" * 5000, "a/b", ""):
        assert wallet.post(wallet.signer.call(ISSUER, f"{ISSUER}.luna", f"{ISSUER}.{name}", SAVED)).status_code == 204
    assert wallet.post(wallet.signer.call(ISSUER, f"{ISSUER}.luna.coat", f"{ISSUER}.coat.x", SAVED)).status_code == 204
    assert everything() == before
    assert counted("unknown_object") == times + 6


def test_another_program_of_the_same_issuer_is_another_program(wallet: Wallet) -> None:
    """Sova has the same issuer id: what is signed for the one does nothing at the other's address."""
    sova = open_house("sova", google_issuer_id=ISSUER)
    with database.transaction() as session:
        at_google(session, cards.get(session, "sova", sova.ana.id))
    call = wallet.signer.call(ISSUER, f"{ISSUER}.sova", f"{ISSUER}.{sova.ana.serial_number}", SAVED)
    mixed = wallet.signer.call(ISSUER, f"{ISSUER}.luna", f"{ISSUER}.{sova.ana.serial_number}", SAVED)
    before = everything()
    assert wallet.post(call).status_code == 400
    assert wallet.post(mixed).status_code == 204
    assert wallet.post(mixed, "/google/callback/sova").status_code == 400
    assert everything() == before
    assert wallet.post(call, "/google/callback/sova").status_code == 204
    with database.reading() as session:
        assert session.get_one(GoogleObject, ("sova", sova.ana.id)).saved
        assert not session.get_one(GoogleObject, ("luna", wallet.house.ana.id)).saved


def test_a_class_whose_name_only_begins_like_ours_is_not_ours(wallet: Wallet) -> None:
    for name in ("luna-2", "luna2", "lun", "LUNA"):
        assert wallet.post(wallet.signer.call(ISSUER, f"{ISSUER}.{name}", wallet.about()[2], SAVED)).status_code == 400
    assert not wallet.row.saved


@pytest.mark.parametrize("program", ["nobody", "LUNA", "luna%00", "luna%20", "x" * 5000, "ключ"])
def test_an_address_of_nobody_hears_nothing(wallet: Wallet, program: str) -> None:
    before, times = everything(), counted("unknown_program")
    assert wallet.post(wallet.call(SAVED), f"/google/callback/{program}").status_code == 404
    assert everything() == before
    assert counted("unknown_program") == times + 1


def test_a_program_that_is_not_with_google_hears_nothing(wallet: Wallet) -> None:
    open_house("sova")
    assert wallet.post(wallet.signer.call("", ".sova", ".x", SAVED), "/google/callback/sova").status_code == 404


def test_an_event_of_a_kind_to_come_is_taken_and_left(wallet: Wallet) -> None:
    before = everything()
    assert wallet.post(wallet.call("share")).status_code == 204
    assert everything() == before


@pytest.mark.parametrize("nonce", ["x" * 65, "a b", "\x00", "ключ", "a\n"])
def test_a_nonce_that_cannot_be_kept_is_refused(wallet: Wallet, nonce: str) -> None:
    before = everything()
    assert wallet.post(wallet.call(SAVED, nonce=nonce)).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"\x00", b"[" * 8000])
def test_a_body_that_is_none_is_refused(wallet: Wallet, body: bytes) -> None:
    before, times = everything(), counted("malformed")
    answer = wallet.post(body)
    assert (answer.status_code, answer.data) == (400, b"")
    assert everything() == before
    assert counted("malformed") == times + 1


@pytest.mark.parametrize("size", [8 * 1024, 300_000, 3_000_000])
def test_a_body_that_is_too_large_is_not_read(wallet: Wallet, size: int) -> None:
    """Also a call that is true otherwise."""
    before, times = everything(), counted("too_large")
    assert wallet.post(json.dumps(wallet.call(SAVED)).encode() + b" " * size).status_code == 400
    assert everything() == before
    assert counted("too_large") == times + 1


def test_a_stranger_who_tries_often_is_told_to_wait_and_google_is_heard_all_the_while(wallet: Wallet) -> None:
    config.use(replace(config.current(), wrong_token_per_minute=3))
    answers = [wallet.post(wallet.signer.forged("bad chain", *wallet.about(), SAVED)) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    wallet.hear(SAVED)
    assert wallet.row.saved


def test_no_form_token_and_no_session_are_asked_for(wallet: Wallet) -> None:
    wallet.app.config["WTF_CSRF_ENABLED"] = True
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        answer = wallet.phone.post(ADDRESS, data=json.dumps(wallet.call(SAVED)), content_type=kind, headers={"User-Agent": "Googlebot/2.1"})
        assert answer.status_code == 204, kind
    assert wallet.phone.get(ADDRESS).status_code == 405


def at_once(app: App, bodies: list[str]) -> list[int]:
    start = threading.Barrier(len(bodies))

    def run(body: str) -> int:
        client = app.test_client()
        start.wait(30)
        return client.post(ADDRESS, data=body).status_code

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(run, bodies))


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of each call that was true."""
    seen: list[str] = []
    hear = callbacks.hear

    def noted(session: Session, program: Any, call: Call) -> str:
        outcome = hear(session, program, call)
        database.after_commit(session, lambda: seen.append(outcome))
        return outcome

    monkeypatch.setattr(callbacks, "hear", noted)
    return seen


def test_two_servers_that_get_one_call_hear_it_once(wallet: Wallet, outcomes: list[str]) -> None:
    save = json.dumps(wallet.call(SAVED))
    assert at_once(wallet.app, [save] * 8) == [204] * 8
    assert sorted(outcomes) == ["heard"] + ["replayed"] * 7
    with database.reading() as session:
        assert len(session.exec(select(GoogleNonce)).all()) == 1


def test_looking_before_writing_would_hear_it_more_than_once(
    postgresql: Settings, keyhouse: KeyHouse, outcomes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: everybody looks for the nonce before anybody has written it."""
    wallet = opened(postgresql, keyhouse, monkeypatch)
    watch.refresh_keys()
    everybody = threading.Barrier(4, timeout=10)

    def careless(session: Session, program_id: str, call: Call) -> bool:
        known = session.get(GoogleNonce, (program_id, call.nonce)) is not None
        everybody.wait()
        return not known

    monkeypatch.setattr(callbacks, "_first_time", careless)
    save = json.dumps(wallet.call(SAVED))
    assert at_once(wallet.app, [save] * 4) == [204] * 4
    assert outcomes == ["heard"] * 4


def test_many_calls_at_once_end_with_the_newest(wallet: Wallet, outcomes: list[str]) -> None:
    start = now_ms() + HOUR
    calls = [json.dumps(wallet.call((SAVED, REMOVED)[number % 2], expires_ms=start + number)) for number in range(12)]
    assert at_once(wallet.app, calls) == [204] * 12
    assert wallet.row.event_ms == start + 11
    assert not wallet.row.saved
    assert set(outcomes) <= {"heard", "late"}


def test_a_nonce_outlives_its_message_and_is_then_swept(wallet: Wallet) -> None:
    wallet.hear(SAVED, nonce="n", expires_ms=now_ms() + HOUR)
    with database.transaction() as session:
        assert callbacks.sweep(session) == 0
        old = database.now().replace(year=2020)
        session.execute(insert(GoogleNonce).values(program_id="luna", nonce="old", expires_at=old))
        assert callbacks.sweep(session) == 1
    with database.reading() as session:
        assert [row.nonce for row in session.exec(select(GoogleNonce))] == ["n"]
