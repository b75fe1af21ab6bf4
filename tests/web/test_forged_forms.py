"""Forms and requests that another page sends through a signed-in browser."""

import re

import pytest
from sqlmodel import func, select

from tests.cast import PINS, make_app, make_till
from tests.tills import program_header, signed_in, till_browser
from walletpass import database, ledger, staff
from walletpass.staff.models import EnrolLink


@pytest.fixture
def app(luna):
    made = make_app()
    made.config["WTF_CSRF_ENABLED"] = True
    return made


def token_of(browser, path):
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text).group(1)


def links():
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(EnrolLink)).one()


def forms(luna, till_id):
    with database.transaction() as session:
        link = staff.make_enrol_link(session, "luna")
    return {
        "/t/luna/sign-in": {"staff_id": luna.bruno.id, "pin": PINS["Bruno"]},
        "/t/luna/sign-out": {},
        f"/t/luna/enrol/{link}": {"device": "Bar"},
        "/t/luna/manage": {"action": "revoke", "device_id": till_id},
        "/t/luna/certificates": {"action": "request"},
        "/t/luna/deliveries": {"action": "resume", "channel": "apple"},
        "/t/luna/webhooks": {"action": "add", "url": "http://127.0.0.1:9/"},
        "/t/luna/rules": {"action": "save", "edition": "0", "cap_percent": "40"},
        "/t/luna/rules/simulate": {"cap_percent": "40"},
        "/t/luna/surveys": {"action": "thank", "review_id": "x"},
        f"/t/luna/guests/{luna.ana.guest_id}": {"action": "void"},
        f"/t/luna/guests/{luna.ana.guest_id}/points": {"action": "correct", "points": "5", "reason": "why not"},
        "/t/luna/import": {"filename": "guests.csv", "size": "10"},
        "/t/luna/import/job": {"action": "drop"},
        "/t/luna/keys": {"action": "make", "label": "POS", "scopes": "adjust"},
        "/t/luna/late": {"action": "refuse", "deed_id": "x"},
        "/t/luna/referrals": {"action": "give", "entry": "x"},
        "/t/luna/board/rules": {"action": "book", "booking_page": "https://evil.example/"},
        "/t/luna/coats/rooms": {"action": "room", "name": "Mine"},
        "/t/luna/checks": {"action": "open", "key": "k1"},
        "/t/luna/checks/A1": {"action": "void", "key": "k2", "reason": "why not"},
    }


def test_every_staff_form_is_tried(app, luna):
    with_forms = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.rule.startswith("/t/")}
    assert {re.sub(r"luna|(?<=enrol/).*|(?<=guests/)[^/]+|(?<=import/).*|(?<=checks/).*", "*", path) for path in forms(luna, "x")} == {
        re.sub(r"<program_id>|<token>|<guest_id>|<job_id>|<check_id>", "*", rule) for rule in with_forms
    }


@pytest.mark.parametrize("csrf_token", [None, "", "x", "stolen"])
def test_a_staff_form_without_its_token_does_nothing(app, luna, csrf_token):
    browser = signed_in(app, luna, "Clara")
    till, _ = make_till("luna")
    if csrf_token == "stolen":
        csrf_token = token_of(signed_in(app, luna, "Dmitro"), "/t/luna")
    for path, form in forms(luna, till.id).items():
        answer = browser.post(path, data={**form, **({"csrf_token": csrf_token} if csrf_token is not None else {})})
        assert answer.status_code == 400, path
        assert answer.mimetype == "text/html"
    assert browser.get("/t/luna").status_code == 200
    with database.reading() as session:
        assert till.id in [found.id for found in staff.tills(session, "luna")]


def test_with_their_token_the_forms_work(app, luna):
    browser = signed_in(app, luna, "Clara")
    before = links()
    answer = browser.post("/t/luna/manage", data={"action": "enrol", "csrf_token": token_of(browser, "/t/luna/manage")})
    assert answer.status_code == 200
    assert links() == before + 1
    answer = browser.post("/t/luna/sign-out", data={"csrf_token": token_of(browser, "/t/luna")})
    assert answer.location == "/t/luna/sign-in"
    form = {"staff_id": luna.bruno.id, "pin": PINS["Bruno"], "csrf_token": token_of(browser, "/t/luna/sign-in")}
    assert browser.post("/t/luna/sign-in", data=form).location == "/t/luna"


def test_nothing_changes_by_a_link(app, luna):
    browser = signed_in(app, luna, "Clara")
    before = links()
    for query in ("action=enrol", f"action=revoke&device_id={luna.bruno.id}", "action=unlock"):
        browser.get(f"/t/luna/manage?{query}")
    assert links() == before
    assert browser.get("/t/luna").status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "application/json"])
def test_the_api_takes_no_request_that_a_foreign_page_can_send(app, luna, kind):
    """A form carries the cookies at most; the header that names the restaurant needs our own script."""
    browser = signed_in(app, luna)
    body = f'{{"card": "{luna.ana.number}", "amount": 1000}}'
    answer = browser.post("/api/v1/earn", data=body, content_type=kind)
    assert answer.status_code == 401
    with database.reading() as session:
        assert ledger.balance(session, "luna", luna.ana.id).points == 0


def test_the_api_reads_json_only(app, luna):
    browser = signed_in(app, luna)
    body = f'{{"card": "{luna.ana.number}", "amount": 1000}}'
    for kind in ("application/x-www-form-urlencoded", "text/plain"):
        answer = browser.post("/api/v1/earn", data=body, content_type=kind, headers={**program_header(), "Idempotency-Key": kind})
        assert answer.status_code in (400, 415, 422)
    with database.reading() as session:
        assert ledger.balance(session, "luna", luna.ana.id).points == 0


def test_a_till_whose_person_went_home_cannot_manage(app, luna):
    browser, till = till_browser(app)
    csrf_token = token_of(browser, "/t/luna/sign-in")
    answer = browser.post("/t/luna/manage", data={"action": "revoke", "device_id": till.id, "csrf_token": csrf_token})
    assert answer.status_code == 401
    assert "Please sign in" in answer.text
    assert browser.get("/t/luna/manage").location == "/t/luna"
