"""The operator furnishes a cloakroom."""

import re

import pytest

from tests.cast import open_house
from walletpass import coatcheck, database, programs
from walletpass.errors import Malformed, NotFound


@pytest.fixture
def house(opened):
    return open_house()


def test_a_cloakroom_gets_its_hooks_and_is_listed(run, house):
    made = run("coats", "add-room", "luna", "Garderobe")
    room = re.search(r"[0-9a-z]{26}", made.output)[0]
    assert run("coats", "add-zone", "luna", room, "A", "40").output == "Garderobe has A1 to A40.\n"
    assert run("coats", "add-zone", "luna", room, "A", "2").output == "Garderobe has A41 to A42.\n"
    run("coats", "add-zone", "luna", room, "B", "20", "--capacity", "3", "--kind", "bag", "--kind", "umbrella")
    assert run("coats", "rooms", "luna").output.splitlines() == [
        f"{room}  Garderobe",
        "    A: 42 hooks for anything, 0 of 42 places taken",
        "    B: 20 hooks for bag, umbrella, 0 of 60 places taken",
    ]


def test_prices_are_set_shown_and_taken_off(run, house):
    assert "coat       free" in run("coats", "prices", "luna").output
    told = run("coats", "prices", "luna", "coat=2.00", "bag=0,50").output
    assert "coat       2.00 EUR" in told
    assert "bag        0.50 EUR" in told
    run("coats", "prices", "luna", "bag=0")
    with database.reading() as session:
        assert coatcheck.rooms.prices(session, "luna") == {"coat": 200}


@pytest.mark.parametrize("price", ["coat", "coat=", "coat=x", "coat=1.234", "dog=1", "coat=-1"])
def test_a_price_that_is_none_changes_nothing(run, house, price):
    assert run("coats", "prices", "luna", "bag=1", price).exit_code == 2
    with database.reading() as session:
        assert coatcheck.rooms.prices(session, "luna") == {}


def test_of_two_venues_one_is_named(run, house):
    with database.transaction() as session:
        other = programs.add_venue(session, house.program, "Luna am See")
    refused = run("coats", "add-room", "luna", "Garderobe").exception
    assert isinstance(refused, NotFound)
    assert "Luna am See" in refused.message
    assert run("coats", "add-room", "luna", "Garderobe", "--venue", other.id).exit_code == 0


def test_a_room_and_a_zone_that_cannot_be_are_refused(run, house):
    assert isinstance(run("coats", "add-room", "luna", "  ").exception, Malformed)
    assert isinstance(run("coats", "add-zone", "luna", "0" * 26, "A", "1").exception, NotFound)
