"""Tills that were offline: what they bring is booked with its own time, or listed for a manager, and each once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.api.till import error, everything, post
from tests.cast import make_app, open_house
from tests.rotating import rotating, shown
from tests.tills import program_header, signed_in
from walletpass import checks, database, ledger
from walletpass.ledger import Entry, LateDeed

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KYIV_10 = "2026-11-24T12:00:00+02:00"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as frozen:
        yield frozen


def ago(**much):
    return (NOON - timedelta(**much)).isoformat()


def earn(client, bearer, house, at, *, key="", **more):
    return post(client, "earn", {"card": house.ana.number, "amount": 1_000, "at": at, **more}, bearer, key=key)


def entries(house):
    with database.reading() as session:
        return session.exec(select(Entry).where(col(Entry.program_id) == house.id).order_by(col(Entry.seq))).all()


def listed(house):
    with database.reading() as session:
        return ledger.late_deeds(session, house.id)


def refused(answer, status, code):
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    return error(answer)


def test_what_comes_within_a_day_is_booked_with_its_own_time_and_our_number(client, bearer, luna):
    post(client, "earn", {"card": luna.ana.number, "amount": 500}, bearer)
    told = earn(client, bearer, luna, KYIV_10, check_id="A1").get_json()
    assert (told["entry"]["at"], told["entry"]["id"]) == ("2026-11-24T10:00:00Z", f"{luna.ana.id}-2")
    last = entries(luna)[-1]
    assert (last.event_at, last.recorded_at, last.seq) == (NOON - timedelta(hours=2), NOON, 2)
    with database.reading() as session:
        assert session.get_one(checks.Check, (luna.id, "A1")).closed_at == NOON - timedelta(hours=2)
        assert list(ledger.verify(session, luna.id)) == []


def test_a_day_is_still_booked_and_a_second_more_is_listed(client, bearer, luna):
    assert earn(client, bearer, luna, ago(hours=24)).status_code == 200
    answer = earn(client, bearer, luna, ago(hours=24, seconds=1), check_id="A1")
    assert answer.status_code == 202
    (deed,) = listed(luna)
    assert answer.get_json() == {"late": deed.id}
    assert (deed.event_at, deed.route, deed.body["card"], deed.body["amount"]) == (
        NOON - timedelta(hours=24, seconds=1),
        "earn",
        luna.ana.id,
        1_000,
    )
    assert len(entries(luna)) == 1


def test_the_program_says_how_late_is_late(sqlite):
    house = open_house("luna", late_hours=2)
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    assert earn(client, bearer, house, ago(hours=2)).status_code == 200
    assert earn(client, bearer, house, ago(hours=3)).status_code == 202


def test_a_clock_that_is_ahead_counts_as_now_and_one_that_is_a_little_ahead_is_believed(client, bearer, luna):
    assert earn(client, bearer, luna, ago(minutes=-6)).get_json()["entry"]["at"] == "2026-11-24T12:00:00Z"
    assert earn(client, bearer, luna, "8999-12-31T23:59:59-23:59").get_json()["entry"]["at"] == "2026-11-24T12:00:00Z"
    assert earn(client, bearer, luna, ago(minutes=-4)).get_json()["entry"]["at"] == "2026-11-24T12:04:00Z"


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-24T11:00:00", "2026-11-24", "yesterday", "", 0, 1_764_000_000, 1e309, True, [], {}, "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "1999-12-31T23:00:00Z", "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "1764000000", "\u0000",
        "2026-11-24T11:00:00+99:00",
    ],
)  # fmt: skip
def test_a_time_without_a_zone_and_other_nonsense_is_refused(client, bearer, luna, at):
    before = everything()
    for route, more in (("earn", {}), ("redeem", {"points": 1})):
        refused(post(client, route, {"card": luna.ana.number, "amount": 1_000, "at": at, **more}, bearer), 422, "malformed")
    assert everything() == before


def test_the_same_again_has_the_same_answer_and_is_listed_once(client, bearer, luna, clock):
    first = earn(client, bearer, luna, ago(days=3), key="k1")
    clock.shift(3_600)
    again = earn(client, bearer, luna, ago(days=3), key="k1")
    assert (again.status_code, again.data, again.headers["Idempotent-Replay"]) == (202, first.data, "true")
    assert len(listed(luna)) == 1
    refused(earn(client, bearer, luna, ago(days=4), key="k1"), 422, "key_reused")


def test_what_is_listed_holds_ids_and_numbers_and_no_name(client, bearer, luna):
    lines = [{"amount": 900, "name": "for Ana Bondarenko, +49 151 23456789", "sku": "15123456789", "category": "pizza"}]
    earn(client, bearer, luna, ago(days=3), amount=None, lines=lines)
    (deed,) = listed(luna)
    assert "Ana" not in repr(deed.body)
    assert "15123456789" not in repr(deed.body)
    assert deed.body["bill"]["lines"][0]["category"] == "pizza"


def test_a_late_deed_that_can_never_be_booked_is_refused_at_once(client, bearer, luna):
    before = everything()
    refused(earn(client, bearer, luna, ago(days=3), amount=10**9), 422, "malformed")
    refused(earn(client, bearer, luna, ago(days=3), card="12345674"), 404, "not_our_code")
    assert everything() == before


def test_500_scans_sent_twice_are_each_once(client, bearer, luna):
    """A till that was offline for two hours, and some of it for two days; it sends all of its queue again."""
    scans = [
        ({"card": luna.ana.number, "amount": 100 + number, "check_id": f"T{number % 480}", "at": ago(minutes=number * 5)}, f"scan-{number}")
        for number in range(500)
    ]
    first = [post(client, "earn", body, bearer, key=key) for body, key in scans]
    again = [post(client, "earn", body, bearer, key=key) for body, key in scans]
    assert [(one.status_code, one.data) for one in first] == [(one.status_code, one.data) for one in again]
    statuses = [answer.status_code for answer in first]
    assert set(statuses) == {200, 202}
    assert statuses.count(200) == len(entries(luna)) == 289
    assert statuses.count(202) == len(listed(luna)) == 211
    with database.reading() as session:
        assert list(ledger.verify(session, luna.id)) == []


def test_a_conflict_of_the_queue_is_told_with_its_reason(client, bearer, luna):
    standing = earn(client, bearer, luna, ago(minutes=5), check_id="A1").get_json()["entry"]["id"]
    assert refused(earn(client, bearer, luna, ago(hours=1), check_id="A1"), 409, "already_earned")["entry"] == standing


def test_an_old_scan_of_a_changing_code_earns_and_spends_nothing(client, bearer, luna, clock):
    post(client, "earn", {"card": luna.ana.number, "amount": 10_000}, bearer)
    card = rotating(luna)
    code = shown(card)
    clock.shift(3_600)
    body = {"card": code, "amount": 1_000, "at": ago()}
    refused(post(client, "redeem", {**body, "points": 1}, bearer), 409, "code_expired")
    assert post(client, "earn", body, bearer).status_code == 200
    refused(post(client, "earn", {"card": code, "amount": 1_000}, bearer), 409, "code_expired")


# --- what a manager does with it --------------------------------------------------------------------


@pytest.fixture
def clara(app, luna):
    return signed_in(app, luna, "Clara")


def decide(browser, deed, action):
    return browser.post("/t/luna/late", data={"action": action, "deed_id": deed.id})


def test_a_manager_books_it_with_its_time_and_in_the_name_of_who_did_it(app, luna, clara):
    bruno = signed_in(app, luna, "Bruno")
    earn(bruno, program_header(), luna, ago(days=3), check_id="A1")
    (deed,) = listed(luna)
    page = clara.get("/t/luna/late").text
    assert "Ana" in page
    assert "10.00" in page
    assert "Bruno" in page
    assert "21 Nov 2026, 13:00" in page, "the restaurant's own time, which is an hour ahead of ours"
    answer = decide(clara, deed, "book")
    assert (answer.status_code, answer.location) == (303, "/t/luna/late?done=booked")
    (entry,) = entries(luna)
    assert (entry.delta, entry.event_at, entry.staff_id, entry.source, entry.check_id) == (
        100,
        NOON - timedelta(days=3),
        luna.bruno.id,
        "till",
        "A1",
    )
    with database.reading() as session:
        decided = session.get_one(LateDeed, (luna.id, deed.id))
    assert (decided.state, decided.decided_by) == ("booked", luna.clara.id)
    assert "Booked" in clara.get(answer.location).text


def test_a_refused_one_is_kept_and_books_nothing(client, bearer, luna, clara):
    earn(client, bearer, luna, ago(days=3))
    (deed,) = listed(luna)
    assert decide(clara, deed, "refuse").status_code == 303
    assert (entries(luna), listed(luna)) == ([], [])
    assert decide(clara, deed, "book").status_code == 409
    assert entries(luna) == []


def test_a_check_that_has_earned_stays_listed_with_the_reason(client, bearer, luna, clara):
    earn(client, bearer, luna, ago(days=3), check_id="A1")
    assert "earned its points already" not in clara.get("/t/luna/late").text
    earn(client, bearer, luna, ago(hours=1), check_id="A1")
    (deed,) = listed(luna)
    assert "earned its points already" in clara.get("/t/luna/late").text
    answer = decide(clara, deed, "book")
    assert (answer.status_code, "earned its points already" in answer.text) == (409, True)
    assert (len(entries(luna)), len(listed(luna))) == (1, 1)


def test_points_are_not_spent_after_the_fact(client, bearer, luna):
    earn(client, bearer, luna, ago(hours=1), amount=10_000)
    before = everything()
    answer = post(client, "redeem", {"card": luna.ana.number, "amount": 2_000, "points": 800, "at": ago(days=2)}, bearer)
    assert (answer.status_code, everything()) == (409, before)
    assert "after the fact" in answer.get_json()["detail"]


def test_only_managers_decide_and_only_what_is_theirs(app, client, bearer, luna, clara):
    earn(client, bearer, luna, ago(days=3))
    (deed,) = listed(luna)
    bruno = signed_in(app, luna, "Bruno")
    assert bruno.get("/t/luna/late").status_code == 403
    assert decide(bruno, deed, "book").status_code == 403
    sova = open_house("sova")
    theirs = signed_in(app, sova, "Clara")
    assert theirs.post("/t/sova/late", data={"action": "book", "deed_id": deed.id}).status_code == 404
    assert clara.post("/t/luna/late", data={"action": "book", "deed_id": "x"}).status_code == 404
    assert clara.post("/t/luna/late", data={"action": "forget", "deed_id": deed.id}).status_code == 422
    assert (entries(luna), len(listed(luna))) == ([], 1)
