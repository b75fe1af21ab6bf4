"""Earning, paying, undoing and correcting over HTTP: what is answered, and every way to be refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.api.till import error, everything, post
from tests.cast import make_app, open_house
from tests.tills import program_header, signed_in
from walletpass import cards, config, database
from walletpass.database import now
from walletpass.ledger import Entry
from walletpass.staff import ApiKey


@pytest.fixture
def sova(luna):
    return open_house("sova")


def earn(client, bearer, house, amount=10_000, **more):
    answer = post(client, "earn", {"card": house.ana.number, "amount": amount, **more}, bearer)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def view(client, bearer, house):
    return client.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=bearer).get_json()


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    return error(answer)


def test_an_earn_says_what_was_earned_and_what_there_is(client, bearer, luna):
    told = earn(client, bearer, luna, 2_450, check_id="A1")
    assert set(told) == {"entry", "balance"}
    at = told["entry"].pop("at")
    assert at.endswith("Z")
    assert told == {
        "entry": {"id": f"{luna.ana.id}-1", "type": "earn", "points": 245, "check_id": "A1"},
        "balance": {"points": 245, "pending": 0, "held": 0, "debt": 0},
    }


def test_the_guest_is_shown_with_card_visits_rules_and_recent_entries(client, bearer, luna):
    earn(client, bearer, luna, 2_450)
    seen = view(client, bearer, luna)
    visits = {"visits", "average_check", "last_visit", "days_since_last_visit", "first_visit", "regular", "favourites", "usual_waiter"}
    assert set(seen) == {"card", "guest", "redeeming", "rules", "recent", "delivery", *visits}
    assert seen["redeeming"].pop("proof")
    assert seen["redeeming"] == {"needs": "nothing", "factors": ["card_code"], "above": 2_000}
    assert seen["card"] == {"id": luna.ana.id, "number": luna.ana.number, "points": 245, "pending": 0, "held": 0, "debt": 0}
    assert seen["guest"] == {
        "id": luna.ana.guest_id,
        "name": "Ana",
        "masked_phone": "+49 \u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022 89",
    }
    assert (seen["visits"], seen["average_check"], seen["days_since_last_visit"]) == (1, 2_450, 0)
    assert set(seen["rules"]) == {
        "kind",
        "stamp_goal",
        "tier",
        "discount_percent",
        "currency",
        "earn_bps",
        "point_value",
        "cap_percent",
        "minimum_points",
        "minimum_money",
        "max_amount",
    }
    assert [set(entry) for entry in seen["recent"]] == [{"id", "type", "points", "check_id", "at", "reversible"}]


def test_the_scanned_code_the_number_and_the_id_are_one_card(client, bearer, luna):
    code = cards.card_code(luna.id, luna.ana.key_id, luna.ana.token)
    seen = [
        client.post("/api/v1/guests/by-code", json={"code": text}, headers=bearer).get_json()
        for text in (code, luna.ana.number, luna.ana.id)
    ]
    # What they prove is another question.
    asks = [(one["redeeming"].pop("needs"), bool(one["redeeming"].pop("proof")), one["redeeming"].pop("above")) for one in seen]
    assert asks == [("nothing", True, 2_000), ("nothing", True, 2_000), ("proof", False, 0)]
    assert seen[0] == seen[1] == seen[2]


def test_lines_earn_net(client, bearer, luna):
    lines = [{"amount": 2_000, "discount": 500}, {"amount": 1_000, "earns": False}, {"amount": 300, "kind": "tip"}]
    answer = post(client, "earn", {"card": luna.ana.number, "lines": lines, "discount": 250}, bearer)
    assert answer.get_json()["entry"]["points"] == 135
    assert view(client, bearer, luna)["average_check"] == 2_550


def test_paying_with_points_lowers_what_the_card_shows(client, bearer, luna):
    earn(client, bearer, luna)
    answer = post(client, "redeem", {"card": luna.ana.number, "amount": 2_000, "points": 300, "check_id": "B1"}, bearer)
    assert (answer.status_code, answer.get_json()["entry"]["points"], answer.get_json()["balance"]["points"]) == (200, -300, 700)
    with database.reading() as session:
        assert cards.get(session, luna.id, luna.ana.id).shown["points"] == 700


def test_an_undo_takes_back_the_points_and_the_visit(client, bearer, luna):
    told = earn(client, bearer, luna)
    answer = post(client, "undo", {"entry": told["entry"]["id"], "reason": "wrong table"}, bearer)
    assert (answer.status_code, answer.get_json()["balance"]["points"]) == (200, 0)
    seen = view(client, bearer, luna)
    assert (seen["visits"], [entry["reversible"] for entry in seen["recent"]]) == (0, [False, False])


def test_a_manager_corrects_with_a_reason(app, luna):
    clara = signed_in(app, luna, "Clara")
    body = {"card": luna.ana.number, "points": 50, "reason": "the soup was cold"}
    answer = post(clara, "adjust", body, program_header())
    assert (answer.status_code, answer.get_json()["entry"]["type"], answer.get_json()["balance"]["points"]) == (200, "adjust", 50)
    with database.reading() as session:
        entry = session.exec(select(Entry)).one()
    assert (entry.source, entry.staff_id, entry.reason) == ("till", luna.clara.id, "the soup was cold")


# --- keys ---------------------------------------------------------------------------------------


def test_a_repeated_request_gets_the_first_answer_again(client, bearer, luna):
    body = {"card": luna.ana.number, "amount": 2_450}
    first = post(client, "earn", body, bearer, key="k1")
    before = everything()
    with time_machine.travel(now() + timedelta(hours=25)):
        again = post(client, "earn", body, bearer, key="k1")
    assert (again.status_code, again.data) == (200, first.data)
    assert "Idempotent-Replay" not in first.headers
    assert again.headers["Idempotent-Replay"] == "true"
    assert everything() == before


def test_a_repeated_request_is_answered_after_a_restart(client, bearer, luna):
    body = {"card": luna.ana.number, "amount": 2_450}
    first = post(client, "earn", body, bearer, key="k1")
    assert post(make_app().test_client(), "earn", body, bearer, key="k1").data == first.data


def test_a_key_with_another_request_is_refused(client, bearer, luna):
    body = {"card": luna.ana.number, "amount": 2_450}
    post(client, "earn", body, bearer, key="k1")
    before = everything()
    refused(post(client, "earn", {**body, "amount": 2_451}, bearer, key="k1"), 422, "key_reused")
    refused(post(client, "redeem", {**body, "points": 1}, bearer, key="k1"), 422, "key_reused")
    assert everything() == before


def test_a_key_of_another_restaurant_is_another_key(client, bearer, luna, sova):
    first = post(client, "earn", {"card": luna.ana.number, "amount": 2_450}, bearer, key="k1")
    other = post(client, "earn", {"card": sova.ana.number, "amount": 100}, {"Authorization": f"Bearer {sova.api_key}"}, key="k1")
    assert (other.status_code, other.get_json()["balance"]["points"]) == (200, 10)
    assert other.get_json()["entry"]["id"] != first.get_json()["entry"]["id"]


def test_a_refused_request_leaves_its_key_free(client, bearer, luna):
    body = {"card": luna.ana.number, "amount": 2_000, "points": 100}
    refused(post(client, "redeem", body, bearer, key="k1"), 409, "insufficient_balance")
    earn(client, bearer, luna)
    assert post(client, "redeem", body, bearer, key="k1").status_code == 200


@pytest.mark.parametrize("route", ["earn", "redeem", "undo"])
def test_a_write_without_a_key_is_refused(client, bearer, luna, route):
    body = {
        "earn": {"card": luna.ana.number, "amount": 100},
        "redeem": {"card": luna.ana.number, "amount": 100, "points": 1},
        "undo": {"entry": f"{luna.ana.id}-1", "reason": "wrong table"},
    }[route]
    before = everything()
    refused(post(client, route, body, bearer, key=None), 400, "missing_key")
    assert everything() == before


@pytest.mark.parametrize("key", ["k" * 201, "schlüssel"])
def test_a_key_is_short_and_plain(client, bearer, luna, key):
    refused(post(client, "earn", {"card": luna.ana.number, "amount": 100}, bearer, key=key), 422, "malformed")


# --- refusals -----------------------------------------------------------------------------------


def test_the_refusals_of_a_redemption(client, bearer, luna):
    earn(client, bearer, luna, check_id="A1")
    body = {"card": luna.ana.number, "amount": 1_000, "points": 501}
    before = everything()
    told = refused(post(client, "redeem", body, bearer), 422, "above_cap")
    assert told["maximum"] == 500
    told = refused(post(client, "redeem", {**body, "points": 1_001}, bearer), 409, "insufficient_balance")
    assert told["available"] == 1_000
    refused(post(client, "redeem", {**body, "points": 1, "check_id": "A1"}, bearer), 409, "already_earned")
    assert everything() == before


def test_a_check_earns_once(client, bearer, luna):
    first = earn(client, bearer, luna, check_id="A1")
    told = refused(post(client, "earn", {"card": luna.ana.number, "amount": 5, "check_id": "A1"}, bearer), 409, "already_earned")
    assert told["entry"] == first["entry"]["id"]


def test_what_was_undone_is_not_undone_again(client, bearer, luna):
    entry = earn(client, bearer, luna)["entry"]["id"]
    reversal = post(client, "undo", {"entry": entry, "reason": "wrong table"}, bearer).get_json()["entry"]["id"]
    refused(post(client, "undo", {"entry": entry, "reason": "wrong table"}, bearer), 409, "already_reversed")
    refused(post(client, "undo", {"entry": reversal, "reason": "wrong table"}, bearer), 409, "conflict")


def test_a_debt_above_the_limit_is_a_conflict(sqlite):
    house = open_house("luna", debt_limit=0)
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    entry = earn(client, bearer, house)["entry"]["id"]
    assert post(client, "redeem", {"card": house.ana.number, "amount": 2_000, "points": 1}, bearer).status_code == 200
    refused(post(client, "undo", {"entry": entry, "reason": "wrong table"}, bearer), 409, "conflict")


def test_an_unknown_code_and_a_foreign_one_are_told_apart_by_nothing(client, bearer, luna, sova):
    foreign = [sova.ana.number, sova.ana.id, cards.card_code("sova", sova.ana.key_id, sova.ana.token)]
    for route, more in (("guests/by-code", {}), ("earn", {"amount": 100}), ("redeem", {"amount": 100, "points": 1})):
        name = "code" if route == "guests/by-code" else "card"
        answers = [post(client, route, {name: text, **more}, bearer) for text in [*foreign, "12345674", "0" * 26, "nonsense"]]
        assert {(answer.status_code, answer.data) for answer in answers} == {(404, answers[0].data)}
        refused(answers[0], 404, "not_our_code")


def test_another_restaurant_s_entry_is_unknown_here(client, bearer, luna, sova):
    theirs = earn(client, {"Authorization": f"Bearer {sova.api_key}"}, sova)["entry"]["id"]
    before = everything()
    for entry in (theirs, f"{luna.ana.id}-1", "nothing", f"{luna.ana.id}-", f"{luna.ana.id}-9999999999", f"{luna.ana.id}-1.5", "-1"):
        refused(post(client, "undo", {"entry": entry, "reason": "wrong table"}, bearer), 404, "not_found")
    assert everything() == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wp_luna_wrong"},
        {"Authorization": "Bearer wp_sova_"},
        {"Authorization": "Basic bHVuYTpsdW5h"},
        {"Authorization": "Bearer wp_luna_\xfc"},
        {"X-Walletpass-Program": "luna"},
    ],
)
def test_without_a_sign_in_nothing_is_told(client, luna, headers):
    for route in ("guests/by-code", "earn", "redeem", "undo", "adjust"):
        answer = post(client, route, {"code": luna.ana.number}, headers)
        refused(answer, 401, "sign_in_required")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_with_the_name_of_another_restaurant_opens_nothing(client, luna, sova):
    secret = luna.api_key.removeprefix("wp_luna_")
    refused(
        client.post("/api/v1/guests/by-code", json={"code": sova.ana.number}, headers={"Authorization": f"Bearer wp_sova_{secret}"}),
        401,
        "sign_in_required",
    )


def test_a_revoked_key_opens_nothing(client, bearer, luna):
    with database.transaction() as session:
        key = session.exec(select(ApiKey).where(col(ApiKey.program_id) == luna.id)).one()
        key.revoked_at = now()
        session.add(key)
    refused(client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers=bearer), 401, "sign_in_required")


def test_a_till_signed_in_at_one_restaurant_is_nobody_at_the_other(app, luna, sova):
    refused(post(signed_in(app, luna), "earn", {"card": sova.ana.number, "amount": 100}, program_header("sova")), 401, "sign_in_required")


def test_a_till_s_request_without_its_header_is_refused(app, luna):
    refused(post(signed_in(app, luna), "earn", {"card": luna.ana.number, "amount": 100}, {}), 401, "sign_in_required")


def test_a_cashier_undoes_for_some_minutes_and_a_manager_at_any_time(app, luna):
    bruno, clara, header = signed_in(app, luna, "Bruno"), signed_in(app, luna, "Clara"), program_header()
    ids = [earn(bruno, header, luna, 100)["entry"]["id"] for _ in range(2)]
    with time_machine.travel(now() + timedelta(minutes=14)):
        assert post(bruno, "undo", {"entry": ids[0], "reason": "wrong table"}, header).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=16)):
        before = everything()
        refused(post(bruno, "undo", {"entry": ids[1], "reason": "wrong table"}, header), 403, "not_allowed")
        after = everything()
        assert {name for name in before if before[name] != after[name]} <= {"staff_session"}
        assert post(clara, "undo", {"entry": ids[1], "reason": "wrong table"}, header).status_code == 200


@pytest.mark.parametrize("who", ["Bruno", "an integration"])
def test_only_managers_correct(app, client, bearer, luna, who):
    body = {"card": luna.ana.number, "points": 50, "reason": "the soup was cold"}
    answer = post(client, "adjust", body, bearer) if who != "Bruno" else post(signed_in(app, luna), "adjust", body, program_header())
    refused(answer, 403, "not_allowed")


def test_a_busy_database_is_asked_again_and_then_the_till_is_told(client, bearer, luna, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.01)
    with database.transaction():
        answer = post(client, "earn", {"card": luna.ana.number, "amount": 100}, bearer)
    refused(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_no_answer_holds_a_phone_number_or_a_secret(client, bearer, luna):
    told = [earn(client, bearer, luna), view(client, bearer, luna)]
    with database.reading() as session:
        card = cards.get(session, luna.id, luna.ana.id)
        hidden = [card.serial_number, card.token, card.link, "15123456789", config.current().secret_keys[2:]]
        hidden += [entry.hash for entry in session.exec(select(Entry))]
    for secret in hidden:
        assert secret not in str(told)


def test_a_larger_body_than_the_limit_is_refused(luna, bearer):
    config.use(replace(config.current(), max_body=2_000))
    client = make_app().test_client()
    before = everything()
    refused(post(client, "earn", {"card": luna.ana.number, "amount": 1, "check_id": "x" * 3_000}, bearer), 413, "refused")
    assert everything() == before
