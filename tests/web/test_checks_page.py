"""Checks on a page, for a restaurant without a point of sale."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.api.till import everything
from tests.cast import make_app, open_house
from tests.tills import signed_in
from walletpass import checks, database, ledger
from walletpass.cards import Card
from walletpass.checks import Check
from walletpass.database import now

PAGE = "/t/luna/checks"


class Waiter:
    """A browser that fills in forms as they stand on the page, hidden fields and all."""

    def __init__(self, house, name="Bruno"):
        self.house, self.browser = house, signed_in(make_app(), house, name)

    def get(self, path=PAGE):
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def press(self, action, path=PAGE, status=303, key=None, **fields):
        key = key or (re.search(rf'name="key" value="({action}-[^"]+)"', self.get(path)) or [None, f"{action}-x"])[1]
        answer = self.browser.post(path, data={"action": action, "key": key, **fields})
        assert answer.status_code == status, answer.text
        return answer

    def open(self, place="Table 7"):
        key = re.search(r'name="key" value="([^"]+)"', self.get())[1]
        return self.press("open", key=key, place=place).location


@pytest.fixture
def bruno(house):
    return Waiter(house)


@pytest.fixture
def clara(house):
    return Waiter(house, "Clara")


def points(house):
    with database.reading() as session:
        return ledger.balance(session, house.id, house.ana.id).points


def test_an_evening_without_a_point_of_sale(house, bruno):
    check = bruno.open()
    assert "Nothing yet." in bruno.get(check)
    bruno.press("line", check, name="Borscht", amount="6", quantity="1")
    assert "Ask for the card" in bruno.get(check)
    assert "Ask for the card" in bruno.get()
    bruno.press("line", check, name="Beer", amount="8,00", quantity="2")
    done = bruno.press("attach", check, card=f"{house.ana.number[:4]} {house.ana.number[4:]}")
    assert "the guest&#39;s check now" in bruno.get(done.location)
    assert "Ask for the card" not in bruno.get(check)
    bruno.press("bill", check)
    done = bruno.press("close", check, discount="0.40")
    assert "Paid. Points: 136." in bruno.get(done.location)
    done = bruno.press("refund_line", check, position="1")
    assert (points(house), "To pay out: €5.83." in bruno.get(done.location)) == (77, True)
    page = bruno.get()
    assert "100 %" in page
    assert "Paid lately" in page


def test_the_page_says_who_the_guest_is(house, bruno):
    with database.transaction() as session:
        checks.put_items(session, house.id, [checks.Item(program_id=house.id, sku="soup", name="Borscht")])
    for visit in range(house.program.regular_visits + 1):
        check = bruno.open()
        bruno.press("line", check, name="Borscht", amount="6", quantity="1")
        bruno.press("attach", check, card=house.ana.number)
        page = bruno.get(check)
        assert ("First visit" in page, "Regular" in page) == (visit == 0, visit == house.program.regular_visits)
        if visit:
            assert re.search(r"Likes</span>\s+Borscht", page)
            assert bool(re.search(r"Usual waiter</dt><dd>Bruno", page)) == (visit > 1)
        bruno.press("close", check)


def test_a_form_that_is_sent_twice_counts_once(house, bruno):
    check = bruno.open()
    fields = {"name": "Borscht", "amount": "6", "quantity": "1", "key": "line-once"}
    for _ in range(2):
        bruno.press("line", check, **fields)
    with database.reading() as session:
        assert session.exec(select(Check.amount)).one() == 600


def test_a_line_is_taken_off_and_a_guest_taken_away(house, bruno):
    check = bruno.open()
    bruno.press("line", check, name="Borscht", amount="6", quantity="1")
    bruno.press("take_off", check, position="1")
    bruno.press("attach", check, card=house.ana.number)
    bruno.press("detach", check)
    with database.reading() as session:
        found = session.exec(select(Check)).one()
    assert (found.amount, found.card_id, found.place) == (0, "", "Table 7")


def test_a_typed_amount_closes_a_check_without_lines(house, bruno):
    check = bruno.open("")
    bruno.press("attach", check, card=house.ana.number)
    bruno.press("close", check, amount="24.50")
    assert points(house) == 245


def test_a_void_and_a_refund_ask_for_a_reason(house, bruno):
    check = bruno.open()
    bruno.press("void", check, 422, reason=" ")
    bruno.press("void", check, reason="typed twice")
    assert "Reason: typed twice" in bruno.get(check)
    other = bruno.open()
    bruno.press("close", other, amount="10")
    bruno.press("refund", other, 422)
    bruno.press("refund", other, amount="4", reason="it was cold")
    bruno.press("refund", other, reason="all of it")
    assert "refunded" in bruno.get(other)


@pytest.mark.parametrize(
    ("action", "fields", "status"),
    [
        ("line", {"amount": "-1"}, 422), ("line", {"amount": "1.234"}, 422), ("line", {"amount": "1e3"}, 422), ("line", {"amount": ""}, 422),
        ("line", {"amount": "9" * 13}, 422), ("line", {"amount": "10000.01"}, 422), ("line", {"amount": "1", "quantity": "0"}, 422),
        ("line", {"amount": "1", "quantity": "-1"}, 422), ("line", {"amount": "1", "quantity": "\u0663"}, 422),
        ("attach", {"card": "24899841"}, 404), ("attach", {"card": ""}, 404), ("attach", {"card": "x" * 500}, 404), ("take_off", {"position": "9"}, 404),
        ("take_off", {"position": "x"}, 422), ("close", {"amount": "0"}, 422), ("close", {}, 422), ("refund_line", {"position": "1"}, 409),
        ("refund", {"reason": "it was cold"}, 409), ("nonsense", {}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_written(house, bruno, action, fields, status):
    check = bruno.open()
    before = everything()
    bruno.press(action, check, status, **fields)
    assert everything() == before


@pytest.mark.parametrize(
    ("action", "fields", "field", "sentence"),
    [
        ("line", {"amount": "a lot"}, "amount", "Type the amount like this: €12.50"),
        ("line", {"amount": "10000.01"}, "amount", "One check may be €10,000.00 at most."),
        ("line", {"amount": "6", "quantity": "0"}, "quantity", "How many is a whole number, from 1 to 9999."),
        ("attach", {"card": "24899841"}, "card", "This is not one of our cards. Check the number."),
        ("close", {"discount": "6,01"}, "discount", "From €0.01 to €6.00."),
        ("close", {"discount": "half"}, "discount", "Type the amount like this: €12.50"),
        ("void", {"reason": "no"}, "reason", "Say why, in three letters at least."),
    ],
)
def test_the_field_that_is_wrong_is_marked_and_says_why(house, bruno, action, fields, field, sentence):
    check = bruno.open()
    bruno.press("line", check, name="Borscht", amount="6", quantity="1")
    page = bruno.press(action, check, 404 if action == "attach" else 422, **fields).text
    ((kept, described),) = re.findall(rf'name="{field}"[^>]*value="([^"]*)" [^>]*aria-invalid="true" aria-describedby="([^"]+)"', page)
    assert kept == fields[field]
    assert re.findall(rf'<p class="wrong" id="{described}" role="alert">([^<]+)<', page) == [sentence]
    assert page.count("aria-invalid") == 1
    assert "note bad" not in page


def test_more_than_was_paid_and_no_reason_are_said_where_they_were_typed(house, bruno):
    check = bruno.open()
    bruno.press("close", check, amount="10")
    page = bruno.press("refund", check, 422, amount="10.01", reason="it was cold").text
    assert "From €0.01 to €10.00." in page
    assert "<details open>" in page
    assert 'value="it was cold"' in page
    assert "Say why, in three letters at least." in bruno.press("refund", check, 422, amount="1", reason=" ").text


def test_two_tills_that_pay_one_check_are_told(house, bruno, clara):
    check = bruno.open()
    bruno.press("line", check, name="Borscht", amount="6", quantity="1")
    bruno.press("close", check, key="close-1")
    answer = clara.press("close", check, 409, key="close-2")
    assert "The check stands otherwise now" in answer.text


def test_a_cashier_gives_money_back_for_some_minutes(house, bruno, clara):
    check = bruno.open()
    bruno.press("close", check, amount="10")
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert "A manager has to do this." in bruno.press("refund", check, 403, reason="it was cold").text
        clara.press("refund", check, reason="it was cold")


def test_nobody_is_signed_in(house, bruno):
    check = bruno.open()
    stranger = make_app().test_client()
    for path in (PAGE, check):
        assert stranger.get(path).status_code == 302
        assert stranger.post(path, data={"action": "bill", "key": "k"}).status_code == 401
    assert stranger.get(f"{check}/code.svg").status_code == 401


def test_a_check_of_another_restaurant_is_not_there(house, bruno):
    check = bruno.open()
    sova = open_house("sova")
    there = check.replace("/luna/", "/sova/")
    assert Waiter(sova).browser.get(there).status_code == 404
    assert Waiter(sova).browser.get(f"{there}/code.svg").status_code == 404
    assert bruno.browser.get(f"{PAGE}/nothing").status_code == 404


# --- a card while the check is open ---------------------------------------------------------------


def joined(house, check, code=None, phone="0151 5550001"):
    """A guest scans the table's code and fills in the form that it leads to."""
    client = make_app().test_client()
    with database.reading() as session:
        found = checks.get(session, house.id, check.rpartition("/")[2])
    page = client.get(f"/j/luna-table?check={code or found.join_code}").text
    hidden = re.search(r'name="check" value="([^"]+)"', page)[1]
    answer = client.post("/j/luna-table", data={"name": "Bea Costa", "phone": phone, "consent": "yes", "check": hidden})
    assert answer.status_code == 303
    with database.reading() as session:
        return session.exec(select(Card).order_by(col(Card.id).desc())).first()


