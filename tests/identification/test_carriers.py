"""Rings, stickers, coins, plastic cards, and the names that apps and face readers have for people."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import select

from tests.api.till import everything
from tests.cast import issue_card, open_house
from tests.identification.cast import bind, code_of, identify
from walletpass import config, database, identification
from walletpass.errors import Malformed, NotOurCode, TokenTaken
from walletpass.guests import Consent, ConsentGiven
from walletpass.identification import BoundToken, Strength, carriers

CHIP, PLASTIC = "04:A2:24:B2:C1:5E:80", "6301123412341234"
CONSENT = ConsentGiven("", "2026-11", "en", "I agree that the reader at the door knows my face.")


@pytest.fixture
def friend(house):
    with database.transaction() as session:
        return issue_card(session, house.program, "Boris", "+49 151 11112222")


def unbind(house, held):
    with database.transaction() as session:
        return identification.unbind(session, house.id, held.id)


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("nfc", CHIP, ["04A224B2C15E80", "04a224b2c15e80", "04-A2-24-B2-C1-5E-80", "04Ф224И2С15У80"]),
        ("ring", "0432A5FA6F6180", ["0432a5fa6f6180"]),
        ("keyring", "KR-000017", ["KR-000017", " KR-000017\n"]),
        ("wristband", "pulsera:Zq9", ["pulsera:Zq9"]),
        ("coin", "COIN-12345678", ["COIN-12345678", "]C1COIN-12345678"]),
        (
            "stripe",
            f";{PLASTIC}=99121010000000000000?",
            [PLASTIC, f";{PLASTIC}=2512?", f"ж{PLASTIC}=99121010000000000000,", f"]C1{PLASTIC}"],
        ),
        ("other", "https-like but not", ["https-like but not"]),
    ],
)
def test_a_token_opens_the_card_until_it_is_unbound(house, kind, text, read):
    held = bind(house.ana, text, kind, label="blue")
    for one in read:
        seen = identify(house, one)
        assert (seen.card.id, seen.strength) == (house.ana.id, Strength.SHOWN)
        assert seen.way == ("stripe" if one.startswith((";", "ж")) else "token")
    unbind(house, held)
    for one in read:
        with pytest.raises(NotOurCode):
            identify(house, one)
    bind(house.ana, text, kind)


def test_the_token_itself_is_kept_nowhere(house):
    bind(house.ana, CHIP)
    bind(house.ana, PLASTIC, "stripe")
    rows = str(everything()).upper()
    assert "04A224B2C15E80" not in rows
    assert CHIP not in rows
    assert PLASTIC not in rows


def test_binding_twice_changes_nothing_and_another_guest_is_refused(house, friend):
    held = bind(house.ana, CHIP)
    assert bind(house.ana, CHIP.lower()).id == held.id
    with pytest.raises(TokenTaken):
        bind(friend, CHIP)
    unbind(house, held)
    assert bind(friend, CHIP).card_id == friend.id
    assert identify(house, CHIP).card.id == friend.id
    with database.reading() as session:
        assert [one.kind for one in identification.bound(session, friend)] == ["nfc"]
        assert identification.bound(session, house.ana) == []


def test_our_own_codes_bank_cards_and_addresses_are_no_tokens(house):
    before = everything()
    for text in (
        code_of(house.ana),
        house.ana.number,
        "4000001234567899",
        ";5555555555554444=2512?",
        "https://a.example",
        "abc",
        "",
        "x" * 201,
    ):
        with pytest.raises(Malformed):
            bind(house.ana, text, "other")
    assert everything() == before


def test_a_match_of_a_face_wants_the_guests_own_consent(house):
    with pytest.raises(Malformed, match="consent"):
        bind(house.ana, "p-81723", "match")
    bind(house.ana, "p-81723", "match", consent=CONSENT)
    seen = identify(house, "match:p-81723")
    assert (seen.card.id, seen.way, seen.strength) == (house.ana.id, "match", Strength.SHOWN)
    with database.reading() as session:
        given = [row for row in session.exec(select(Consent)) if row.purpose == carriers.CONSENT]
    assert [(row.guest_id, row.version) for row in given] == [(house.ana.guest_id, "2026-11")]


def test_the_name_of_a_face_or_of_an_apps_member_is_no_token_at_the_till(house, friend):
    bind(house.ana, "p-81723", "match", consent=CONSENT)
    bind(house.ana, "member-1", "app")
    for text in ("p-81723", "member-1", "match:member-1", "MATCH:p-81723"):
        with pytest.raises(NotOurCode):
            identify(house, text)
    # Nor is one the other's, nor are capital letters small ones.
    assert bind(friend, "p-81723", "app").card_id == friend.id
    assert bind(friend, "Member-1", "app").card_id == friend.id


def test_tokens_are_found_after_a_new_key_came_into_the_ring(house):
    bind(house.ana, CHIP)
    before = config.current()
    config.use(type(before)(**{**before.__dict__, "secret_keys": f"2:{'7f' * 32},{before.secret_keys}"}))
    assert identify(house, CHIP).card.id == house.ana.id
    with database.transaction() as session, pytest.raises(TokenTaken):
        identification.bind(session, issue_card(session, house.program, "Boris"), CHIP, "nfc")


def at_once(house, guests):
    """Each of the guests binds the same ring at one moment: what came of it, and how many rows hold it."""
    start = Barrier(len(guests))

    def till(card):
        def work():
            return bind(card, CHIP).card_id

        start.wait(30)
        try:
            return database.retrying(work)
        except TokenTaken:
            return "taken"

    with ThreadPoolExecutor(len(guests)) as pool:
        told = list(pool.map(till, guests))
    with database.reading() as session:
        rows = session.exec(select(BoundToken)).all()
    return told, len(rows)


def many(house):
    with database.transaction() as session:
        return [issue_card(session, house.program, f"Guest {number}") for number in range(6)]


def test_of_six_guests_who_bind_one_ring_at_once_one_has_it(house):
    told, rows = at_once(house, many(house))
    assert (told.count("taken"), rows) == (5, 1)


def test_a_look_before_binding_alone_would_give_it_to_several(postgresql, monkeypatch):
    """The negative control: with the index gone, those who looked at one moment all have it."""
    house = open_house()
    crowd = many(house)
    meeting = Barrier(6)
    look = carriers._bound

    def look_together(*args):
        found = look(*args)
        if found is None:
            meeting.wait(30)
        return found

    with database.transaction() as session:
        session.connection().exec_driver_sql("DROP INDEX uq_bound_token")
    try:
        monkeypatch.setattr(carriers, "_bound", look_together)
        told, rows = at_once(house, crowd)
    finally:
        with database.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM bound_token")
            session.connection().exec_driver_sql(
                "CREATE UNIQUE INDEX uq_bound_token ON bound_token (program_id, token_hash) WHERE unbound_at IS NULL"
            )
    assert (told.count("taken"), rows) == (0, 6)
