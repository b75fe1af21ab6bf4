"""Holds, refunds and moves at one moment: one wins, the others are told, and the books agree. With the locks off the race is seen."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from tests.api.racing import at_once, codes, earned, entries, faults, statuses, unlocked
from tests.api.till import post
from tests.cast import issue_card, make_app, open_house
from tests.tills import signed_in
from walletpass import cards, config, database, ledger
from walletpass.ledger import Account, EarnedCheck, Hold

REASON = "the soup was cold"


@pytest.fixture
def house(db, monkeypatch):
    """Trattoria Luna with patience: a slow machine is no reason to answer 503, and a day of many redemptions none to ask for a proof."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 60)
    config.use(replace(db, threads=16))
    return open_house(second_factor_above=100_000)


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


@pytest.fixture
def held(app, bearer, house):
    """All of Ana's 1,000 points are held for a check of 20.00."""
    earned(app, bearer, house)
    return post(app.test_client(), "hold", hold_of(house), bearer).get_json()["hold"]["id"]


def hold_of(house, check="B1"):
    return {"card": house.ana.number, "amount": 2_000, "check_id": check, "points": 1_000}


def account(house, card=None):
    with database.reading() as session:
        return session.get_one(Account, (house.id, (card or house.ana).id))


def agrees(house):
    """The card shows what the ledger says, and the ledger adds up."""
    with database.reading() as session:
        shown = cards.get(session, house.id, house.ana.id).shown["points"]
    return faults(house) == [] and shown == account(house).available


def test_of_20_captures_one_wins(app, bearer, house, held):
    answers = at_once(app, 20, lambda client, number: post(client, "capture", {"hold": held, "amount": 2_000}, bearer))
    assert statuses(answers) == {200: 1, 409: 19}
    assert codes(answers) == {"conflict"}
    assert [entry.delta for entry in entries(house) if entry.delta] == [1_000, -1_000]
    assert (account(house).held, agrees(house)) == (0, True)


def test_of_a_capture_and_a_release_at_once_one_wins(app, bearer, house):
    for number in range(6):
        earned(app, bearer, house, check=f"A{number}")
        held = post(app.test_client(), "hold", hold_of(house, f"B{number}"), bearer).get_json()["hold"]["id"]

        def deed(client, turn, held=held):
            return (
                post(client, "capture", {"hold": held, "amount": 2_000}, bearer)
                if turn
                else post(client, "release", {"hold": held}, bearer)
            )

        released, captured = at_once(app, 2, deed)
        assert (released.status_code, captured.status_code) in ((200, 410), (409, 200))
        if released.status_code == 200:
            assert post(app.test_client(), "redeem", hold_of(house, f"B{number}"), bearer).status_code == 200
    assert (account(house).available, account(house).held, agrees(house)) == (0, 0, True)


def test_of_holds_and_redemptions_of_one_balance_one_wins(app, bearer, house):
    earned(app, bearer, house)
    answers = at_once(
        app, 20, lambda client, number: post(client, "redeem" if number % 2 else "hold", hold_of(house, f"B{number}"), bearer)
    )  # fmt: skip
    assert statuses(answers) == {200: 1, 409: 19}
    assert codes(answers) == {"insufficient_balance"}
    assert account(house).available == 0
    assert agrees(house)


def test_one_check_holds_no_more_than_its_cap_though_8_guests_hold_at_once(app, bearer, house):
    with database.transaction() as session:
        guests = [issue_card(session, house.program, f"Guest {number}") for number in range(8)]
    for number, guest in enumerate(guests):
        earned(app, bearer, house, check=f"A{number}", card=guest)
    answers = at_once(app, 8, lambda client, number: post(client, "hold", {**hold_of(house), "card": guests[number].number}, bearer))
    assert statuses(answers) == {200: 1, 422: 7}
    assert codes(answers) == {"above_cap"}


def test_of_20_whole_refunds_one_wins(app, bearer, house):
    earned(app, bearer, house)
    body = {"check_id": "A1", "amount": 10_000, "reason": REASON}
    answers = at_once(app, 20, lambda client, number: post(client, "refund", body, bearer))
    assert statuses(answers) == {200: 1, 404: 19}
    assert [entry.delta for entry in entries(house)] == [1_000, -1_000]
    assert agrees(house)


def test_of_20_refunds_by_what_stays_one_wins(app, bearer, house):
    earned(app, bearer, house)
    body = {"check_id": "A1", "lines_left": [{"amount": 4_000}], "reason": REASON}
    answers = at_once(app, 20, lambda client, number: post(client, "refund", body, bearer))
    assert statuses(answers) == {200: 1, 422: 19}
    assert [entry.delta for entry in entries(house)] == [1_000, -600]
    assert agrees(house)


