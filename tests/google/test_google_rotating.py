"""A card goes to Google with the key of its changing code, where the program wants one."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, update

from tests.google.conftest import FakeGoogle
from tests.google.town import deliver, name_of, show
from tests.rotating import shown
from walletpass import cards, database
from walletpass.cards import Card
from walletpass.programs import Program


@pytest.fixture
def rotating(restaurant: object) -> None:
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == "luna").values(rotating_codes=True))


def at_google(fake: FakeGoogle, card: Card) -> dict[str, Any]:
    return fake.resources["loyaltyObject"][name_of(card)]


def held(card: Card) -> Card:
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id)


def test_the_phone_is_given_the_key_that_the_till_checks_by(
    rotating: None, issue: Callable[..., Card], browser: FlaskClient, fake: FakeGoogle
) -> None:
    card = issue(wallets=())
    assert browser.get(f"/c/luna/{card.link}/google").status_code == 302
    barcode = at_google(fake, card)["rotatingBarcode"]
    (parameters,) = barcode["totpDetails"]["parameters"]
    assert parameters == {"key": cards.rotation.key_of(held(card)), "valueLength": 8}
    assert barcode["totpDetails"]["periodMillis"] == "30000"
    assert barcode["valuePattern"] == cards.rotation.prefix(held(card)) + "{totp_value_0}"
    with database.transaction() as session:
        assert cards.find(session, "luna", shown(held(card))).id == card.id


def test_the_key_stays_the_same_for_the_next_tap_and_the_next_change(
    rotating: None, issue: Callable[..., Card], browser: FlaskClient, fake: FakeGoogle
) -> None:
    card = issue(wallets=())
    browser.get(f"/c/luna/{card.link}/google")
    first = at_google(fake, card)["rotatingBarcode"]
    browser.get(f"/c/luna/{card.link}/google")
    show(card, points=77)
    assert deliver(held(card)) == [None]
    assert (at_google(fake, card)["rotatingBarcode"], at_google(fake, card)["loyaltyPoints"]["balance"]) == (first, {"int": 77})


def test_a_card_that_was_there_before_gets_its_key_with_the_next_change(card: Card, fake: FakeGoogle) -> None:
    assert deliver(card) == [None]
    assert "rotatingBarcode" not in at_google(fake, card)
    with database.transaction() as session:
        session.exec(update(Program).values(rotating_codes=True))
    assert deliver(card) == [None]
    assert at_google(fake, card)["rotatingBarcode"]["totpDetails"]["parameters"][0]["key"] == cards.rotation.key_of(held(card))


def test_without_the_option_no_card_has_a_key(issue: Callable[..., Card], browser: FlaskClient, fake: FakeGoogle) -> None:
    card = issue(wallets=())
    browser.get(f"/c/luna/{card.link}/google")
    assert "rotatingBarcode" not in at_google(fake, card)
    assert held(card).rotation_key == ""
