"""Checks over HTTP: what a till and a point of sale are answered, and every way to be refused."""

from datetime import timedelta

import pytest
import time_machine

from tests.api.till import error, everything, post
from tests.cast import issue_card, make_app, open_house
from tests.tills import program_header, signed_in
from walletpass import cards, database, programs
from walletpass.database import now

SOUP = {"amount": 600, "name": "Borscht", "sku": "soup"}
BEER = {"amount": 400, "name": "Beer", "sku": "beer", "drink": True}


@pytest.fixture
def till(client, bearer):
    class Till:
        def __call__(self, path, body=None, status=200, **options):
            answer = post(client, f"checks{path}", {} if body is None else body, bearer, **options)
            assert answer.status_code == status, answer.get_json()
            return answer.get_json()

        def get(self, path="", status=200):
            answer = client.get(f"/api/v1/checks{path}", headers=bearer)
            assert answer.status_code == status, answer.get_json()
            return answer.get_json()

    return Till()


def refused(client, headers, path, body, status, code):
    before = everything()
    answer = post(client, f"checks{path}", body, headers)
    assert (answer.status_code, error(answer)["code"]) == (status, code), answer.get_json()
    assert everything() == before
    return error(answer)


def test_from_the_first_line_to_the_payment(till, luna, client, bearer):
    opened = till("", {"check_id": "A1", "place": "7", "waiter": "Olena"})
    assert opened["check"] == {"id": "A1", "state": "open", "card_id": "", "amount": 0, "refunded": 0, "closed_at": None}
    assert till.get()["checks"][0]["ask_for_card"] is False
    assert till("/A1/lines", {"lines": [SOUP, BEER]})["positions"] == [1, 2]
    (waiting,) = till.get()["checks"]
    assert (waiting["ask_for_card"], waiting["guest"], waiting["place"], waiting["waiter"]) == (True, None, "7", "Olena")
    till("/A1/attach", {"card": luna.ana.number})
    (known,) = till.get()["checks"]
    assert (known["ask_for_card"], known["guest"]) == (False, {"card_id": luna.ana.id, "name": "Ana"})
    till("/A1/bill")
    done = till("/A1/close", {"discount": 100, "amount": 900})
    assert (done["points"], done["balance"]["points"], done["entries"][0]["check_id"]) == (90, 90, "A1")
    assert till.get()["checks"] == []
    with database.reading() as session:
        assert cards.get(session, luna.id, luna.ana.id).shown["points"] == 90
    seen = client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers=bearer).get_json()
    assert seen["favourites"] == {"dishes": ["Borscht"], "drinks": ["Beer"]}
    assert (seen["usual_waiter"], seen["first_visit"], seen["regular"], seen["average_check"]) == ("", False, False, 900)


def test_one_request_may_bring_table_lines_and_card(till, luna):
    done = till("", {"lines": [SOUP], "card": luna.ana.number})
    seen = till.get(f"/{done['check']['id']}")
    assert (done["positions"], seen["amount"], seen["guest"]["name"]) == ([1], 600, "Ana")
    assert seen["lines"][0] == {
        "position": 1, "sku": "soup", "name": "Borscht", "category": "", "kind": "item", "quantity": 1, "amount": 600, "discount": 0,
        "refunded": 0,
    }  # fmt: skip
    assert "/j/luna-table?check=" in seen["join_url"]


def test_a_line_that_is_refunded_takes_its_points_in_the_same_answer(till, luna):
    till("", {"check_id": "A1", "lines": [SOUP, BEER], "card": luna.ana.number})
    till("/A1/close")
    done = till("/A1/refund", {"lines": [1], "reason": "it was cold"})
    assert (done["amount"], done["money"], done["points"], done["balance"]["points"]) == (600, 600, -60, 40)
    with database.reading() as session:
        assert cards.get(session, luna.id, luna.ana.id).shown["points"] == 40
    assert till.get("/A1")["lines"][0]["refunded"] == 600
    assert till("/A1/void", {"reason": "all of it"})["check"]["state"] == "refunded"


