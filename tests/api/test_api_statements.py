"""A card's account, page by page, and what of it ends when."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.api.till import error, post
from tests.cast import make_app, open_house
from walletpass import database
from walletpass.database import now
from walletpass.ledger import Lot


@pytest.fixture
def client(house):
    return make_app().test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def busy(client, bearer, house):
    """Seven entries: six earns and a redemption."""
    for number in range(6):
        assert post(client, "earn", {"card": house.ana.number, "amount": 1_000, "check_id": f"A{number}"}, bearer).status_code == 200
    assert post(client, "redeem", {"card": house.ana.number, "amount": 1_000, "points": 50}, bearer).status_code == 200
    return house


def read(client, bearer, house, what="entries", **query):
    answer = client.get(f"/api/v1/cards/{house.ana.id}/{what}", query_string=query, headers=bearer)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_pages_follow_one_another_without_a_gap(client, bearer, busy, limit):
    numbers, before = [], None
    while True:
        page = read(client, bearer, busy, limit=limit, **({"before": before} if before else {}))
        assert len(page["entries"]) <= limit
        numbers += [int(entry["id"].rpartition("-")[2]) for entry in page["entries"]]
        before = page["next"]
        if before is None:
            break
    assert numbers == [7, 6, 5, 4, 3, 2, 1]


def test_what_is_added_meanwhile_moves_no_page(client, bearer, busy):
    first = read(client, bearer, busy, limit=3)
    post(client, "earn", {"card": busy.ana.number, "amount": 1_000}, bearer)
    second = read(client, bearer, busy, limit=3, before=first["next"])
    assert [entry["check_id"] for entry in second["entries"]] == ["A3", "A2", "A1"]


def test_an_entry_says_what_it_takes_back(client, bearer, busy):
    post(client, "undo", {"entry": f"{busy.ana.id}-1", "reason": "wrong table"}, bearer)
    told = read(client, bearer, busy)["entries"][0]
    assert (told["type"], told["reverses"], told["points"]) == ("earn_reversal", 1, -100)


def test_what_ends_when_adds_up_to_the_balance(client, bearer, busy):
    soon, over = now() + timedelta(days=3), now() - timedelta(days=1)
    with database.transaction() as session:
        for seq, end in ((2, soon), (3, soon), (4, over)):
            session.execute(update(Lot).where(col(Lot.program_id) == busy.id, col(Lot.seq) == seq).values(expires_at=end))
    post(client, "hold", {"card": busy.ana.number, "amount": 1_000, "points": 30}, bearer)
    told = read(client, bearer, busy, "lots")
    assert sum(lot["points"] for lot in told["lots"]) == told["balance"]["points"] == 420
    assert [lot["expires_at"] is None for lot in told["lots"]] == [False, True]
    assert (told["lots"][0]["points"], told["balance"]["held"]) == (170, 30)


def test_a_card_without_entries_has_an_empty_statement(client, bearer, house):
    assert read(client, bearer, house) == {"entries": [], "next": None}
    assert read(client, bearer, house, "lots") == {"balance": {"points": 0, "pending": 0, "held": 0, "debt": 0}, "lots": []}


def test_another_restaurant_s_card_and_odd_questions_are_refused(client, bearer, busy):
    sova = open_house("sova")
    theirs = {"Authorization": f"Bearer {sova.api_key}"}
    for what in ("entries", "lots"):
        answer = client.get(f"/api/v1/cards/{busy.ana.id}/{what}", headers=theirs)
        assert (answer.status_code, error(answer)["code"]) == (404, "not_found")
    for query in ({"before": "x"}, {"before": 0}, {"limit": 0}, {"limit": 201}, {"before": 2**31}, {"before": "1.5"}):
        answer = client.get(f"/api/v1/cards/{busy.ana.id}/entries", query_string=query, headers=bearer)
        assert (answer.status_code, error(answer)["code"]) == (422, "malformed"), query
