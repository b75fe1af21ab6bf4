"""Browsers of the staff: enrolled as tills, with somebody signed in."""

from flask.testing import FlaskClient

from tests.cast import PINS, House, make_till
from walletpass import staff
from walletpass.api.auth import staff_cookie, till_cookie
from walletpass.app import App
from walletpass.staff import Staff, Till


def till_browser(app: App, program_id: str = "luna") -> tuple[FlaskClient, Till]:
    """A browser with the cookie of a till, and nobody signed in."""
    till, secret = make_till(program_id)
    browser = app.test_client()
    browser.set_cookie(till_cookie(program_id), secret)
    return browser, till


def person(house: House, name: str) -> Staff:
    return {"Bruno": house.bruno, "Clara": house.clara, "Dmitro": house.dmitro}[name]


def signed_in(app: App, house: House, name: str = "Bruno") -> FlaskClient:
    """A till's browser with this person signed in, past the sign-in screen."""
    browser, till = till_browser(app, house.id)
    browser.set_cookie(staff_cookie(house.id), staff.sign_in(till, person(house, name).id, PINS[name]))
    return browser


def program_header(program_id: str = "luna") -> dict[str, str]:
    """What a till's scripts send along with its cookies."""
    return {"X-Walletpass-Program": program_id}