def test_the_same_key_gets_the_first_answer_again_and_the_same_id_a_conflict(till, luna, client, bearer):
    body = {"check_id": "A1", "lines": [SOUP]}
    first = till("", body, key="k1")
    assert till("", body, key="k1") == first
    told = refused(client, bearer, "", body, 409, "conflict")
    assert (told["check"]["id"], told["check"]["amount"]) == ("A1", 600)
    stands = client.get("/api/v1/checks/A1", headers=bearer).get_json()
    assert told["check"]["opened_at"] == stands["opened_at"]
    assert stands["opened_at"].endswith("Z")
    till("/A1/close", key="k2")
    assert till("/A1/close", key="k2")["check"]["state"] == "closed"
    refused(client, bearer, "/A1/close", {}, 409, "conflict")
    assert error(post(client, "checks/A1/void", {"reason": "why not"}, bearer, key="k2"))["code"] == "key_reused"
    assert error(post(client, "checks/A2/close", {}, bearer, key="k2"))["code"] == "key_reused"
    assert error(post(client, "checks/A1/bill", {}, bearer, key=None))["code"] == "missing_key"


def test_answers_that_are_kept_hold_no_name(till, luna):
    till("", {"check_id": "A1", "lines": [SOUP], "card": luna.ana.number}, key="k1")
    till("/A1/close", key="k2")
    with database.reading() as session:
        kept = session.connection().exec_driver_sql("SELECT answer FROM idempotency_key").scalars().all()
    assert len(kept) == 2
    assert not any("Ana" in answer or "Borscht" in answer for answer in kept)


