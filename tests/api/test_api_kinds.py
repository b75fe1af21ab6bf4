"""Stamps, cashback, tiers and points that wait, as a till sees them through the API."""

import pytest

from tests.api.till import error, post
from tests.ledger.book import add_tiers, use_rules
from walletpass import database, ledger, staff


@pytest.fixture
def till(client, luna):
    with database.transaction() as session:
        key = staff.make_api_key(session, luna.id, "All", scopes=staff.SCOPES)
    headers = {"Authorization": f"Bearer {key}"}

    def done(path, status=200, **body):
        answer = post(client, path, body, headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json() if status < 400 else error(answer)

    yield done
    with database.reading() as session:
        assert list(ledger.verify(session, luna.id)) == []


def coffees(count, price=350):
    return [{"amount": price * count, "category": "coffee", "quantity": count}]


def test_a_card_of_stamps_goes_through_the_api(till, luna):
    use_rules(luna, kind="stamps", stamp_goal=5, stamp_categories=["coffee"])
    card = luna.ana.number
    assert till("earn", card=card, check_id="A1", lines=coffees(6))["balance"]["points"] == 6
    told = till("quote", card=card, check_id="A2", lines=coffees(2))
    assert (told["kind"], told["points"], told["most"], told["step"], told["worth"], told["earns"]) == ("stamps", 6, 5, 5, 350, 2)
    till("redeem", 422, card=card, check_id="A2", lines=coffees(2), points=3)
    assert till("redeem", card=card, check_id="A2", lines=coffees(2), points=5)["balance"]["points"] == 1
    assert till("earn", card=card, check_id="A2", lines=coffees(2))["balance"]["points"] == 2
    back = till("refund", check_id="A2", amount=700, reason="spilt")
    assert (back["points_back"], back["points_taken"], back["money"]) == (5, 1, 350)
    seen = till("guests/by-code", code=card)["card"]
    assert (seen["points"], seen["debt"]) == (6, 0)


def test_cashback_goes_through_the_api(till, luna):
    use_rules(luna, kind="cashback", earn_bps=500, point_value=1)
    card = luna.ana.number
    assert till("earn", card=card, check_id="A1", amount=8_450)["balance"]["points"] == 422
    told = till("quote", card=card, check_id="A2", amount=1_000)
    assert (told["kind"], told["most"], told["worth"]) == ("cashback", 422, 422)
    assert till("redeem", card=card, check_id="A2", amount=1_000, points=400)["balance"]["points"] == 22
    assert till("earn", card=card, check_id="A2", amount=1_000)["entry"]["points"] == 30
    back = till("refund", check_id="A2", amount=1_000, reason="cold")
    assert (back["points_back"], back["points_taken"], back["money"]) == (400, 30, 600)
    assert till("guests/by-code", code=card)["card"]["points"] == 422


def test_points_that_wait_and_a_tier_go_through_the_api(till, luna):
    use_rules(luna, pending="action", tier_by="spend", tier_days=100)
    add_tiers(luna, ("Silver", 10_000, 2_000, 5))
    card = luna.ana.number
    earned = till("earn", card=card, check_id="A1", amount=10_000)
    assert {name: earned["balance"][name] for name in ("points", "pending")} == {"points": 0, "pending": 1_000}
    seen = till("guests/by-code", code=card)
    assert {name: seen["card"][name] for name in ("points", "pending", "held", "debt")} == {
        "points": 0,
        "pending": 1_000,
        "held": 0,
        "debt": 0,
    }
    told = till("quote", card=card, check_id="A2", amount=2_000)
    assert (told["tier"], told["discount"], told["earns"], told["most"]) == ("Silver", 100, 400, 0)
    assert till("redeem", 409, card=card, check_id="A2", amount=2_000, points=10)["code"] == "insufficient_balance"
    assert till("activate", entry=earned["entry"]["id"])["balance"]["points"] == 1_000
    assert till("earn", card=card, check_id="A2", amount=2_000)["entry"]["points"] == 400
    back = till("refund", check_id="A2", amount=2_000, reason="cold")
    assert back["points_taken"] == 400
    seen = till("guests/by-code", code=card)["card"]
    assert (seen["points"], seen["pending"]) == (1_000, 0)
