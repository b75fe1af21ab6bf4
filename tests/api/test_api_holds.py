"""Points promised at the quote and spent at the payment: what a POS does while the check is still open."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.api.till import error, everything, post
from tests.cast import open_house
from walletpass import cards, database, ledger
from walletpass.database import now
from walletpass.ledger import Hold


@pytest.fixture
def rich(client, bearer, luna):
    """Ana has 1,000 points."""
    assert post(client, "earn", {"card": luna.ana.number, "amount": 10_000, "check_id": "A1"}, bearer).status_code == 200
    return luna


@pytest.fixture
def hold(client, bearer, rich):
    def make(points=400, **more):
        body = {"card": rich.ana.number, "amount": 2_000, "check_id": "B1", "points": points, **more}
        return post(client, "hold", body, bearer)

    return make


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    return error(answer)


def shown(house):
    with database.reading() as session:
        return cards.get(session, house.id, house.ana.id).shown["points"]


def faults(house):
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def test_a_hold_says_what_it_is_worth_and_until_when(hold, rich):
    before = now()
    told = hold().get_json()
    assert set(told) == {"hold", "balance"}
    assert {name: told["hold"][name] for name in ("points", "worth", "check_id")} == {"points": 400, "worth": 400, "check_id": "B1"}
    with database.reading() as session:
        row = session.exec(select(Hold)).one()
    assert told["hold"]["id"] == row.id
    assert before + timedelta(minutes=14) < row.expires_at < now() + timedelta(minutes=16)
    assert told["balance"] == {"points": 600, "pending": 0, "held": 400, "debt": 0}
    assert shown(rich) == 600


def test_a_check_goes_hold_capture_earn(client, bearer, rich, hold):
    held = hold().get_json()["hold"]["id"]
    paid = post(client, "capture", {"hold": held, "amount": 2_000}, bearer)
    assert (paid.status_code, paid.get_json()["entry"]["points"], paid.get_json()["balance"]["held"]) == (200, -400, 0)
    earned = post(client, "earn", {"card": rich.ana.number, "amount": 2_000, "check_id": "B1"}, bearer).get_json()
    assert (earned["entry"]["points"], earned["balance"]["points"]) == (160, 760)
    assert shown(rich) == 760
    assert faults(rich) == []


def test_a_part_of_a_hold_is_taken_and_the_rest_is_free_again(client, bearer, hold):
    held = hold().get_json()["hold"]["id"]
    paid = post(client, "capture", {"hold": held, "lines": [{"amount": 500}], "points": 250}, bearer).get_json()
    assert (paid["entry"]["points"], paid["balance"]) == (-250, {"points": 750, "pending": 0, "held": 0, "debt": 0})


def test_a_hold_that_is_let_go_gives_its_points_back(client, bearer, rich, hold):
    held = hold().get_json()["hold"]["id"]
    told = post(client, "release", {"hold": held}, bearer)
    assert (told.status_code, told.get_json()["balance"]["points"], shown(rich)) == (200, 1_000, 1_000)
    for route, more in (("release", {}), ("capture", {"amount": 2_000})):
        refused(post(client, route, {"hold": held, **more}, bearer), 410, "gone")


def test_a_late_capture_is_gone_and_holds_nothing_again(client, bearer, hold):
    held = hold().get_json()["hold"]["id"]
    with time_machine.travel(now() + timedelta(minutes=16)):
        before = everything()
        refused(post(client, "capture", {"hold": held, "amount": 2_000}, bearer), 410, "gone")
        assert everything() == before


def test_what_was_captured_is_not_captured_again(client, bearer, hold):
    held = hold().get_json()["hold"]["id"]
    body = {"hold": held, "amount": 2_000}
    first = post(client, "capture", body, bearer, key="k1")
    before = everything()
    refused(post(client, "capture", body, bearer), 409, "conflict")
    refused(post(client, "release", {"hold": held}, bearer), 409, "conflict")
    again = post(client, "capture", body, bearer, key="k1")
    assert (again.data, again.headers["Idempotent-Replay"], everything()) == (first.data, "true", before)


def test_the_refusals_of_a_hold_are_those_of_a_redemption(client, bearer, hold, rich):
    before = everything()
    assert refused(hold(1_001, amount=100_000), 409, "insufficient_balance")["available"] == 1_000
    assert refused(hold(901, amount=1_800), 422, "above_cap")["maximum"] == 900
    refused(hold(1, check_id="A1"), 409, "already_earned")
    refused(hold(1, card="12345674"), 404, "not_our_code")
    assert everything() == before


def test_two_holds_on_one_check_keep_its_cap(hold):
    assert hold(600).status_code == 200
    assert refused(hold(401), 409, "insufficient_balance")["available"] == 400
    assert hold(400).status_code == 200
    refused(hold(1), 409, "insufficient_balance")


def test_what_is_held_cannot_be_spent_and_its_check_not_closed(client, bearer, rich, hold):
    hold()
    body = {"card": rich.ana.number, "amount": 20_000, "points": 601}
    assert refused(post(client, "redeem", body, bearer), 409, "insufficient_balance")["available"] == 600
    refused(post(client, "earn", {"card": rich.ana.number, "amount": 2_000, "check_id": "B1"}, bearer), 409, "conflict")


def test_a_check_that_became_smaller_takes_less(client, bearer, hold):
    held = hold().get_json()["hold"]["id"]
    before = everything()
    assert refused(post(client, "capture", {"hold": held, "amount": 100}, bearer), 422, "above_cap")["maximum"] == 50
    refused(post(client, "capture", {"hold": held, "amount": 2_000, "points": 401}, bearer), 422, "malformed")
    refused(post(client, "capture", {"hold": held}, bearer), 422, "malformed")
    assert everything() == before


def test_another_restaurant_s_hold_is_unknown_here(client, hold):
    sova = open_house("sova")
    theirs = {"Authorization": f"Bearer {sova.api_key}"}
    held = hold().get_json()["hold"]["id"]
    before = everything()
    for route, more in (("capture", {"amount": 2_000}), ("release", {})):
        refused(post(client, route, {"hold": held, **more}, theirs), 404, "not_found")
        refused(post(client, route, {"hold": "0" * 26, **more}, theirs), 404, "not_found")
    assert everything() == before


def test_a_hold_without_a_check_s_name_gets_one_that_its_earn_can_use(client, bearer, rich, hold):
    told = hold(check_id=None).get_json()["hold"]
    post(client, "capture", {"hold": told["id"], "amount": 2_000}, bearer)
    earned = post(client, "earn", {"card": rich.ana.number, "amount": 2_000, "check_id": told["check_id"]}, bearer)
    assert earned.get_json()["entry"]["points"] == 160


# --- the quote ------------------------------------------------------------------------------------


def ask(client, bearer, house, **more):
    answer = client.post("/api/v1/quote", json={"card": house.ana.number, **more}, headers=bearer)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_a_quote_promises_what_a_hold_then_gets(client, bearer, rich, hold):
    before = everything()
    told = ask(client, bearer, rich, amount=1_500, check_id="B1")
    assert everything() == before
    assert (told["points"], told["most"], told["worth"], told["earns"], told["why_not"]) == (1_000, 750, 750, 150, None)
    refused(hold(751, amount=1_500), 422, "above_cap")
    assert hold(750, amount=1_500).status_code == 200
    told = ask(client, bearer, rich, amount=1_500, check_id="B1")
    assert (told["points"], told["most"], told["why_not"]["code"]) == (250, 0, "above_cap")


def test_a_quote_says_why_nothing_can_be_paid(client, bearer, rich):
    assert ask(client, bearer, rich, amount=10_000, check_id="A1")["why_not"]["code"] == "already_earned"
    assert ask(client, bearer, rich, amount=1)["why_not"]["code"] == "above_cap"
    post(client, "redeem", {"card": rich.ana.number, "amount": 2_000, "points": 1_000}, bearer)
    assert ask(client, bearer, rich, amount=1_000)["why_not"]["code"] == "insufficient_balance"
    before = everything()
    refused(client.post("/api/v1/quote", json={"card": rich.ana.number}, headers=bearer), 422, "malformed")
    refused(client.post("/api/v1/quote", json={"card": rich.ana.number, "amount": 10**9}, headers=bearer), 422, "malformed")
    refused(client.post("/api/v1/quote", json={"card": "nonsense", "amount": 1}, headers=bearer), 404, "not_our_code")
    assert everything() == before


# --- lines ----------------------------------------------------------------------------------------


def test_lines_may_say_what_was_eaten(client, bearer, luna):
    lines = [
        {"amount": 1_800, "category": "pizza", "quantity": 2, "tax": 118, "sku": "P-11", "name": "Pizza quattro formaggi"},
        {"amount": 1_100, "kind": "gift_card", "name": "Voucher"},
    ]
    post(client, "items", {"items": [{"sku": "soup", "name": "Borscht"}]}, bearer)
    lines.append({"amount": 600, "sku": "soup"})
    answer = post(client, "earn", {"card": luna.ana.number, "check_id": "A1", "lines": lines, "gift_card": 500}, bearer)
    assert (answer.status_code, answer.get_json()["entry"]["points"]) == (200, answer.get_json()["balance"]["points"])
    kept = client.get("/api/v1/checks/A1", headers=bearer).get_json()["lines"]
    assert [(line["sku"], line["name"]) for line in kept] == [("P-11", "Pizza quattro formaggi"), ("", "Voucher"), ("soup", "Borscht")]
    assert [item["sku"] for item in client.get("/api/v1/items", headers=bearer).get_json()["items"]] == ["soup"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": [{"amount": 100, "tax": 101}]},
        {"lines": [{"amount": 100, "quantity": 0}]},
        {"lines": [{"amount": 100, "quantity": 10_001}]},
        {"lines": [{"amount": 100, "category": "x" * 41}]},
        {"lines": [{"amount": 100, "name": "x" * 121}]},
        {"lines": [{"amount": 100}], "gift_card": 101},
        {"amount": 100, "gift_card": 101},
    ],
)
def test_lines_that_cannot_be_are_refused_and_nothing_is_written(client, bearer, luna, wrong):
    before = everything()
    for route, more in (("earn", {}), ("redeem", {"points": 1}), ("hold", {"points": 1}), ("quote", {})):
        refused(post(client, route, {"card": luna.ana.number, **wrong, **more}, bearer), 422, "malformed")
    assert everything() == before
