"""A guest's points at the manager's desk."""

import re

import pytest

from tests.cast import issue_card, make_app
from tests.ledger.book import balance, done, earn, redeem, undo
from tests.tills import signed_in
from walletpass import cards, database, ledger
from walletpass.ledger import Balance, Origin


@pytest.fixture
def app(luna):
    return make_app()


@pytest.fixture
def clara(app, luna):
    return signed_in(app, luna, "Clara")


def page_of(house):
    return f"/t/luna/guests/{house.ana.guest_id}/points"


def send(browser, house, action, **form):
    shown = re.search(r'name="key" value="([^"]+)"', browser.get(page_of(house)).text)[1]
    return browser.post(page_of(house), data={"action": action, "key": shown, "reason": "the till was down", **form}, follow_redirects=True)


def test_a_manager_sees_how_points_came_and_went_and_by_whom(luna, clara):
    earn(luna, 50_000, "A1")
    done(luna, ledger.adjust, luna.ana, 7, Origin("till", staff_id=luna.clara.id, reason="soup was cold"))
    text = clara.get(page_of(luna)).text
    for said in ("5,007", "+5,000", "Corrected by hand", "+7", "Clara · soup was cold"):
        assert said in text


@pytest.mark.parametrize(("typed", "left"), [("150", 5_150), ("-150", 4_850), ("−1 50", 4_850), ("+7", 5_007)])
def test_points_are_corrected_with_a_reason_and_the_card_says_so(luna, clara, typed, left):
    earn(luna, 50_000, "A1")
    assert "Corrected. The card shows it in a moment." in send(clara, luna, "correct", points=typed).text
    assert balance(luna) == Balance(points=left)
    with database.reading() as session:
        assert cards.get(session, "luna", luna.ana.id).shown["points"] == left
        assert ledger.recent(session, "luna", luna.ana.id)[0][0].staff_id == luna.clara.id


def test_a_form_that_is_sent_twice_counts_once(luna, clara):
    key = re.search(r'name="key" value="([^"]+)"', clara.get(page_of(luna)).text)[1]
    for _ in range(2):
        clara.post(page_of(luna), data={"action": "correct", "key": key, "points": "5", "reason": "the till was down"})
    assert balance(luna) == Balance(points=5)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"points": "1.5"}, "A correction is a whole number up to 1000"),
        ({"points": "99999999999"}, "A correction is a whole number up to 1000"),
        ({"points": "1001"}, "A correction is a whole number up to 1000"),
        ({"points": "0"}, "A correction is a whole number up to 1000"),
        ({"points": "5", "reason": "x"}, "Say why, in three letters at least."),
        ({"points": "-5"}, "There are not enough points on the card any more."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_booked(luna, clara, form, said):
    answer = send(clara, luna, "correct", **form)
    assert said in answer.text
    assert 400 <= answer.status_code < 500
    assert balance(luna) == Balance()


def test_a_debt_is_forgiven(luna, clara):
    entry = earn(luna, 50_000, "A1")
    redeem(luna, 3_000, amount=100_000, check="A2")
    undo(luna, entry)
    assert "3000 points are owed" in clara.get(page_of(luna)).text
    assert "The debt is forgiven." in send(clara, luna, "forgive").text
    assert balance(luna) == Balance()


def test_another_card_of_the_guest_comes_in_and_both_codes_open_this_one(luna, clara):
    with database.transaction() as session:
        other = issue_card(session, luna.program, "Ana K", "+49 151 29999999")
    earn(luna, 50_000, "A1", card=other)
    assert "The two cards are one now" in send(clara, luna, "merge", card=other.number).text
    assert balance(luna) == Balance(points=5_000)
    with database.reading() as session:
        assert cards.find_by_code(session, "luna", other.number).id == luna.ana.id
    assert "This cannot be done with these cards" in send(clara, luna, "merge", card=luna.ana.number).text
    assert "This is not one of our cards." in send(clara, luna, "merge", card="12345678").text


def test_nobody_corrects_their_own_card_and_no_cashier_any(app, luna, clara):
    with database.transaction() as session:
        session.merge(luna.clara).card_id = luna.ana.id
    assert "This is your own card." in send(signed_in(app, luna, "Clara"), luna, "correct", points="5").text
    assert signed_in(app, luna, "Bruno").get(page_of(luna)).status_code == 403
    assert balance(luna) == Balance()