def test_partial_refunds_at_once_give_no_more_back_than_was_paid(app, bearer, house):
    earned(app, bearer, house)
    body = {"check_id": "A1", "amount": 3_000, "reason": REASON}
    answers = at_once(app, 8, lambda client, number: post(client, "refund", body, bearer))
    assert statuses(answers) == {200: 3, 422: 5}
    assert sum(answer.get_json()["money"] for answer in answers if answer.status_code == 200) == 9_000
    assert (account(house).available, agrees(house)) == (100, True)


def test_of_10_moves_to_ten_guests_one_wins(app, bearer, house):
    with database.transaction() as session:
        guests = [issue_card(session, house.program, f"Guest {number}") for number in range(10)]
    entry = earned(app, bearer, house)
    answers = at_once(
        app, 10, lambda client, number: post(client, "move", {"entry": entry, "to": guests[number].number, "reason": REASON}, bearer)
    )  # fmt: skip
    assert statuses(answers) == {200: 1, 409: 9}
    assert codes(answers) == {"already_reversed"}
    with database.reading() as session:
        held = session.exec(select(Account.available).where(col(Account.program_id) == house.id)).all()
    assert (sum(held), account(house).available, faults(house)) == (1_000, 0, [])


def test_of_a_move_and_an_undo_at_once_one_wins(app, bearer, house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    for number in range(4):
        entry = earned(app, bearer, house, check=f"A{number}")

        def deed(client, turn, entry=entry):
            body = {"entry": entry, "reason": REASON}
            return post(client, "move", {**body, "to": friend.number}, bearer) if turn else post(client, "undo", body, bearer)

        undone, moved = at_once(app, 2, deed)
        assert sorted((undone.status_code, moved.status_code)) == [200, 409]
    assert (account(house).available, faults(house)) == (0, [])


def test_of_two_managers_one_books_a_late_deed(app, bearer, house):
    at = "2026-01-05T12:00:00Z"
    assert post(app.test_client(), "earn", {"card": house.ana.number, "amount": 1_000, "at": at}, bearer).status_code == 202
    with database.reading() as session:
        (deed,) = ledger.late_deeds(session, house.id)
    browsers = [signed_in(app, house, name) for name in ("Clara", "Dmitro")]
    form = {"action": "book", "deed_id": deed.id}
    answers = at_once(app, 2, lambda client, number: browsers[number].post(f"/t/{house.id}/late", data=form))
    assert statuses(answers) == {303: 1, 409: 1}
    assert [entry.delta for entry in entries(house)] == [100]


# --- the same with the locks switched off -------------------------------------------------------


def test_without_locks_both_captures_see_an_open_hold(app, bearer, house, held, monkeypatch):
    with unlocked(monkeypatch, "holds", "within_cap"):
        answers = at_once(app, 2, lambda client, number: post(client, "capture", {"hold": held, "amount": 2_000}, bearer))
    assert statuses(answers) == {200: 1, 500: 1}, "the guard on the account's row is what stopped the second"


def test_without_locks_a_hold_and_a_redemption_see_the_same_balance(app, bearer, house, monkeypatch):
    earned(app, bearer, house)
    with unlocked(monkeypatch, "redeem", "within_cap"):
        answers = at_once(app, 2, lambda client, number: post(client, ("hold", "redeem")[number], hold_of(house, f"B{number}"), bearer))
    # What stands behind the lock stops the slower one: the guard on the account's row, or the lots, when they were emptied already.
    assert statuses(answers) in ({200: 1, 500: 1}, {200: 1, 409: 1})


def test_without_locks_both_refunds_see_the_whole_check(app, bearer, house, monkeypatch):
    earned(app, bearer, house)
    body = {"check_id": "A1", "amount": 3_000, "reason": REASON}
    with unlocked(monkeypatch, "refund", "_give_back"):
        answers = at_once(app, 2, lambda client, number: post(client, "refund", body, bearer))
    paid_out = sum(answer.get_json()["money"] for answer in answers if answer.status_code == 200)
    with database.reading() as session:
        booked = session.get_one(EarnedCheck, (house.id, "A1")).refunded
    assert statuses(answers) == {200: 1, 500: 1} or (paid_out, booked) == (6_000, 3_000), "the guard on the account's row stopped nobody"


def test_a_hold_is_still_open_where_its_capture_was_refused(app, bearer, house, held):
    assert post(app.test_client(), "capture", {"hold": held, "amount": 100}, bearer).status_code == 422
    with database.reading() as session:
        assert session.get_one(Hold, (house.id, held)).state == "open"
        assert session.get(EarnedCheck, (house.id, "B1")) is None
