"""Money goes back: points follow on every card that had a part in the check."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from tests.api.till import error, everything, post
from tests.cast import issue_card, open_house
from tests.tills import program_header, signed_in
from walletpass import cards, checks, database, ledger
from walletpass.database import now

REASON = "the soup was cold"


@pytest.fixture
def friend(luna):
    with database.transaction() as session:
        return issue_card(session, luna.program, "Olha Koval", "+49 151 5550001")


@pytest.fixture
def paid(client, bearer, luna, friend):
    """A check of 40.00 that earns for Ana; her friend's 1,000 points paid 10.00 of it."""
    assert post(client, "earn", {"card": friend.number, "amount": 10_000, "check_id": "A0"}, bearer).status_code == 200
    assert post(client, "redeem", {"card": friend.number, "amount": 4_000, "check_id": "A1", "points": 1_000}, bearer).status_code == 200
    told = post(client, "earn", {"card": luna.ana.number, "amount": 4_000, "check_id": "A1"}, bearer).get_json()
    assert told["balance"]["points"] == 300
    return luna


def refund(client, bearer, **more):
    return post(client, "refund", {"check_id": "A1", "reason": REASON, **more}, bearer)


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    return error(answer)


def points_of(balances):
    return {one["card"]: one["points"] for one in balances}


def test_a_whole_refund_gives_money_and_points_back_on_every_card(client, bearer, paid, friend):
    told = refund(client, bearer, amount=4_000).get_json()
    assert (told["money"], told["points_back"], told["points_taken"]) == (3_000, 1_000, 300)
    assert points_of(told["balances"]) == {paid.ana.id: 0, friend.id: 1_000}
    assert {entry["type"]: entry["points"] for entry in told["entries"]} == {"redeem_reversal": 1_000, "earn_reversal": -300}
    with database.reading() as session:
        for card in (paid.ana, friend):
            assert cards.get(session, paid.id, card.id).shown["points"] == points_of(told["balances"])[card.id]
        assert list(ledger.verify(session, paid.id)) == []
        check = session.get_one(checks.Check, (paid.id, "A1"))
        assert (check.state, check.refunded) == ("refunded", 4_000)


def test_parts_add_up_to_the_whole(client, bearer, paid, friend):
    parts = [refund(client, bearer, amount=amount).get_json() for amount in (1_333, 1_333, 1_334)]
    assert sum(part["money"] for part in parts) == 3_000
    assert sum(part["points_back"] for part in parts) == 1_000
    assert sum(part["points_taken"] for part in parts) == 300
    assert points_of(parts[-1]["balances"]) == {paid.ana.id: 0, friend.id: 1_000}


def test_what_stays_may_be_said_in_lines(client, bearer, luna):
    lines = [{"amount": 2_000, "category": "wine", "earns": False}, {"amount": 3_000}]
    post(client, "earn", {"card": luna.ana.number, "lines": lines, "check_id": "A1"}, bearer)
    told = refund(client, bearer, lines_left=[lines[1]]).get_json()
    assert (told["money"], told["points_taken"], told["entries"], told["balances"]) == (2_000, 0, [], [])
    told = refund(client, bearer, lines_left=[]).get_json()
    assert (told["money"], told["points_taken"]) == (3_000, 300)


def test_more_than_the_check_twice_and_unknown_ones_are_refused_and_nothing_is_written(client, bearer, paid):
    sova = open_house("sova")
    theirs = {"Authorization": f"Bearer {sova.api_key}"}
    before = everything()
    assert refused(refund(client, bearer, amount=4_001), 422, "malformed")["maximum"] == 4_000
    assert refused(refund(client, bearer, lines_left=[{"amount": 4_000}]), 422, "malformed")["maximum"] == 3_999
    refused(refund(client, theirs, amount=4_000), 404, "not_found")
    refused(refund(client, bearer, check_id="Z9", amount=1), 404, "not_found")
    for wrong in ({}, {"amount": 1, "lines_left": []}, {"amount": 1, "discount": 1}, {"lines_left": [{"amount": 10, "tax": 11}]}):
        refused(refund(client, bearer, **wrong), 422, "malformed")
    assert everything() == before
    assert refund(client, bearer, amount=4_000).status_code == 200
    before = everything()
    refused(refund(client, bearer, amount=4_000), 404, "not_found")
    refused(refund(client, bearer, lines_left=[]), 404, "not_found")
    assert everything() == before


def test_a_repeated_refund_gets_the_first_answer(client, bearer, paid):
    body = {"check_id": "A1", "amount": 1_000, "reason": REASON}
    first = post(client, "refund", body, bearer, key="k1")
    before = everything()
    again = post(client, "refund", body, bearer, key="k1")
    assert (again.status_code, again.data, everything()) == (200, first.data, before)


def test_a_cashier_refunds_for_some_minutes_and_a_manager_at_any_time(app, paid):
    bruno, clara, header = signed_in(app, paid, "Bruno"), signed_in(app, paid, "Clara"), program_header()
    assert refund(bruno, header, amount=100).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=16)):
        refused(refund(bruno, header, amount=100), 403, "not_allowed")
        assert refund(clara, header, amount=100).status_code == 200


def test_a_refund_is_kept_with_its_reason(client, bearer, paid):
    refund(client, bearer, amount=4_000)
    with database.reading() as session:
        reasons = session.exec(select(ledger.Entry.reason).where(ledger.Entry.reverses.is_not(None))).all()
    assert set(reasons) == {REASON}
