"""A coat ticket on its way to Google Wallet, beside the cards of the same restaurant."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from sqlmodel import col, select

from tests.cast import House, issue_ticket, make_app
from tests.google.conftest import ISSUER, FakeGoogle
from tests.google.town import deliver, on_google, show, told
from walletpass import cards, config, database, google, programs
from walletpass.cards import Card
from walletpass.errors import DeliveryError
from walletpass.google import GoogleClass, GoogleObject, callbacks, check
from walletpass.google.ecv2 import Call

CLASS = f"{ISSUER}.luna.coat"


@pytest.fixture
def ticket(town: House) -> Card:
    """In no wallet yet."""
    return issue_ticket(town, coat="A17", items="1 coat", venue="Luna am Park")


@pytest.fixture
def guest(town: House) -> FlaskClient:
    return make_app().test_client()


def object_of(fake: FakeGoogle, ticket: Card) -> dict[str, Any]:
    return fake.resources["genericObject"][f"{ISSUER}.coat.{ticket.serial_number}"]


def newest(card: Card) -> Card:
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id)


def void(card: Card) -> None:
    with database.transaction() as session:
        cards.void(session, cards.get(session, card.program_id, card.id))


def test_the_button_of_a_ticket_leads_to_google_once_google_knows_it(
    guest: FlaskClient, ticket: Card, fake: FakeGoogle, private_key: rsa.RSAPrivateKey, check_token: Callable[..., Any]
) -> None:
    answer = guest.get(f"/c/luna/{ticket.link}/google")
    assert answer.status_code == 302
    assert fake.log == ["POST genericClass", "POST genericObject"]
    _, claims = check_token(answer.headers["Location"].rpartition("/")[2], private_key.public_key())
    assert claims["payload"] == {"genericObjects": [{"id": f"{ISSUER}.coat.{ticket.serial_number}", "classId": CLASS}]}
    assert newest(ticket).wallets == ["google"]
    assert ticket.link not in json.dumps([call.body for call in fake.calls])


def test_cards_and_tickets_have_a_class_each_and_neither_is_written_twice(town: House, ticket: Card, fake: FakeGoogle) -> None:
    on_google(ticket)
    assert deliver(town.ana, ticket) == [None, None]
    show(town.ana, points=5)
    show(ticket, coat="A17, A18")
    assert deliver(newest(town.ana), newest(ticket)) == [None, None]
    assert sorted(fake.log) == sorted(
        [
            "POST loyaltyClass",
            "POST loyaltyObject",
            "POST genericClass",
            "POST genericObject",
            f"PATCH loyaltyObject/{ISSUER}.{town.ana.serial_number}",
            f"PATCH genericObject/{ISSUER}.coat.{ticket.serial_number}",
        ]
    )
    with database.reading() as session:
        assert sorted(session.exec(select(GoogleClass.kind).where(col(GoogleClass.program_id) == "luna"))) == ["card", "ticket"]


def test_a_coat_that_its_guest_has_back_is_a_pass_of_the_past(ticket: Card, fake: FakeGoogle) -> None:
    on_google(ticket)
    deliver(ticket)
    assert (object_of(fake, ticket)["state"], "barcode" in object_of(fake, ticket)) == ("ACTIVE", True)
    show(ticket, coat=None, items=None)
    void(ticket)
    assert deliver(newest(ticket)) == [None]
    over = object_of(fake, ticket)
    assert (over["state"], "barcode" in over, over["header"]["defaultValue"]["value"]) == (
        "COMPLETED",
        False,
        f"{ticket.number[:4]} {ticket.number[4:]}",
    )
    with database.reading() as session:
        assert google.is_current(session, "luna", ticket.id)


def test_a_hook_that_changes_rings_nobody_and_a_message_does_once(ticket: Card, fake: FakeGoogle) -> None:
    """Google has no notice of a generic pass but its messages."""
    on_google(ticket)
    deliver(ticket)
    show(ticket, coat="B2", message="Your coat waits for you in the cloakroom.")
    assert deliver(newest(ticket)) == [None]
    assert deliver(newest(ticket)) == [None]
    assert not [call for call in fake.calls if "notifyPreference" in call.body]
    (said,) = object_of(fake, ticket)["messages"]
    assert (said["body"], said["messageType"]) == ("Your coat waits for you in the cloakroom.", "TEXT_AND_NOTIFY")
    assert len(told(ticket).messaged) == 1


def test_a_ticket_that_google_lost_is_written_anew_with_its_class(ticket: Card, fake: FakeGoogle) -> None:
    on_google(ticket)
    deliver(ticket)
    fake.resources["genericObject"].clear()
    fake.resources["genericClass"].clear()
    show(ticket, coat="B2")
    assert deliver(newest(ticket)) == [None]
    assert object_of(fake, ticket)["header"]["defaultValue"]["value"] == "B2"
    assert CLASS in fake.resources["genericClass"]


def test_a_ticket_without_a_design_is_given_up_and_holds_no_card_up(town: House, ticket: Card, designs: Path) -> None:
    """The restaurant has taken a design that has no coat ticket; its channel stays open."""
    on_google(ticket)
    config.use(replace(config.current(), designs_dir=str(designs)))
    with database.transaction() as session:
        programs.get(session, "luna").design = "test"
    failure, none = deliver(ticket, town.ana)
    assert none is None
    assert (type(failure), failure.permanent) == (DeliveryError, True)
    assert failure.message == "Design test has no coat ticket. Give it a [ticket], or choose another design for the program."


def test_calls_of_google_find_a_ticket_by_its_own_name_only(town: House, ticket: Card) -> None:
    on_google(ticket)

    def heard(object_id: str, nonce: str) -> str:
        with database.transaction() as session:
            call = Call(class_id=CLASS, object_id=object_id, event="save", expires_ms=1, nonce=nonce)
            return callbacks.hear(session, programs.get(session, "luna"), call)

    assert heard(f"{ISSUER}.coat.{ticket.serial_number}", "n1") == callbacks.HEARD
    assert heard(f"{ISSUER}.{ticket.serial_number}", "n2") == callbacks.UNKNOWN_OBJECT
    assert heard(f"{ISSUER}.coat.{town.ana.serial_number}", "n3") == callbacks.UNKNOWN_OBJECT
    with database.reading() as session:
        assert session.get_one(GoogleObject, ("luna", ticket.id)).saved


def test_cards_in_google_wallet_are_counted_without_tickets(town: House, ticket: Card) -> None:
    on_google(ticket)
    with database.transaction() as session:
        for row in session.exec(select(GoogleObject)):
            row.saved = True
    with database.reading() as session:
        assert google.count(session, "luna") == google.Count(saved=1, removed=0)


def test_an_ended_ticket_is_not_given_out_again(guest: FlaskClient, ticket: Card, fake: FakeGoogle) -> None:
    void(ticket)
    assert guest.get(f"/c/luna/{ticket.link}/google").status_code == 410
    assert fake.log == []


def test_the_class_of_tickets_is_sent_anew_with_that_of_cards_once_there_are_any(town: House, ticket: Card, fake: FakeGoogle) -> None:
    with database.reading() as session:
        luna = programs.get(session, "luna")
    check.send_class(luna)
    assert fake.log == ["POST loyaltyClass"]
    on_google(ticket)
    deliver(ticket)
    check.send_class(luna)
    assert sorted(fake.log[-2:]) == [f"PATCH genericClass/{CLASS}", f"PATCH loyaltyClass/{ISSUER}.luna"]
