"""One evening with everything in it: the check opens at the point of sale, the guest joins at the table, pays, answers, and gets money back."""

import re

import pytest

from tests.api.test_api_check_events import Pos
from tests.api.till import post
from tests.cast import issue_card, make_app, open_house
from tests.codes.phonebook import code_of, reachable
from tests.tills import signed_in
from walletpass import cards, checks, database, ledger, staff
from walletpass.checks import Check

SOUP = {"amount": 6_000, "name": "Borscht", "sku": "soup", "category": "food"}
BEER = {"amount": 4_000, "name": "Beer", "sku": "beer", "drink": True}
GUEST = {"name": "Bea Costa", "phone": "0151 5550001", "consent": "yes"}


@pytest.fixture
def house(db):
    return open_house(survey_points=20, welcome_points=0)


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def pos(client, house):
    return Pos(client, house.id)


def done(client, path, body, headers):
    answer = post(client, path, body, headers)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def all_scopes(house):
    with database.transaction() as session:
        return {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'All', scopes=staff.SCOPES)}"}


def guest_view(client, bearer, card):
    return client.post("/api/v1/guests/by-code", json={"code": card.number}, headers=bearer).get_json()


def faults(house):
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def true_habits(house):
    """What is known of every guest is what the checks say."""
    with database.transaction() as session:
        return [card for card in checks.known(session, house.id) if checks.retell(session, house.id, card)] == []


def join_at_table(client, house, check_id, **guest):
    """By the code on the table: the new card, and the address of its page."""
    with database.reading() as session:
        code = session.get_one(Check, (house.id, check_id)).join_code
    page = client.get(f"/j/{house.id}-table?check={code}")
    assert re.search(f'name="check"[^>]*value="{code}"', page.text)
    answer = client.post(f"/j/{house.id}-table", data={**GUEST, **guest, "check": code})
    assert answer.status_code == 303
    link = answer.location.partition("?")[0].split("/")[3]
    with database.reading() as session:
        return cards.by_link(session, house.id, link)


def feed(client, bearer):
    told = client.get("/api/v1/events", headers=bearer).get_json()["events"]
    assert [one["number"] for one in told] == list(range(1, len(told) + 1))
    return told


def test_an_evening_from_the_first_line_to_the_refund(client, bearer, pos, house):
    pos.done("opened", place="7", waiter="Olena")
    pos.done("lines", lines=[SOUP, BEER])
    bea = join_at_table(client, house, "A1")
    assert pos.done("closed", discount=1_000)["points"] == 900

    survey = {"check": "A1", "score": "9", "comment": "Lovely."}
    assert client.post(f"/c/{house.id}/{bea.link}/survey", data=survey).status_code == 303
    assert client.post(f"/c/{house.id}/{bea.link}/survey", data={**survey, "score": "1"}).status_code == 409
    seen = guest_view(client, bearer, bea)
    assert (seen["card"]["points"], seen["visits"], seen["average_check"]) == (920, 1, 9_000)
    assert (seen["favourites"], seen["usual_waiter"]) == ({"dishes": ["Borscht"], "drinks": ["Beer"]}, "")

    told = done(client, "refund", {"check_id": "A1", "amount": 3_000, "reason": "cold"}, bearer)
    assert (told["points_taken"], told["money"]) == (300, 3_000)
    seen = guest_view(client, bearer, bea)
    assert (seen["card"]["points"], seen["visits"], seen["average_check"]) == (620, 1, 6_000)

    assert (faults(house), true_habits(house)) == ([], True)
    told = [one["kind"] for one in feed(client, bearer) if one["card"] == bea.id or one["check"] == "A1"]
    assert told == [
        "check.opened", "card.issued", "check.attached", "check.closed", "points.earned", "points.earned", "points.reversed", "check.refunded",
    ]  # fmt: skip


def test_a_check_of_a_card_that_goes_up_in_another_earns_for_the_survivor(client, bearer, pos, house):
    with database.transaction() as session:
        bob = issue_card(session, house.program, "Bob", "+49 151 77700000")
    pos.done("lines", lines=[SOUP])
    pos.done("guest", card=bob.number)
    done(client, "merge", {"card": bob.number, "into": house.ana.number, "reason": "one guest"}, all_scopes(house))
    pos.done("closed")
    seen = guest_view(client, bearer, bob)
    assert (seen["card"]["id"], seen["card"]["points"], seen["visits"]) == (house.ana.id, 600, 1)
    assert (faults(house), true_habits(house)) == ([], True)


