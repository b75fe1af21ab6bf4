"""Two tills at one check. Each race has its negative control: with the lock switched off, it is seen to happen."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from tests.api.racing import NoLock
from tests.api.till import error, post
from tests.cast import issue_card, make_app, open_house
from walletpass import checks, config, database, ledger
from walletpass.checks import Check, attaching, closing, lines, opening, refunding
from walletpass.ledger import Entry

SOUP = {"amount": 600, "name": "Borscht", "sku": "soup"}


@pytest.fixture
def house(db, monkeypatch):
    """Trattoria Luna with patience: a slow machine is no reason to answer 503."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 60)
    config.use(replace(db, threads=16))
    return open_house()


@pytest.fixture
def app(house):
    return make_app()


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.api_key}"}


def at_once(app, bearer, *asked):
    """Each ``(path, body)`` in a thread of its own, all let go at one moment; the answers."""
    start = threading.Barrier(len(asked))

    def run(one):
        client = app.test_client()
        start.wait(60)
        return post(client, f"checks{one[0]}", one[1], bearer)

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(run, asked))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def seated(app, bearer, card=None, check="A1"):
    body = {"check_id": check, "lines": [SOUP], **({"card": card.number} if card else {})}
    assert post(app.test_client(), "checks", body, bearer).status_code == 200


def standing(house, check="A1"):
    """The check, and what its entries add up to."""
    with database.reading() as session:
        found = checks.get(session, house.id, check)
        deltas = session.exec(select(Entry.delta).where(col(Entry.program_id) == house.id, col(Entry.check_id) == check)).all()
        return found, list(deltas)


def faults(house):
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def test_of_12_tills_that_close_a_check_one_does(app, bearer, house):
    seated(app, bearer, house.ana)
    answers = at_once(app, bearer, *[("/A1/close", {})] * 12)
    assert statuses(answers) == {200: 1, 409: 11}
    assert {error(answer)["code"] for answer in answers if answer.status_code == 409} == {"conflict"}
    assert standing(house)[1] == [60]
    assert faults(house) == []


def test_a_guest_who_is_attached_while_the_check_is_paid_earns_once_whoever_comes_first(app, bearer, house):
    for number in range(6):
        seated(app, bearer, check=f"A{number}")
        attached, closed = at_once(app, bearer, (f"/A{number}/attach", {"card": house.ana.number}), (f"/A{number}/close", {}))
        assert (attached.status_code, closed.status_code) == (200, 200)
        check, deltas = standing(house, f"A{number}")
        assert (check.state, check.card_id, deltas) == ("closed", house.ana.id, [60])
    with database.reading() as session:
        assert checks.summary(session, house.ana).visits == 6


def test_two_guests_at_once_one_is_the_guest(app, bearer, house):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    seated(app, bearer)
    post(app.test_client(), "checks/A1/close", {}, bearer)
    answers = at_once(app, bearer, ("/A1/attach", {"card": house.ana.number}), ("/A1/attach", {"card": friend.number}))
    assert statuses(answers) == {200: 1, 409: 1}
    assert standing(house)[1] == [60]


def test_one_line_is_refunded_once_though_eight_tills_tap(app, bearer, house):
    seated(app, bearer, house.ana)
    post(app.test_client(), "checks/A1/close", {}, bearer)
    answers = at_once(app, bearer, *[("/A1/refund", {"lines": [1], "reason": "it was cold"})] * 8)
    assert statuses(answers) == {200: 1, 409: 7}
    assert sorted(standing(house)[1]) == [-60, 60]
    assert faults(house) == []


def test_a_check_is_paid_or_voided_never_both(app, bearer, house):
    for number in range(4):
        seated(app, bearer, house.ana, f"A{number}")
        answers = at_once(app, bearer, (f"/A{number}/close", {}), (f"/A{number}/void", {"reason": "typed twice"}))
        check, deltas = standing(house, f"A{number}")
        if check.state == "voided":
            assert (statuses(answers), deltas) == ({200: 1, 409: 1}, [])
        else:
            assert (check.state, statuses(answers), sum(deltas)) == ("refunded", {200: 2}, 0), "closed first, and then refunded whole"


def test_eight_tills_open_one_check_and_one_did(app, bearer, house):
    answers = at_once(app, bearer, *[("", {"check_id": "A1", "place": str(number)}) for number in range(8)])
    assert statuses(answers) == {200: 1, 409: 7}


def test_lines_of_two_tills_both_stand(app, bearer, house):
    seated(app, bearer)
    answers = at_once(app, bearer, *[("/A1/lines", {"lines": [SOUP]})] * 6)
    assert statuses(answers) == {200: 6}
    assert sorted(answer.get_json()["positions"][0] for answer in answers) == [2, 3, 4, 5, 6, 7]
    assert standing(house)[0].amount == 7 * 600


def test_two_checks_of_one_guest_at_once_are_two_visits(app, bearer, house):
    for number in range(6):
        seated(app, bearer, house.ana, f"A{number}")
    assert statuses(at_once(app, bearer, *[(f"/A{number}/close", {}) for number in range(6)])) == {200: 6}
    with database.transaction() as session:
        seen = checks.summary(session, house.ana)
        assert (seen.visits, seen.average) == (6, 600)
        assert checks.retell(session, house.id, house.ana.id) is False


# --- the same with the locks switched off -------------------------------------------------------


@contextmanager
def unlocked(monkeypatch, *rooms, look=opening.find):
    """No transaction on SQLite, no lock of a check on PostgreSQL; two rivals that have just looked go on together.

    ``look`` is the last thing that the ``rooms`` read before they write.
    """
    meeting = threading.Barrier(2)

    def look_together(*args):
        found = look(*args)
        meeting.wait(60)
        return found

    with monkeypatch.context() as patch, capture_logs():
        patch.setattr(ledger, "lock_check", lambda *args: None)
        for room in rooms:
            patch.setattr(room, look.__name__, look_together)
        patch.setattr(database, "BEGIN", "SELECT 'no transaction'")
        patch.setattr(database, "_write_lock", NoLock())
        yield


def test_without_the_lock_two_tills_close_one_check(app, bearer, house, monkeypatch):
    seated(app, bearer)
    with unlocked(monkeypatch, closing):
        answers = at_once(app, bearer, ("/A1/close", {"discount": 100}), ("/A1/close", {"discount": 200}))
    assert statuses(answers) == {200: 2}
    assert {answer.get_json()["check"]["amount"] for answer in answers} == {500, 400}, "two tills, two truths"


def test_without_the_lock_a_guest_is_attached_and_never_earns(app, bearer, house, monkeypatch):
    seated(app, bearer)
    with unlocked(monkeypatch, closing, attaching):
        answers = at_once(app, bearer, ("/A1/attach", {"card": house.ana.number}), ("/A1/close", {}))
    check, deltas = standing(house)
    assert statuses(answers) == {200: 2}
    assert (check.state, check.card_id, deltas) == ("closed", house.ana.id, []), "points are lost, and nobody was told"


def test_without_the_lock_a_check_without_a_guest_pays_a_line_out_twice(app, bearer, house, monkeypatch):
    seated(app, bearer)
    post(app.test_client(), "checks/A1/close", {}, bearer)
    with unlocked(monkeypatch, refunding, look=lines.lines_of):
        answers = at_once(app, bearer, *[("/A1/refund", {"lines": [1], "reason": "it was cold"})] * 2)
    assert statuses(answers) == {200: 2}
    assert sum(answer.get_json()["money"] for answer in answers) == 1_200
    with database.reading() as session:
        assert session.exec(select(Check.refunded)).one() == 600
