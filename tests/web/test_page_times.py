"""What time it is on a page: the restaurant's, on every page alike."""

import re

import pytest
import time_machine

from tests.cast import make_app, make_till, open_house
from tests.tills import signed_in
from walletpass import checks, database, guests, programs
from walletpass.database import now
from walletpass.guests import ConsentGiven


@pytest.fixture
def half_past_midnight():
    """In Berlin; in London the day before is not over."""
    with time_machine.travel("2026-11-29T23:30:00Z", tick=False):
        yield


@pytest.fixture
def luna(sqlite, half_past_midnight):
    return open_house()


@pytest.fixture
def clara(luna):
    return signed_in(make_app(), luna, "Clara")


def test_every_page_has_the_restaurant_s_time(luna, clara):
    make_till(luna.id)
    with database.transaction() as session:
        ana = guests.get(session, luna.id, luna.ana.guest_id)
        guests.record(session, ana, ConsentGiven("marketing", "1", "en", "Write to me."))
        programs.change(session, session.merge(luna.program), survey_points=20, by=luna.dmitro.id)
        checks.record(session, luna.ana, "A1", 1_000, luna.venue.id, now())
    guest = make_app().test_client()
    assert "Your visit of 30 November." in guest.get(f"/c/luna/{luna.ana.link}").text
    assert guest.post(f"/c/luna/{luna.ana.link}/survey", data={"check": "A1", "score": "9"}).status_code == 303
    for path, moment in {
        "manage": "since 30 Nov, 00:30",
        "rules": "30 November, 00:30",
        "surveys": "30 Nov, 00:30",
        f"guests/{luna.ana.guest_id}": "30 Nov 2026, 00:30",
        "checks": "30 Nov, 00:30",
        "checks/A1": "paid at 00:30",
    }.items():
        page = clara.get(f"/t/luna/{path}").text
        assert moment in page, path
        assert not re.search(r"(?<!T)23:30", page), path


def test_each_restaurant_has_its_own_time(luna):
    new_york = open_house("sova", timezone="America/New_York", country="US")
    make_till(new_york.id)
    manager = signed_in(make_app(), new_york, "Clara")
    assert "since 29 Nov, 18:30" in manager.get("/t/sova/manage").text
