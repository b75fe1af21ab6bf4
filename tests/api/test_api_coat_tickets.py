"""A coat ticket held to a till: one plain sentence, whatever is asked, and nothing in the books."""

import pytest
from sqlmodel import col, select, update

from tests.api.till import error, post
from tests.cast import issue_ticket, make_app
from tests.identification.cast import code_of
from tests.tills import program_header, signed_in
from walletpass import database
from walletpass.cards import Card
from walletpass.guests import Guest
from walletpass.identification import BoundToken
from walletpass.ledger import Account

HEADER = program_header()
NO_POINTS = "This is a coat ticket. It has no points."


@pytest.fixture
def client(house):
    return make_app().test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def ticket(house):
    return issue_ticket(house, coat="A17")


def refused(answer):
    assert (answer.status_code, error(answer)["code"], error(answer)["detail"]) == (404, "coat_ticket", NO_POINTS)


@pytest.mark.parametrize("way", ["code", "number", "id"])
@pytest.mark.parametrize("named", [False, True])
def test_every_way_to_say_who_stands_there_says_that_it_is_a_coat_ticket(client, bearer, ticket, way, named):
    text = {"code": code_of(ticket), "number": ticket.number, "id": ticket.id}[way]
    refused(client.post("/api/v1/identify", json={"text": text, **({"kind": way} if named else {})}, headers=bearer))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("earn", {"amount": 1000, "check_id": "A"}),
        ("redeem", {"amount": 1000, "check_id": "A", "points": 1}),
        ("hold", {"amount": 1000, "check_id": "A", "points": 1}),
    ],
)
def test_no_points_are_given_to_it_or_taken_from_it(client, bearer, ticket, path, body):
    for card in (ticket.id, ticket.number, code_of(ticket)):
        refused(post(client, path, {"card": card, **body}, headers=bearer))
    with database.reading() as session:
        assert session.exec(select(Account).where(col(Account.card_id) == ticket.id)).all() == []


@pytest.mark.parametrize("part", ["entries", "lots"])
def test_it_has_no_statement(client, bearer, ticket, part):
    refused(client.get(f"/api/v1/cards/{ticket.id}/{part}", headers=bearer))


def test_how_far_it_has_come_on_its_way_to_the_phone_is_told_as_of_a_card(client, bearer, ticket):
    answer = client.get(f"/api/v1/cards/{ticket.id}/delivery", headers=bearer)
    assert (answer.status_code, answer.get_json()["devices"]) == (200, 0)


def test_nothing_is_bound_to_it(client, bearer, ticket):
    refused(post(client, "tokens", {"card": ticket.number, "text": "04A224B2C15E80", "kind": "nfc"}, headers=bearer))
    with database.reading() as session:
        assert session.exec(select(BoundToken)).all() == []


def test_a_guest_whose_phone_number_reads_like_a_ticket_is_found(client, bearer, house, ticket):
    number = "30123459"
    with database.transaction() as session:
        session.execute(update(Card).where(col(Card.id) == ticket.id).values(number=number))
        session.execute(update(Guest).values(phone=f"+49{number}"))
    answer = client.post("/api/v1/identify", json={"text": number}, headers=bearer)
    assert answer.status_code == 200, error(answer)
    assert answer.get_json()["card"]["id"] == house.ana.id


def test_a_search_finds_guests_and_no_tickets(client, house, ticket):
    till = signed_in(client.application, house)
    for text in ("Ana", "2345", ticket.number):
        found = till.get("/api/v1/guests", query_string={"search": text}, headers=HEADER).get_json()["guests"]
        assert {one["card"] for one in found} <= {house.ana.id}
