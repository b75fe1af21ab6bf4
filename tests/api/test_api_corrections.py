"""The wrong guest, two cards of one, a debt, points that wait: what managers and back offices mend over the API."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.api.till import error, everything, post
from tests.cast import issue_card, make_app, open_house
from tests.tills import program_header, signed_in
from walletpass import cards, checks, database, ledger, staff
from walletpass.database import now
from walletpass.ledger import Entry
from walletpass.staff import SCOPES

REASON = "the wrong guest"


@pytest.fixture
def back_office(luna):
    """A key that may do everything a key may."""
    with database.transaction() as session:
        return {"Authorization": f"Bearer {staff.make_api_key(session, luna.id, 'Back office', scopes=SCOPES)}"}


@pytest.fixture
def friend(luna):
    with database.transaction() as session:
        return issue_card(session, luna.program, "Olha Koval", "+49 151 5550001")


def earn(client, bearer, card, amount=10_000, check="A1"):
    answer = post(client, "earn", {"card": card.number, "amount": amount, "check_id": check}, bearer)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["entry"]["id"]


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code), answer.get_json()
    return error(answer)


def shown(house, card):
    with database.reading() as session:
        return cards.get(session, house.id, card.id).shown["points"]


def faults(house):
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def points_of(answer):
    return {one["card"]: one["points"] for one in answer.get_json()["balances"]}


# --- move -------------------------------------------------------------------------------------------


def test_a_moved_check_is_on_the_other_card_with_its_time_and_both_cards_say_so(client, bearer, luna, friend):
    entry = earn(client, bearer, luna.ana)
    with time_machine.travel(now() + timedelta(minutes=3)):
        answer = post(client, "move", {"entry": entry, "to": friend.number, "reason": REASON}, bearer)
    assert (answer.status_code, points_of(answer)) == (200, {luna.ana.id: 0, friend.id: 1_000})
    assert (shown(luna, luna.ana), shown(luna, friend), faults(luna)) == (0, 1_000, [])
    with database.reading() as session:
        was, became = (ledger.entry(session, luna.id, one) for one in (entry, answer.get_json()["entry"]["id"]))
        assert (became.event_at, became.check_id, became.reason) == (was.event_at, "A1", REASON)
        assert session.get_one(checks.Check, (luna.id, "A1")).card_id == friend.id
    refused(post(client, "move", {"entry": entry, "to": friend.number, "reason": REASON}, bearer), 409, "already_reversed")


def test_a_move_to_the_same_card_or_of_a_redemption_is_refused_and_nothing_is_written(client, bearer, luna, friend):
    entry = earn(client, bearer, luna.ana)
    paid = post(client, "redeem", {"card": luna.ana.number, "amount": 2_000, "points": 10}, bearer).get_json()["entry"]["id"]
    before = everything()
    for body in ({"entry": entry, "to": luna.ana.number}, {"entry": paid, "to": friend.number}):
        refused(post(client, "move", {**body, "reason": REASON}, bearer), 409, "conflict")
    refused(post(client, "move", {"entry": entry, "to": "12345674", "reason": REASON}, bearer), 404, "not_our_code")
    refused(post(client, "move", {"entry": entry, "to": friend.number}, bearer), 422, "malformed")
    assert everything() == before


def test_a_cashier_moves_for_some_minutes_and_a_manager_at_any_time(app, luna, friend):
    bruno, clara, header = signed_in(app, luna, "Bruno"), signed_in(app, luna, "Clara"), program_header()
    entry = earn(bruno, header, luna.ana)
    body = {"entry": entry, "to": friend.number, "reason": REASON}
    with time_machine.travel(now() + timedelta(minutes=16)):
        refused(post(bruno, "move", body, header), 403, "not_allowed")
        assert post(clara, "move", body, header).status_code == 200


# --- merge ------------------------------------------------------------------------------------------


def test_two_cards_become_one_and_part_again(client, back_office, luna, friend):
    earn(client, back_office, luna.ana, check="A1")
    earn(client, back_office, friend, 5_000, check="A2")
    merged = post(client, "merge", {"card": friend.number, "into": luna.ana.number, "reason": "one guest"}, back_office)
    assert (merged.status_code, points_of(merged)) == (200, {luna.ana.id: 1_500, friend.id: 0})
    assert (shown(luna, luna.ana), shown(luna, friend)) == (1_500, 1_500)
    seen = client.post("/api/v1/guests/by-code", json={"code": friend.number}, headers=back_office).get_json()
    assert seen["card"]["id"] == luna.ana.id
    earned = post(client, "earn", {"card": friend.number, "amount": 1_000, "check_id": "A3"}, back_office).get_json()
    assert earned["balance"]["points"] == 1_600
    body = {"merge": merged.get_json()["merge"], "reason": "two guests after all"}
    parted = post(client, "unmerge", body, back_office)
    assert (parted.status_code, points_of(parted)) == (200, {luna.ana.id: 1_100, friend.id: 500})
    assert (shown(luna, luna.ana), shown(luna, friend), faults(luna)) == (1_100, 500, [])
    refused(post(client, "unmerge", body, back_office), 409, "already_reversed")


def test_an_undone_check_of_a_card_that_went_up_in_another_answers_with_what_the_guest_has(client, back_office, luna, friend):
    entry = earn(client, back_office, friend, 5_000, check="A2")
    earn(client, back_office, luna.ana, check="A1")
    post(client, "merge", {"card": friend.number, "into": luna.ana.number, "reason": "one guest"}, back_office)
    undone = post(client, "undo", {"entry": entry, "reason": REASON}, back_office).get_json()
    assert undone["balance"]["points"] == shown(luna, luna.ana) == shown(luna, friend) == 1_000
    assert faults(luna) == []


def test_cards_part_within_a_day(client, back_office, luna, friend):
    made = post(client, "merge", {"card": friend.number, "into": luna.ana.number, "reason": "one guest"}, back_office).get_json()["merge"]
    with time_machine.travel(now() + timedelta(hours=25)):
        before = everything()
        refused(post(client, "unmerge", {"merge": made, "reason": REASON}, back_office), 410, "gone")
        assert everything() == before


def test_a_card_does_not_become_one_with_itself_or_with_a_stranger_s(client, back_office, luna, friend):
    sova = open_house("sova")
    before = everything()
    ana = luna.ana.number
    refused(post(client, "merge", {"card": ana, "into": luna.ana.id, "reason": REASON}, back_office), 409, "conflict")
    for body in ({"card": ana, "into": sova.ana.number}, {"card": sova.ana.number, "into": ana}):
        refused(post(client, "merge", {**body, "reason": REASON}, back_office), 404, "not_our_code")
    refused(post(client, "unmerge", {"merge": "0" * 26, "reason": REASON}, back_office), 404, "not_found")
    assert everything() == before


def test_another_restaurant_s_merge_is_unknown_here(client, back_office, luna, friend):
    made = post(client, "merge", {"card": friend.number, "into": luna.ana.number, "reason": "one guest"}, back_office).get_json()["merge"]
    sova = open_house("sova")
    with database.transaction() as session:
        theirs = {"Authorization": f"Bearer {staff.make_api_key(session, sova.id, 'All', scopes=SCOPES)}"}
    before = everything()
    refused(post(client, "unmerge", {"merge": made, "reason": REASON}, theirs), 404, "not_found")
    assert everything() == before


# --- debt, waiting, adjusting -------------------------------------------------------------------------


@pytest.fixture
def owing(client, bearer, luna):
    """Ana spent 600 points of a check that was undone: she owes them."""
    entry = earn(client, bearer, luna.ana)
    post(client, "redeem", {"card": luna.ana.number, "amount": 2_000, "points": 600}, bearer)
    told = post(client, "undo", {"entry": entry, "reason": REASON}, bearer).get_json()
    assert told["balance"] == {"points": 0, "pending": 0, "held": 0, "debt": 600}
    return luna


def test_a_debt_is_forgiven_in_parts_or_whole(client, back_office, owing):
    body = {"card": owing.ana.number, "reason": "our mistake"}
    assert post(client, "writeoff", {**body, "points": 200}, back_office).get_json()["balance"]["debt"] == 400
    refused(post(client, "writeoff", {**body, "points": 401}, back_office), 409, "conflict")
    assert post(client, "writeoff", body, back_office).get_json()["balance"]["debt"] == 0
    refused(post(client, "writeoff", body, back_office), 409, "conflict")
    assert faults(owing) == []


def test_a_quote_says_that_a_card_owes(client, bearer, owing):
    told = client.post("/api/v1/quote", json={"card": owing.ana.number, "amount": 1_000}, headers=bearer).get_json()
    assert (told["most"], told["why_not"]["code"]) == (0, "insufficient_balance")
    assert "600" in told["why_not"]["detail"]


def test_points_that_wait_for_a_word_are_spent_after_it(sqlite):
    house = open_house("luna", pending="action")
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    entry = earn(client, bearer, house.ana)
    body = {"card": house.ana.number, "amount": 2_000, "points": 100}
    assert refused(post(client, "redeem", body, bearer), 409, "insufficient_balance")["available"] == 0
    told = post(client, "activate", {"entry": entry}, bearer)
    assert (told.status_code, told.get_json()["balance"]) == (200, {"points": 1_000, "pending": 0, "held": 0, "debt": 0})
    assert shown(house, house.ana) == 1_000
    refused(post(client, "activate", {"entry": entry}, bearer), 409, "conflict")
    assert post(client, "redeem", body, bearer).status_code == 200


def test_a_key_with_the_scope_corrects_within_the_limit_and_with_a_reason(client, bearer, back_office, luna):
    body = {"card": luna.ana.number, "points": 1_000, "reason": "the soup was cold"}
    assert refused(post(client, "adjust", body, bearer), 403, "not_allowed")["scope"] == "adjust"
    assert refused(post(client, "adjust", {**body, "points": 1_001}, back_office), 422, "malformed")["maximum"] == 1_000
    refused(post(client, "adjust", {**body, "reason": " "}, back_office), 422, "malformed")
    assert post(client, "adjust", body, back_office).get_json()["balance"]["points"] == 1_000


# --- one's own card -----------------------------------------------------------------------------------


def test_nobody_gives_points_to_their_own_card(app, luna, friend):
    bruno, clara, header = signed_in(app, luna, "Bruno"), signed_in(app, luna, "Clara"), program_header()
    entry = earn(clara, header, luna.ana, check="A0")
    answer = clara.post("/t/luna/manage", data={"action": "own_card", "staff_id": luna.bruno.id, "card": friend.number})
    assert friend.number[:4] in answer.text
    before = everything()
    for path, body in (
        ("earn", {"card": friend.number, "amount": 1_000}),
        ("earn", {"card": friend.number, "amount": 1_000, "at": now().isoformat()}),
        ("move", {"entry": entry, "to": friend.number, "reason": REASON}),
    ):
        assert post(bruno, path, body, header).status_code == 403, path
    changed = {name for name, rows in everything().items() if rows != before[name]}
    assert changed <= {"staff_session"}
    assert post(clara, "earn", {"card": friend.number, "amount": 1_000}, header).status_code == 200
    clara.post("/t/luna/manage", data={"action": "own_card", "staff_id": luna.bruno.id, "card": ""})
    assert post(bruno, "earn", {"card": friend.number, "amount": 1_000}, header).status_code == 200


def test_a_late_deed_of_one_s_own_card_is_not_booked_by_a_colleague_either(app, luna, friend):
    bruno, clara, header = signed_in(app, luna, "Bruno"), signed_in(app, luna, "Clara"), program_header()
    clara.post("/t/luna/manage", data={"action": "own_card", "staff_id": luna.bruno.id, "card": friend.number})
    long_ago = (now() - timedelta(days=3)).isoformat()
    assert post(bruno, "earn", {"card": friend.number, "amount": 1_000, "at": long_ago}, header).status_code == 202
    with database.reading() as session:
        (deed,) = ledger.late_deeds(session, luna.id)
    assert clara.post("/t/luna/late", data={"action": "book", "deed_id": deed.id}).status_code == 403
    with database.reading() as session:
        assert session.exec(select(Entry).where(col(Entry.program_id) == luna.id)).all() == []


def test_a_number_that_is_no_card_is_said_and_nothing_changes(app, luna):
    clara = signed_in(app, luna, "Clara")
    answer = clara.post("/t/luna/manage", data={"action": "own_card", "staff_id": luna.bruno.id, "card": "12345674"})
    assert "There is no card with this number." in answer.text
    with database.reading() as session:
        assert staff.person(session, luna.id, luna.bruno.id).card_id == ""
