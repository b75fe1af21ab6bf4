"""Opening a restaurant."""

import pytest

from tests.cast import open_house
from walletpass import database, programs
from walletpass.errors import Conflict, Malformed, NotFound

SOUND = {"id": "sova", "name": "Bistro Sova", "pass_type_identifier": "pass.example.sova", "team_identifier": "SOVA000001"}


def create(**values):
    with database.transaction() as session:
        return programs.create(session, **{**SOUND, **values})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"id": "Sova"}, "lower-case"),
        ({"id": "-sova"}, "lower-case"),
        ({"id": "so va"}, "lower-case"),
        ({"id": "sova\n"}, "lower-case"),
        ({"id": "s" * 41}, "lower-case"),
        ({"id": ""}, "lower-case"),
        ({"name": " "}, "name"),
        ({"name": "S" * 81}, "name"),
        ({"pass_type_identifier": "com.example.sova"}, "pass type identifier"),
        ({"pass_type_identifier": "pass."}, "pass type identifier"),
        ({"team_identifier": "SOVA"}, "team identifier"),
        ({"team_identifier": "sova000001"}, "team identifier"),
        ({"google_issuer_id": "issuer"}, "issuer"),
        ({"google_issuer_id": "٣"}, "issuer"),
        ({"currency": "euro"}, "currency"),
        ({"country": "Germany"}, "country"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"colour": "red"}, "Unknown rules: colour"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(sqlite, values, words):
    with pytest.raises(Malformed, match=words):
        create(**values)
    with database.reading() as session:
        assert programs.every(session) == []


def test_an_id_is_taken_once(house):
    with pytest.raises(Conflict, match="already"):
        create(id="luna")


def test_two_restaurants_do_not_share_a_pass_type(house):
    with pytest.raises(Conflict, match="pass type identifier"):
        create(pass_type_identifier="pass.example.luna")


def test_an_invitation_belongs_to_one_restaurant(house):
    sova = create()
    with database.transaction() as session, pytest.raises(Conflict, match="luna-table"):
        programs.add_channel(session, sova, "luna-table", "Table")
    with database.reading() as session:
        assert programs.channel_by_code(session, "luna-table").program_id == "luna"


@pytest.mark.parametrize("code", ["", "Table", "a b", "a/b", "a" * 41, "стіл"])
def test_an_invitation_code_fits_into_a_link(house, code):
    with database.transaction() as session, pytest.raises(Malformed):
        programs.add_channel(session, house.program, code, "Table")


def test_what_is_not_there_is_not_found(house):
    with database.reading() as session:
        with pytest.raises(NotFound):
            programs.get(session, "nobody")
        with pytest.raises(NotFound):
            programs.channel_by_code(session, "nobody")
        assert programs.venues(session, "nobody") == []
        assert programs.first_channel(session, "nobody") is None


def test_restaurants_are_listed_by_name_with_their_own_venues(house):
    open_house("sova")
    with database.reading() as session:
        assert [program.id for program in programs.every(session)] == ["sova", "luna"]
        for name in ("luna", "sova"):
            assert [venue.program_id for venue in programs.venues(session, name)] == [name]
