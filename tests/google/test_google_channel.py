import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs
from werkzeug.wrappers import Response

from tests.google import town
from walletpass import cards, database, delivery, google, guests, programs
from walletpass.cards import Card
from walletpass.delivery import Channel, Notice, Outbox, Worker
from walletpass.errors import ChannelPaused, Postponed
from walletpass.google import GoogleClass, GoogleObject, channel, check, drawing
from walletpass.google.client import VendorDown

OBJECTS, CLASSES = "loyaltyObject", "loyaltyClass"
Deliver = Callable[..., list[Any]]


def change_program(**values: Any) -> None:
    with database.transaction() as session:
        session.add(programs.get(session, "luna").sqlmodel_update(values))


def ask(card: Card) -> None:
    """A guest was given the save link."""
    with database.transaction() as session:
        row = session.get_one(GoogleObject, (card.program_id, card.id))
        row.asked_at = database.now()
        session.add(row)


def told(card: Card) -> GoogleObject:
    with database.reading() as session:
        row = session.get(GoogleObject, (card.program_id, card.id))
        assert row is not None
        session.expunge(row)
        return row


def short(log: list[str]) -> list[str]:
    """The calls without the ids."""
    return [line.partition("/")[0] for line in log]


def test_it_is_a_channel() -> None:
    made: Channel = google.GoogleChannel()
    assert (made.name, made.batch, made.lines) == ("google", 2, 6)
    made.close()


def test_a_card_that_google_does_not_know_is_written_after_its_class(card: Card, fake: Any, deliver: Deliver) -> None:
    assert deliver(card) == [None]
    assert fake.log == ["POST loyaltyClass", "POST loyaltyObject"]
    assert "notifyPreference" not in fake.calls[-1].body
    assert told(card).pushed_points == 10