@pytest.mark.parametrize(
    "line",
    [
        {"amount": -1}, {"amount": 1.5}, {"amount": 2**63}, {"amount": "1"}, {"amount": True}, {"amount": 100, "quantity": 0},
        {"amount": 100, "discount": 101}, {"amount": 100, "kind": "bribe"}, {"amount": 100, "tax": 200}, {"amount": 100, "sku": "a/b"},
        {"amount": 100, "sku": ""}, {"name": "free"}, {"amount": 100, "name": "x" * 121}, {"amount": 100, "extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_lines_that_cannot_be_are_malformed(till, luna, client, bearer, line):
    till("", {"check_id": "A1"})
    refused(client, bearer, "/A1/lines", {"lines": [SOUP, line]}, 422, "malformed")


def test_no_lines_too_many_and_too_dear_are_malformed(till, luna, client, bearer):
    till("", {"check_id": "A1"})
    for lines in ([], [{"amount": 1}] * 501, [{"amount": luna.program.max_amount}, {"amount": 1}]):
        refused(client, bearer, "/A1/lines", {"lines": lines}, 422, "malformed")
    till("/A1/lines", {"lines": [{"amount": 1}] * 500})
    refused(client, bearer, "/A1/lines", {"lines": [SOUP]}, 422, "malformed")


def test_more_than_the_check_twice_and_nobody_elses_are_refused(till, luna, client, bearer):
    till("", {"check_id": "A1", "lines": [SOUP], "card": luna.ana.number})
    refused(client, bearer, "/A1/refund", {"reason": "it was cold"}, 409, "conflict")
    till("/A1/close")
    for body in (
        {"amount": 601},
        {"amount": 0},
        {"amount": -5},
        {"amount": 2**63},
        {"amount": 1.5},
        {"lines": []},
        {"lines": [1], "amount": 5},
    ):
        refused(client, bearer, "/A1/refund", {**body, "reason": "it was cold"}, 422, "malformed")
    refused(client, bearer, "/A1/refund", {"lines": [1], "reason": "  "}, 422, "malformed")
    refused(client, bearer, "/A1/refund", {"lines": [2], "reason": "it was cold"}, 404, "not_found")
    refused(client, bearer, "/Z9/refund", {"reason": "it was cold"}, 404, "not_found")
    till("/A1/refund", {"lines": [1], "reason": "it was cold"})
    refused(client, bearer, "/A1/refund", {"lines": [1], "reason": "it was cold"}, 409, "already_reversed")


def test_a_check_of_another_restaurant_is_not_found(till, luna, client):
    till("", {"check_id": "A1", "lines": [SOUP], "card": luna.ana.number})
    sova = open_house("sova")
    theirs = {"Authorization": f"Bearer {sova.api_key}"}
    for path, body in (
        ("/lines", {"lines": [SOUP]}), ("/take-off", {"position": 1}), ("/attach", {"card": sova.ana.number}), ("/detach", {}), ("/bill", {}),
        ("/close", {}), ("/refund", {"reason": "not ours"}), ("/void", {"reason": "not ours"}),
    ):  # fmt: skip
        refused(client, theirs, f"/A1{path}", body, 404, "not_found")
    assert client.get("/api/v1/checks/A1", headers=theirs).status_code == 404
    assert client.get("/api/v1/checks", headers=theirs).get_json() == {"checks": []}


def test_cards_that_are_unknown_void_or_of_another_restaurant_are_not_ours(till, luna, client, bearer):
    till("", {"check_id": "A1", "lines": [SOUP]})
    with database.transaction() as session:
        cards.void(session, cards.get(session, luna.id, luna.ana.id))
    for card in ("24899841", luna.ana.number, luna.ana.id, open_house("sova").ana.number, "https://example.com", "5"):
        refused(client, bearer, "/A1/attach", {"card": card}, 404, "not_our_code")
    refused(client, bearer, "", {"check_id": "A2", "card": "24899841"}, 404, "not_our_code")


def test_a_list_is_of_one_venue_and_of_what_nobody_said_where(app, luna):
    with database.transaction() as session:
        bar = programs.add_venue(session, luna.program, "Luna Bar").id
    bruno, key, client = signed_in(app, luna), {"Authorization": f"Bearer {luna.api_key}"}, app.test_client()
    for check_id, venue_id in (("A1", luna.venue.id), ("A2", bar), ("A3", "")):
        assert post(client, "checks", {"check_id": check_id, "venue_id": venue_id}, key).status_code == 200
    refused(client, key, "", {"check_id": "A4", "venue_id": "nowhere"}, 422, "malformed")
    listed = client.get(f"/api/v1/checks?venue_id={bar}", headers=key).get_json()["checks"]
    assert [one["id"] for one in listed] == ["A2", "A3"]
    assert len(bruno.get("/api/v1/checks", headers=program_header()).get_json()["checks"]) == 3


def test_a_cashier_gives_money_back_for_some_minutes_and_a_manager_later(app, luna):
    bruno, clara = signed_in(app, luna), signed_in(app, luna, "Clara")
    post(bruno, "checks", {"check_id": "A1", "lines": [SOUP, BEER], "card": luna.ana.number}, program_header())
    post(bruno, "checks/A1/close", {}, program_header())
    body = {"lines": [1], "reason": "it was cold"}
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert bruno.get("/api/v1/checks/A1", headers=program_header()).status_code == 200
        for deed in (("refund", body), ("void", {"reason": "it was cold"})):
            refused(bruno, program_header(), f"/A1/{deed[0]}", deed[1], 403, "not_allowed")
        assert post(clara, "checks/A1/refund", body, program_header()).status_code == 200


def test_a_waiter_at_a_till_is_who_is_signed_in(app, luna):
    bruno = signed_in(app, luna)
    for check in ("A1", "A2"):
        post(bruno, "checks", {"check_id": check, "lines": [SOUP], "card": luna.ana.number}, program_header())
        assert bruno.get(f"/api/v1/checks/{check}", headers=program_header()).get_json()["waiter"] == "Bruno"
        post(bruno, f"checks/{check}/close", {}, program_header())
    seen = bruno.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers=program_header()).get_json()
    assert seen["usual_waiter"] == "Bruno"


def test_nobody_sees_checks_without_a_key(luna):
    client = make_app().test_client()
    assert client.get("/api/v1/checks").status_code == 401
    assert post(client, "checks", {}, {}).status_code == 401
    assert client.get("/api/v1/items").status_code == 401


def test_a_typed_amount_closes_the_check_that_was_opened(till, luna, client, bearer):
    till("", {"check_id": "A1", "lines": [SOUP]})
    answer = post(client, "earn", {"card": luna.ana.number, "amount": 600, "check_id": "A1"}, bearer)
    assert answer.status_code == 200
    assert till.get()["checks"] == []
    refused(client, bearer, "/A1/close", {}, 409, "conflict")
    assert till("/A1/refund", {"lines": [1], "reason": "it was cold"})["balance"]["points"] == 0
    till("", {"check_id": "A2"})
    till("/A2/void", {"reason": "typed twice"})
    before = everything()
    assert error(post(client, "earn", {"card": luna.ana.number, "amount": 600, "check_id": "A2"}, bearer))["code"] == "conflict"
    assert everything() == before


def test_lines_that_are_earned_at_once_are_kept_and_refunded_one_by_one(till, luna, client, bearer):
    lines = [{"amount": 1_000}, {"amount": 500, "earns": False}, {"amount": 200, "kind": "tip"}]
    post(client, "earn", {"card": luna.ana.number, "lines": lines, "check_id": "A1", "discount": 150}, bearer)
    assert [line["amount"] for line in till.get("/A1")["lines"]] == [1_000, 500, 200]
    done = till("/A1/refund", {"lines": [2], "reason": "it was cold"})
    assert (done["amount"], done["points"], done["balance"]["points"]) == (450, 0, 90)


def test_an_undone_earn_is_attached_to_the_right_guest(till, luna, client, bearer):
    with database.transaction() as session:
        friend = issue_card(session, luna.program, "Friend")
    till("", {"check_id": "A1", "lines": [SOUP], "card": luna.ana.number})
    entry = till("/A1/close")["entries"][0]["id"]
    refused(client, bearer, "/A1/attach", {"card": friend.number}, 409, "conflict")
    post(client, "undo", {"entry": entry, "reason": "wrong guest"}, bearer)
    assert till.get("/A1")["state"] == "taken_back"
    done = till("/A1/attach", {"card": friend.number})
    assert (done["check"]["state"], done["points"], done["balance"]["points"]) == ("closed", 60, 60)


# --- the menu -------------------------------------------------------------------------------------


def test_the_menu_is_put_changed_and_sold_out(client, bearer, luna):
    items = [{"sku": "soup", "name": "Borscht"}, {"sku": "beer", "name": "Beer", "drink": True}]
    assert post(client, "items", {"items": items}, bearer).get_json() == {"new": 2, "changed": 0}
    assert post(client, "items", {"items": [{"sku": "soup", "name": "Green borscht"}]}, bearer).get_json() == {"new": 0, "changed": 1}
    sold_out = post(client, "items/soup/availability", {"available": False}, bearer)
    assert sold_out.get_json() == {"sku": "soup", "name": "Green borscht", "category": "", "drink": False, "available": False}
    assert [item["sku"] for item in client.get("/api/v1/items", headers=bearer).get_json()["items"]] == ["beer", "soup"]


@pytest.mark.parametrize(
    "items",
    [[], [{"sku": "a", "name": ""}], [{"sku": "a", "name": "\u200b\u202e"}], [{"sku": "", "name": "A"}], [{"sku": "a b", "name": "A"}],
     [{"sku": "a", "name": "A"}, {"sku": "a", "name": "B"}], [{"sku": "a", "name": "A", "drink": 1}], [{"sku": "a", "name": "A"}] * 2_001],
    ids=lambda items: str(items)[:40],
)  # fmt: skip
def test_a_menu_that_cannot_be_is_malformed(client, bearer, luna, items):
    before = everything()
    answer = post(client, "items", {"items": items}, bearer)
    assert (answer.status_code, error(answer)["code"]) == (422, "malformed")
    assert everything() == before


def test_what_is_not_on_the_menu_cannot_be_sold_out(client, bearer, luna):
    assert error(post(client, "items/nothing/availability", {"available": False}, bearer))["code"] == "not_found"
    sova = {"Authorization": f"Bearer {open_house('sova').api_key}"}
    post(client, "items", {"items": [{"sku": "soup", "name": "Borscht"}]}, bearer)
    assert error(post(client, "items/soup/availability", {"available": False}, sova))["code"] == "not_found"