def test_a_guest_who_joins_at_the_table_earns_on_this_very_check(house, bruno):
    check = bruno.open()
    bruno.press("line", check, name="Borscht", amount="24.50", quantity="1")
    assert bruno.browser.get(f"{check}/code.svg").mimetype == "image/svg+xml"
    bea = joined(house, check)
    assert "Bea Costa" in bruno.get(check)
    bruno.press("close", check)
    with database.reading() as session:
        assert session.get(Card, (house.id, bea.id)).shown["points"] == 245
        report = checks.report(session, house.id, now() - timedelta(hours=1), now() + timedelta(hours=1))
    assert (report.total.checks, report.total.before_bill, report.total.enrolled) == (1, 1, 1)
    assert [(one.waiter, one.enrolled) for one in report.waiters] == [("Bruno", 1)]


def test_a_guest_who_joins_just_after_paying_earns_at_once(house, bruno):
    check = bruno.open()
    bruno.press("close", check, amount="24.50")
    assert joined(house, check).shown["points"] == 245


@pytest.mark.parametrize("why", ["somebody has it", "voided", "too late", "unknown", "nonsense"])
def test_otherwise_the_guest_has_a_card_and_no_check(house, bruno, why):
    check = bruno.open()
    bruno.press("line", check, name="Borscht", amount="24.50", quantity="1")
    later = timedelta()
    if why == "somebody has it":
        bruno.press("attach", check, card=house.ana.number)
    if why == "voided":
        bruno.press("void", check, reason="typed twice")
    if why == "too late":
        bruno.press("close", check)
        later = timedelta(minutes=16)
    with time_machine.travel(now() + later, tick=False):
        bea = joined(house, check, {"unknown": "abc", "nonsense": "%00%0A\U0001f600"}.get(why))
    assert bea.shown["points"] == 0
    with database.reading() as session:
        assert session.exec(select(Check.card_id)).one() != bea.id


def test_another_language_keeps_the_table(house, bruno):
    check = bruno.open()
    with database.reading() as session:
        code = session.exec(select(Check.join_code)).one()
    page = make_app().test_client().get(f"/j/luna-table?check={code}").text
    assert (check.startswith(PAGE), f"?lang=uk&amp;check={code}" in page) == (True, True)
