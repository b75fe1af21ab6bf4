"""Many tills at one card. Each race has its negative control: with the lock switched off, the race is seen to happen."""

import threading
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.api.racing import at_once, codes, earned, entries, faults, statuses, unlocked
from tests.api.till import post
from tests.cast import issue_card, make_app, open_house
from walletpass import config, database, ledger
from walletpass.ledger import Account


@pytest.fixture
def house(db, monkeypatch):
    """Trattoria Luna with patience: a slow machine is no reason to answer 503."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 60)
    config.use(replace(db, threads=16))
    # How much is spent in a day without a proof of the guest is another question.
    return open_house(second_factor_above=1_000_000)


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.mark.parametrize("check", ["one", "many"])
def test_of_40_tills_that_spend_the_whole_balance_one_wins(app, bearer, house, check):
    earned(app, bearer, house)

    def spend(client, number):
        body = {"card": house.ana.number, "amount": 200_000, "check_id": f"B{number if check == 'many' else 1}", "points": 1_000}
        return post(client, "redeem", body, bearer)

    answers = at_once(app, 40, spend)
    assert statuses(answers) == {200: 1, 409: 39}
    assert codes(answers) == {"insufficient_balance"}
    assert [entry.delta for entry in entries(house)] == [1_000, -1_000]
    assert faults(house) == []


def test_50_repeats_of_one_earn_are_one_entry_and_50_equal_answers(app, bearer, house):
    body = {"card": house.ana.number, "amount": 2_450}
    answers = at_once(app, 50, lambda client, number: post(client, "earn", body, bearer, key="the till tries again"))
    assert statuses(answers) == {200: 50}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replay" in answer.headers for answer in answers) == 49
    assert [entry.delta for entry in entries(house)] == [245]
    assert faults(house) == []


def test_one_check_earns_once_though_30_tills_send_it(app, bearer, house):
    body = {"card": house.ana.number, "amount": 2_450, "check_id": "A1"}
    answers = at_once(app, 30, lambda client, number: post(client, "earn", body, bearer))
    assert statuses(answers) == {200: 1, 409: 29}
    assert codes(answers) == {"already_earned"}
    assert len(entries(house)) == 1


def test_one_check_earns_once_though_20_guests_show_their_cards(app, bearer, house):
    with database.transaction() as session:
        guests = [issue_card(session, house.program, f"Guest {number}") for number in range(20)]
    body = {"amount": 2_450, "check_id": "A1"}
    answers = at_once(app, 20, lambda client, number: post(client, "earn", {**body, "card": guests[number].number}, bearer))
    assert statuses(answers) == {200: 1, 409: 19}
    assert codes(answers) == {"already_earned"}
    assert len(entries(house)) == 1


def test_a_check_takes_no_more_than_its_cap_though_12_guests_pay_at_once(app, bearer, house):
    with database.transaction() as session:
        guests = [issue_card(session, house.program, f"Guest {number}") for number in range(12)]
    for number, guest in enumerate(guests):
        earned(app, bearer, house, check=f"A{number}", card=guest)
    body = {"amount": 2_000, "check_id": "B1", "points": 1_000}
    answers = at_once(app, 12, lambda client, number: post(client, "redeem", {**body, "card": guests[number].number}, bearer))
    assert statuses(answers) == {200: 1, 422: 11}
    assert codes(answers) == {"above_cap"}


def test_what_points_paid_never_earns_though_both_come_at_once(app, bearer, house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    earned(app, bearer, house, check="A0", card=friend)
    for number in range(6):
        bill = {"amount": 2_000, "check_id": f"B{number}"}

        def deed(client, turn, bill=bill):
            if turn:
                return post(client, "earn", {**bill, "card": house.ana.number}, bearer)
            return post(client, "redeem", {**bill, "card": friend.number, "points": 100}, bearer)

        spent, earnt = at_once(app, 2, deed)
        assert earnt.status_code == 200
        assert (spent.status_code, earnt.get_json()["entry"]["points"]) in ((200, 190), (409, 200))


@pytest.mark.parametrize("kind", ["earn", "redeem"])
def test_of_30_undos_one_wins(app, bearer, house, kind):
    entry_id = earned(app, bearer, house)
    if kind == "redeem":
        body = {"card": house.ana.number, "amount": 2_000, "points": 500}
        entry_id = post(app.test_client(), "redeem", body, bearer).get_json()["entry"]["id"]
    answers = at_once(app, 30, lambda client, number: post(client, "undo", {"entry": entry_id, "reason": "wrong table"}, bearer))
    assert statuses(answers) == {200: 1, 409: 29}
    assert codes(answers) == {"already_reversed"}
    assert faults(house) == []


def test_earning_spending_and_undoing_in_one_crowd_adds_up(app, bearer, house):
    first = earned(app, bearer, house, amount=100_000)

    def deed(client, number):
        check = {"card": house.ana.number, "amount": 2_000, "check_id": f"C{number}"}
        if number % 3 == 0:
            return post(client, "earn", check, bearer)
        if number % 3 == 1:
            return post(client, "redeem", {**check, "points": 700}, bearer)
        return post(client, "undo", {"entry": first, "reason": "wrong table"}, bearer)

    answers = at_once(app, 36, deed)
    assert set(statuses(answers)) <= {200, 409}
    assert faults(house) == []
    with database.reading() as session:
        account = session.get_one(Account, (house.id, house.ana.id))
        assert account.available - account.debt == sum(entry.delta for entry in entries(house))


# --- the same with the locks switched off -------------------------------------------------------


def test_without_locks_both_tills_pass_the_look_at_the_balance(app, bearer, house, monkeypatch):
    earned(app, bearer, house)
    body = {"card": house.ana.number, "amount": 200_000, "points": 1_000}
    with unlocked(monkeypatch, "redeem", "within_cap"):
        answers = at_once(app, 2, lambda client, number: post(client, "redeem", {**body, "check_id": f"B{number}"}, bearer))
    # What stands behind the lock stops the slower one: the guard on the account's row, or the lots, when they were emptied already.
    assert statuses(answers) in ({200: 1, 500: 1}, {200: 1, 409: 1})


def test_without_locks_two_guests_pay_more_of_a_check_than_its_cap(app, bearer, house, monkeypatch):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    earned(app, bearer, house)
    earned(app, bearer, house, check="A2", card=friend)
    body, guests = {"amount": 2_000, "check_id": "B1", "points": 1_000}, (house.ana, friend)
    with unlocked(monkeypatch, "redeem", "within_cap"):
        answers = at_once(app, 2, lambda client, number: post(client, "redeem", {**body, "card": guests[number].number}, bearer))
    assert statuses(answers) == {200: 2}


def test_without_locks_one_check_is_about_to_earn_twice(app, bearer, house, monkeypatch):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    body, guests = {"amount": 2_450, "check_id": "A1"}, (house.ana, friend)
    with unlocked(monkeypatch, "earn", "standing"):
        answers = at_once(app, 2, lambda client, number: post(client, "earn", {**body, "card": guests[number].number}, bearer))
    assert statuses(answers) == {200: 1, 500: 1}, "the primary key of the earned check is what stopped the second"


def test_without_locks_one_entry_is_about_to_be_undone_twice(app, bearer, house, monkeypatch):
    body = {"entry": earned(app, bearer, house), "reason": "wrong table"}
    with unlocked(monkeypatch, "undo", "taken_back"):
        answers = at_once(app, 2, lambda client, number: post(client, "undo", body, bearer))
    assert statuses(answers) == {200: 1, 500: 1}, "the guard on the account's row is what stopped the second"


def test_with_a_key_that_is_looked_up_before_it_is_taken_the_repeats_differ(app, bearer, house, monkeypatch):
    meeting = threading.Barrier(2)

    def look_then_take(session, program_id, key, request):
        found = session.get(ledger.Key, (program_id, key))
        meeting.wait(60)
        return found and ledger.Answer(found.status, found.answer)

    body = {"card": house.ana.number, "amount": 2_450}
    with unlocked(monkeypatch), capture_logs():
        monkeypatch.setattr(ledger, "begin_once", look_then_take)
        answers = at_once(app, 2, lambda client, number: post(client, "earn", body, bearer, key="the till tries again"))
    assert statuses(answers)[200] == 1
