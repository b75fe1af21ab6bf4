"""What other rules would have cost, tried from the form without saving it."""

import re
from html import unescape

import pytest

from tests.cast import make_app
from tests.ledger.book import earn, redeem
from tests.tills import signed_in
from tests.web.test_rules_page import form, rules
from walletpass import checks, database
from walletpass.checks import Check
from walletpass.database import now

PAGE = "/t/luna/rules/simulate"


@pytest.fixture
def owner(house):
    return signed_in(make_app(), house, "Dmitro")


def pay(house, check, amount):
    earn(house, amount, check)
    with database.transaction() as session:
        checks.record(session, house.ana, check, amount, "", now())


def figures(page):
    """Of each card its title, its cost and its rows."""
    found = {}
    for article in re.findall(r"<article.*?</article>", page, re.DOTALL):
        title = re.search(r"<h2>(.*?)</h2>", article).group(1)
        rows = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", article))
        found[unescape(title)] = (
            re.search(r'figure number">(.*?)<', article).group(1),
            {unescape(name): value for name, value in rows.items()},
        )
    return found


def test_todays_rules_and_each_kind_stand_beside_what_really_happened(owner, house):
    pay(house, "A1", 10_000)
    redeem(house, 500, "A2", amount=5_000)
    pay(house, "A2", 5_000)
    with database.transaction() as session:
        session.add(Check(program_id="luna", id="N1", amount=5_000, state="closed", closed_at=now()))
    page = owner.get(f"{PAGE}?share=50").text
    assert "2 checks with a card" in page
    assert "revenue €200.00." in page
    found = figures(page)
    assert found["What really happened"][1] == {"Given for checks": "1,450 points", "Spent by guests": "500 points"}
    assert found["Today’s rules"] == ("€7.25", {"Points given": "1,450", "Worth of all of it": "€14.50", "Guests would take": "€7.25", "Beside today’s rules": "the same"})  # fmt: skip
    assert found["Points"][0] == found["Cashback"][0] == "€7.25"
    assert found["Stamps"][1]["Stamps given"] == "2"
    assert found["Discount by tier"][0] == "€0.00"
    assert re.search(r"3.6 % of the revenue", page), "half up: 7.25 of 200"


def test_the_form_is_tried_and_not_saved(owner, house):
    pay(house, "A1", 10_000)
    before = rules()
    answer = owner.post(PAGE, data={**form(owner, earn_bps="5", kind="cashback"), "share": "100"})
    assert rules() == before
    found = figures(answer.text)
    assert found["Cashback"][1]["Cashback given"] == "€5.00"
    assert found["Cashback"][1]["Beside today’s rules"] == "-€5.00"
    assert found["Today’s rules"][1]["Points given"] == "1,000"
    sent = dict(re.findall(r'<input type="hidden" name="([a-z_-]+)" value="([^"]*)">', answer.text))
    assert (sent["earn_bps"], sent["kind"]) == ("5", "cashback")
    back = owner.post("/t/luna/rules", data={**sent, "action": "look"})
    assert back.status_code == 200
    assert 'name="earn_bps" value="5"' in back.text
    assert "data-unsaved" in back.text
    assert rules() == before
    assert owner.post("/t/luna/rules", data={**sent, "action": "save"}).status_code == 303
    assert (rules()["earn_bps"], rules()["kind"]) == (500, "cashback")


def test_a_form_with_a_fault_goes_back_to_the_form(owner):
    answer = owner.post(PAGE, data=form(owner, cap_percent="140"))
    assert answer.status_code == 422
    assert "Not more than 100." in answer.text


def test_tiers_of_the_form_are_tried_too(owner, house):
    for number in range(3):
        pay(house, f"A{number}", 10_000)
    steps = {
        "kind": "discount",
        "tier_by": "visits",
        "tier__1__name": "Regular",
        "tier__1__threshold": "1",
        "tier__1__discount_percent": "10",
    }
    found = figures(owner.post(PAGE, data=form(owner, **steps)).text)
    assert found["Discount by tier"] == ("€20.00", {"Taken off checks": "€20.00", "Beside today’s rules": "-€1.00"})


def test_without_books_of_its_own_the_share_is_the_usual_one(owner, house):
    assert "is usual: your own books are too young" in unescape(owner.get(PAGE).text).replace("as is usual", "is usual")
    pay(house, "A1", 100_000)
    redeem(house, 4_000, "B1")
    page = owner.get(PAGE).text
    assert "in your own books it was 40 %" in page
    assert 'name="share" value="40"' in page


@pytest.mark.parametrize("query", ["days=0", "days=9999", "days=x", "share=101", "share=-1", "days=٣", "share="])
def test_nonsense_is_read_as_what_is_possible(owner, query):
    assert owner.get(f"{PAGE}?{query}").status_code == 200