def test_a_merge_tells_the_visits_of_both_and_its_end_each_one_s_own(client, bearer, house):
    keys = all_scopes(house)
    with database.transaction() as session:
        bob = issue_card(session, house.program, "Bob", "+49 151 77700000")
    for number, card in enumerate((house.ana, bob, bob)):
        done(client, "earn", {"card": card.number, "amount": 1_000 * (number + 1), "check_id": f"A{number}"}, bearer)
    merged = done(client, "merge", {"card": bob.number, "into": house.ana.number, "reason": "one guest"}, keys)
    seen = guest_view(client, bearer, bob)
    assert (seen["card"]["points"], seen["visits"], seen["average_check"]) == (600, 3, 2_000)
    done(client, "unmerge", {"merge": merged["merge"], "reason": "two after all"}, keys)
    one, other = guest_view(client, bearer, house.ana), guest_view(client, bearer, bob)
    assert (one["card"]["points"], one["visits"], one["average_check"]) == (100, 1, 1_000)
    assert (other["card"]["points"], other["visits"], other["average_check"]) == (500, 2, 2_500)
    assert (faults(house), true_habits(house)) == ([], True)


def test_a_late_deed_that_a_manager_books_is_a_visit(app, client, bearer, house):
    body = {"card": house.ana.number, "amount": 2_000, "check_id": "L1", "at": "2026-01-05T12:00:00Z"}
    assert post(client, "earn", body, bearer).status_code == 202
    assert guest_view(client, bearer, house.ana)["visits"] == 0
    with database.reading() as session:
        (deed,) = ledger.late_deeds(session, house.id)
    assert signed_in(app, house, "Clara").post(f"/t/{house.id}/late", data={"action": "book", "deed_id": deed.id}).status_code == 303
    seen = guest_view(client, bearer, house.ana)
    assert (seen["visits"], seen["average_check"], seen["last_visit"][:10]) == (1, 2_000, "2026-01-05")
    assert (faults(house), true_habits(house)) == ([], True)


# --- a number that is known already -----------------------------------------------------------------


def prove(client, house, card):
    answer = client.post(f"/c/{house.id}/{card.link}/prove", data={"code": code_of(house.program, "join", card.id)})
    assert answer.status_code == 303
    return answer.location.partition("?")[0].split("/")[3]


def test_who_proves_a_number_at_the_table_has_the_visits_and_points_of_both_cards(client, bearer, pos, house):
    with reachable():
        pos.done("lines", "A1", lines=[SOUP])
        old = join_at_table(client, house, "A1")
        assert prove(client, house, old) == old.link
        pos.done("closed", "A1")
        pos.done("lines", "A2", lines=[BEER])
        new = join_at_table(client, house, "A2")
        pos.done("closed", "A2")
        assert guest_view(client, bearer, new)["card"]["points"] == 400
        assert prove(client, house, new) == old.link
    seen = guest_view(client, bearer, new)
    assert (seen["card"]["id"], seen["card"]["points"], seen["visits"], seen["average_check"]) == (old.id, 1_000, 2, 5_000)
    assert seen["favourites"] == {"dishes": ["Borscht"], "drinks": ["Beer"]}
    told = done(client, "refund", {"check_id": "A2", "amount": 4_000, "reason": "flat"}, bearer)
    assert told["points_taken"] == 400
    assert guest_view(client, bearer, old)["card"]["points"] == 600
    assert (faults(house), true_habits(house)) == ([], True)


def test_a_check_that_was_open_while_the_number_was_proved_earns_on_the_old_card_and_is_asked_about_there(client, bearer, pos, house):
    with reachable():
        pos.done("lines", "A1", lines=[SOUP])
        old = join_at_table(client, house, "A1")
        prove(client, house, old)
        pos.done("closed", "A1")
        pos.done("lines", "A2", lines=[BEER])
        new = join_at_table(client, house, "A2")
        assert prove(client, house, new) == old.link
    assert pos.done("closed", "A2")["points"] == 400
    assert client.post(f"/c/{house.id}/{new.link}/survey", data={"check": "A2", "score": "9"}).status_code == 303
    seen = guest_view(client, bearer, old)
    assert (seen["card"]["points"], seen["visits"]) == (1_020, 2)
    assert (faults(house), true_habits(house)) == ([], True)


def test_a_visit_of_a_card_that_went_up_in_another_is_asked_about_there(client, bearer, house):
    with database.transaction() as session:
        bob = issue_card(session, house.program, "Bob", "+49 151 77700000")
    done(client, "earn", {"card": bob.number, "amount": 1_000, "check_id": "A1"}, bearer)
    done(client, "merge", {"card": bob.number, "into": house.ana.number, "reason": "one guest"}, all_scopes(house))
    for card, status in ((bob, 303), (house.ana, 409)):
        assert client.post(f"/c/{house.id}/{card.link}/survey", data={"check": "A1", "score": "9"}).status_code == status
    assert guest_view(client, bearer, bob)["card"]["points"] == 120
    assert faults(house) == []
