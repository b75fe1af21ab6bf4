"""A guest who brings very many friends: a manager looks before the points come."""

import re

import pytest

from tests.cast import make_app
from tests.ledger.book import another_card, balance, earn, use_rules
from tests.tills import signed_in
from walletpass.ledger import Balance

PAGE = "/t/luna/referrals"


@pytest.fixture
def app(luna):
    return make_app()


@pytest.fixture
def brought(luna):
    """Ana has brought a friend, and of friends not one comes unseen."""
    use_rules(luna, referral_points=300, referral_review_above=0)
    earn(luna, 2_000, "F1", card=another_card(luna, "Boris Levy", referred_by=luna.ana.id))
    return luna


def decide(browser, action, entry=None):
    shown = re.search(r'name="entry" value="([^"]+)"', browser.get(PAGE).text)
    form = {"action": action, "entry": entry or shown[1]}
    return form["entry"], browser.post(PAGE, data=form, follow_redirects=True)


def test_a_manager_sees_who_brought_whom_and_gives_the_points(app, brought):
    clara = signed_in(app, brought, "Clara")
    assert '<b class="number">1</b>' in clara.get("/t/luna/manage").text
    page = clara.get(PAGE).text
    assert "Ana" in page
    assert "for Boris L." in page
    entry, answer = decide(clara, "give")
    assert "Given. The points can be spent now." in answer.text
    assert "Nobody waits." in answer.text
    assert balance(brought) == Balance(points=300)
    _, again = decide(clara, "refuse", entry)
    assert again.status_code == 409
    assert "Somebody has decided this already." in again.text
    assert balance(brought) == Balance(points=300)


def test_what_is_refused_never_comes(app, brought):
    _, answer = decide(signed_in(app, brought, "Clara"), "refuse")
    assert "Refused. The points are gone." in answer.text
    assert balance(brought) == Balance()


def test_a_cashier_does_not_decide(app, brought):
    assert signed_in(app, brought, "Bruno").get(PAGE).status_code == 403


@pytest.mark.parametrize("entry", ["x", "-1", "a-99999999999999999999"])
def test_an_entry_that_is_none_is_refused(app, brought, entry):
    _, answer = decide(signed_in(app, brought, "Clara"), "give", entry)
    assert answer.status_code == 404