def test_a_card_that_google_has_as_it_is_is_not_written_again(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    pushed = told(card).pushed_at
    show(card, coat="A17")
    assert deliver(card) == [None]
    assert len(fake.calls) == 2
    assert told(card).pushed_at == pushed


def test_new_points_are_patched_with_a_notice_each_time(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    ask(card)
    for points in (120, 90):
        show(card, points=points)
        assert deliver(card) == [None]
        assert fake.calls[-1].method == "PATCH"
        assert fake.calls[-1].body["notifyPreference"] == "NOTIFY_ON_UPDATE"
        assert fake.calls[-1].body["loyaltyPoints"]["balance"] == {"int": points}
    assert len(fake.calls) == 4


def test_a_change_that_is_not_of_points_notifies_nobody(card: Card, fake: Any, deliver: Deliver) -> None:
    deliver(card)
    with database.transaction() as session:
        cards.void(session, cards.get(session, card.program_id, card.id))
    assert deliver(card) == [None]
    assert fake.calls[-1].body["state"] == "INACTIVE"
    assert "notifyPreference" not in fake.calls[-1].body


def test_an_update_is_the_full_state_of_the_card(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    ask(card)
    inserted = fake.calls[-1].body
    show(card, points=120)
    deliver(card)
    assert set(fake.calls[-1].body) == set(inserted) | {"notifyPreference"}


def test_what_google_has_lost_is_written_again(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    fake.resources[OBJECTS].clear()
    fake.resources[CLASSES].clear()
    show(card, points=120)
    assert deliver(card) == [None]
    assert fake.log[2:] == [f"PATCH loyaltyObject/3388000000000000001.{card.serial_number}", "POST loyaltyClass", "POST loyaltyObject"]
    assert fake.resources[OBJECTS][f"3388000000000000001.{card.serial_number}"]["loyaltyPoints"]["balance"] == {"int": 120}


def test_a_card_that_google_has_and_we_forgot_is_patched(card: Card, fake: Any, deliver: Deliver) -> None:
    deliver(card)
    with database.transaction() as session:
        session.delete(session.get_one(GoogleObject, (card.program_id, card.id)))
        session.delete(session.get_one(GoogleClass, (card.program_id, "card")))
    assert deliver(card) == [None]
    assert [line.split("/")[0] for line in fake.log[2:]] == [
        "POST loyaltyClass",
        "PATCH loyaltyClass",
        "POST loyaltyObject",
        "PATCH loyaltyObject",
    ]


def test_a_class_is_written_once_for_all_cards_and_again_when_it_changes(
    issue: Callable[..., Card], fake: Any, deliver: Deliver, show: Callable[..., None]
) -> None:
    ana, boris = issue(), issue("Boris")
    assert deliver(ana, boris) == [None, None]
    assert fake.log == ["POST loyaltyClass", "POST loyaltyObject", "POST loyaltyObject"]
    change_program(terms="Two points for every euro.")
    show(ana, points=20)
    show(boris, points=20)
    assert deliver(ana, boris) == [None, None]
    assert short(fake.log[3:]) == ["PATCH loyaltyClass", "PATCH loyaltyObject", "PATCH loyaltyObject"]
    assert fake.resources[CLASSES]["3388000000000000001.luna"]["textModulesData"][0]["body"] == "Two points for every euro."


def test_a_class_that_the_operator_has_sent_is_not_written_again(card: Card, fake: Any, deliver: Deliver) -> None:
    with database.reading() as session:
        program = programs.get(session, "luna")
    check.send_class(program)
    assert deliver(card) == [None]
    assert short(fake.log) == ["POST loyaltyClass", "POST loyaltyObject"]
    check.send_class(program)
    assert short(fake.log[2:]) == ["PATCH loyaltyClass"]


def test_another_issuer_gets_the_card_anew(card: Card, fake: Any, deliver: Deliver) -> None:
    deliver(card)
    change_program(google_issuer_id="3388000000000000009")
    assert deliver(card) == [None]
    assert f"3388000000000000009.{card.serial_number}" in fake.resources[OBJECTS]


def test_google_says_whether_somebody_holds_the_card(card: Card, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    assert not told(card).saved
    show(card, points=120)
    deliver(card)
    assert told(card).saved


def test_a_card_that_google_refuses_does_not_hold_up_the_others(issue: Callable[..., Card], fake: Any, deliver: Deliver) -> None:
    ana, boris = issue(), issue("Boris")
    fake.answers.append(None)
    fake.next(400, "invalid", "bad barcode")
    first, second = deliver(ana, boris)
    assert first.permanent
    assert "bad barcode" in first.message
    assert second is None


@pytest.mark.parametrize("status", [408, 429, 503])
def test_when_google_is_away_the_rest_of_the_batch_is_not_tried_and_loses_nothing(
    issue: Callable[..., Card], fake: Any, deliver: Deliver, status: int
) -> None:
    batch = [issue(name) for name in ("Ana", "Boris", "Clara")]
    deliver(batch[0])
    fake.next(status, headers={"Retry-After": "40"})
    calls = len(fake.calls)
    failures = deliver(*batch)
    assert failures[0] is None
    assert len(fake.calls) == calls + 1
    assert (failures[1].permanent, failures[1].after) == (False, 40)
    assert isinstance(failures[2], Postponed)
    assert 39 < failures[2].after <= 40


def test_a_google_that_is_away_is_left_alone_by_the_next_batches_too(
    issue: Callable[..., Card], fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, boris = issue("Ana"), issue("Boris")
    monkeypatch.setattr(channel, "SAT_OUT", 0.01)
    fake.next(503, headers={"Retry-After": "1"})
    resting = google.GoogleChannel()
    assert [type(failure) for failure in town.deliver(ana, boris, channel=resting)] == [VendorDown, Postponed]
    assert [type(failure) for failure in town.deliver(boris, ana, channel=resting)] == [Postponed, Postponed]
    assert len(fake.calls) == 1
    monkeypatch.setattr(channel, "SAT_OUT", 20.0)
    assert town.deliver(boris, ana, channel=resting) == [None, None]
    resting.close()


def test_a_worker_that_ends_leaves_the_rest_of_the_batch_untried(issue: Callable[..., Card], fake: Any) -> None:
    ana, boris = issue("Ana"), issue("Boris")
    ending = google.GoogleChannel()
    fake.during = ending.stop
    first, second = town.deliver(ana, boris, channel=ending)
    assert isinstance(first, Postponed)
    assert isinstance(second, Postponed)
    assert fake.log == ["POST loyaltyClass"]
    ending.close()


def test_a_program_without_rights_does_not_hold_up_the_other(issue: Callable[..., Card], fake: Any, deliver: Deliver) -> None:
    mine, more = issue(), issue("Boris")
    with database.transaction() as session:
        programs.create(
            session, id="sova", name="Sova", pass_type_identifier="pass.example.sova", team_identifier="SOVA000001",
            google_issuer_id="3388000000000000002", design="test", palette="luna",
        )  # fmt: skip
        consent = guests.ConsentGiven("loyalty", "1", "uk", "I agree.")
        sova = programs.get(session, "sova")
        guest = guests.register(session, sova, name="Dmitro", phone="+4915123456780", language="uk", consent=consent)
        other = cards.issue(session, guest)
    fake.next(403, "permissionDenied", "not a user of this issuer")
    with capture_logs() as logs:
        failures = deliver(mine, more, other)
    assert failures[0] is failures[1]
    assert (failures[0].permanent, failures[0].after) == (False, 900)
    assert failures[2] is None
    assert [entry["log_level"] for entry in logs] == ["critical"]


def test_a_slow_round_ends_before_its_lease(
    issue: Callable[..., Card], fake: Any, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, *others = issue("Ana"), issue("Boris"), issue("Clara")
    fake.during = lambda: monkeypatch.setattr(channel, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 26))
    first, *rest = deliver(ana, *others)
    assert first is None
    assert [type(failure) for failure in rest] == [Postponed, Postponed]
    assert fake.log == ["POST loyaltyClass", "POST loyaltyObject"]


def test_a_program_without_an_issuer_is_a_permanent_failure(card: Card, fake: Any, deliver: Deliver) -> None:
    change_program(google_issuer_id="")
    (failure,) = deliver(card)
    assert failure.permanent
    assert failure.message == "Program luna has no Google issuer id, so its cards cannot go to Google Wallet."
    assert fake.calls == []


def test_a_missing_key_waits_for_the_operator(card: Card, key_file: Path, deliver: Deliver) -> None:
    key_file.unlink()
    with capture_logs() as logs:
        failures = deliver(card, card)
    assert all(isinstance(failure, ChannelPaused) for failure in failures)
    assert failures[0].message.startswith("Google Wallet is not set up: there is no ")
    assert [entry["log_level"] for entry in logs] == ["critical"]


def test_a_key_that_others_may_read_waits_for_the_operator(card: Card, key_file: Path, fake: Any, deliver: Deliver) -> None:
    key_file.chmod(0o644)
    (failure,) = deliver(card)
    assert (failure.permanent, failure.after) == (False, 900)
    assert "chmod 600" in failure.message
    assert fake.calls == []


def test_a_card_that_is_not_is_a_permanent_failure(card: Card, deliver: Deliver) -> None:
    (outcome,) = google.GoogleChannel().deliver([Notice("outbox", "luna", "nobody", 1)])
    assert outcome.failure is not None
    assert outcome.failure.permanent


def test_an_odd_card_does_not_hold_up_the_others(issue: Callable[..., Card], deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, boris = issue(), issue("Boris")
    draw = google.loyalty_object
    monkeypatch.setattr(drawing, "loyalty_object", lambda face: draw(face) if face.card_id == boris.id else face.nothing)
    first, second = deliver(ana, boris)
    assert not first.permanent
    assert "AttributeError" in first.message
    assert second is None


def test_no_transaction_is_open_while_google_is_spoken_to(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    # A writer would wait for its turn and then be refused, if one were.
    fake.during = lambda: show(card, points=500)
    assert deliver(card) == [None]
    with database.reading() as session:
        assert cards.get(session, "luna", card.id).shown["points"] == 500


def test_what_changes_while_it_is_written_is_written_again(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    fake.during = lambda: show(card, points=500)
    assert deliver(card) == [None]
    assert fake.resources[OBJECTS][town.name_of(card)]["loyaltyPoints"]["balance"] == {"int": 500}
    assert told(card).pushed_points == 500


def test_the_worker_brings_a_change_to_google(card: Card, fake: Any, show: Callable[..., None]) -> None:
    show(card, points=120)
    assert Worker([google.GoogleChannel()]).round(google.GoogleChannel())
    with database.reading() as session:
        assert session.exec(select(col(Outbox.state))).all() == [delivery.State.DELIVERED]
    assert fake.resources[OBJECTS][f"3388000000000000001.{card.serial_number}"]["loyaltyPoints"]["balance"] == {"int": 120}


def test_nothing_of_a_person_is_in_any_request(card: Card, fake: Any, deliver: Deliver, show: Callable[..., None]) -> None:
    deliver(card)
    show(card, points=120, holder="Ana Zoryana-Quill", coat="A17")
    deliver(card)
    assert len(fake.calls) == 3
    said = json.dumps([[call.path, call.body] for call in fake.calls], ensure_ascii=False)
    assert not [word for word in ("Ana", "Zoryana", "Quill", "15123456789", card.guest_id, card.link, card.token) if word in said]


def test_a_page_of_a_proxy_is_not_taken_for_an_answer(card: Card, fake: Any, deliver: Deliver) -> None:
    fake.answers.append(Response("<p>Sign in to the network</p>", 200))
    (failure,) = deliver(card)
    assert not failure.permanent
    with database.reading() as session:
        assert session.get(GoogleClass, ("luna", "card")) is None


def test_a_restaurant_without_rights_is_paused_and_its_cards_lose_no_try(card: Card, fake: Any, show: Callable[..., None]) -> None:
    show(card, points=120)
    fake.next(403, "permissionDenied", "not a user of this issuer")
    with capture_logs() as logs:
        Worker([google.GoogleChannel()]).round(google.GoogleChannel())
    (row,) = town.rows()
    assert (row.state, row.attempts) == (delivery.State.PENDING, 0)
    with database.reading() as session:
        assert [(shut.channel, shut.reason) for shut in delivery.paused(session, "luna")] == [
            ("google", "Google Wallet answered 403: not a user of this issuer")
        ]
    assert "critical" in [entry["log_level"] for entry in logs]


def test_a_dead_picture_costs_the_picture_and_not_the_card(card: Card, fake: Any, deliver: Deliver) -> None:
    fake.next(400, "invalid", "heroImage: the image cannot be loaded")
    with capture_logs() as logs:
        assert deliver(card) == [None]
    assert fake.log == ["POST loyaltyClass", "POST loyaltyClass", "POST loyaltyObject"]
    assert "heroImage" in fake.calls[0].body
    assert "heroImage" not in fake.calls[1].body
    assert "programLogo" in fake.calls[1].body
    assert [(entry["log_level"], entry["event"]) for entry in logs] == [("error", "google.bad_picture")]
