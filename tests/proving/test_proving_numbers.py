"""The same number again: the old card comes back to whoever types the code, and the welcome comes once."""

from contextlib import suppress

import pytest
from sqlmodel import select

from tests.cast import CONSENT, House, issue_card, open_house
from tests.codes.phonebook import another, at_once, code_of, reachable
from tests.web.test_join_page import statements
from walletpass import cards, codes, database, guests, ledger, proving
from walletpass.cards import Card
from walletpass.codes import sending
from walletpass.database import transaction
from walletpass.errors import Conflict, NotOurCode, TooMany
from walletpass.guests import Guest
from walletpass.ledger import Bill, Bonus, Origin, verify
from walletpass.proving import points

BEA = "+491515550001"


@pytest.fixture
def house(db):
    """Luna with 50 points for a proven number, and a gateway."""
    with reachable():
        yield open_house(welcome_points=50)


def join(house: House, name: str = "Bea Costa", phone: str = BEA) -> Card:
    """A join from the web: a new card, and a code on its way."""
    with transaction() as session:
        card = issue_card(session, house.program, name, phone)
        with suppress(TooMany):
            proving.ask(session, house.program, card, "en")
        return card


def prove(house: House, card: Card, code: str = "") -> Card | None:
    with transaction() as session:
        card = cards.get(session, house.id, card.id)
        return proving.prove(session, house.program, card, code or code_of(house.program, "join", card.id))


def earn(house: House, card: Card, amount: int = 5000, check: str = "1") -> None:
    with transaction() as session:
        card = cards.get(session, house.id, card.id)
        ledger.earn(session, house.program, card, Bill.of(check, amount), Origin("api"))
        cards.show(session, card, points=ledger.balance(session, house.id, card.id).points)


def guest_of(card: Card) -> Guest:
    with database.reading() as session:
        return guests.get(session, card.program_id, card.guest_id)


def balance(card: Card) -> int:
    with database.reading() as session:
        return ledger.balance(session, card.program_id, card.id).points


def fresh(card: Card) -> Card:
    with database.reading() as session:
        return cards.get(session, card.program_id, card.id)


def test_a_number_that_nobody_had_is_proved_and_welcomed(house):
    card = join(house)
    assert guest_of(card).verified_at is None
    assert prove(house, card).id == card.id
    assert guest_of(card).verified_at is not None
    assert (balance(card), fresh(card).shown["points"]) == (50, 50)


def test_a_wrong_code_changes_nothing(house):
    card = join(house)
    code = code_of(house.program, "join", card.id)
    assert prove(house, card, another(code)) is None
    assert guest_of(card).verified_at is None
    assert balance(card) == 0


def test_the_same_number_again_keeps_an_empty_card_until_the_code_is_typed(house):
    old = join(house)
    prove(house, old)
    earn(house, old)
    new = join(house, "Bea")
    assert balance(new) == 0
    assert fresh(new).merged_into == ""
    assert prove(house, new).id == old.id
    assert fresh(new).merged_into == old.id
    assert (guest_of(new).merged_into, guest_of(old).name) == (old.guest_id, "Bea Costa")
    assert balance(old) == 550


def test_what_stood_on_the_number_unproved_comes_to_who_proves_it(house):
    old = join(house)
    earn(house, old)
    new = join(house)
    assert prove(house, new).id == new.id
    assert guest_of(new).verified_at is not None
    assert (fresh(old).merged_into, guest_of(old).merged_into) == (new.id, new.guest_id)
    assert balance(new) == 550


def test_who_typed_another_s_number_first_opens_nothing_of_theirs(house):
    """Mallory joins with Bea's number and waits for Bea to prove it."""
    mallory = join(house, "Mallory")
    bea = join(house)
    earn(house, bea, check="0")
    prove(house, bea)
    earn(house, bea)
    assert fresh(mallory).shown == {}, "who holds that card is told nothing of Bea's points"
    for text in (mallory.number, cards.card_code("luna", mallory.key_id, mallory.token), mallory.id):
        with database.reading() as session, pytest.raises(NotOurCode):
            cards.find(session, "luna", text)
    with database.reading() as session:
        assert proving.current(session, cards.get(session, "luna", mallory.id)).id == mallory.id
    assert fresh(mallory).state == "voided"
    assert fresh(bea).shown["holder"] == "Bea Costa"


def test_a_newer_guest_who_only_says_so_takes_nothing(house):
    old = join(house)
    assert prove(house, old).id == old.id
    new = join(house, "Mallory")
    assert fresh(new).merged_into == ""
    assert balance(old) == 50


def test_a_proven_number_stays_with_its_guest_whoever_is_older(house):
    older, proven = join(house), join(house)
    with transaction() as session:
        guest = session.merge(guest_of(proven))
        assert guests.verify(session, guest)
    assert prove(house, older).id == proven.id
    assert guest_of(older).merged_into == proven.guest_id


def test_a_number_from_the_till_alone_gets_its_name(house):
    with transaction() as session:
        guest = Guest(program_id="luna", name="", phone=BEA)
        session.add(guest)
        session.flush()
        known = cards.issue(session, guest)
    earn(house, known)
    kept = prove(house, join(house))
    assert fresh(known).merged_into == kept.id
    assert fresh(kept).shown == {"points": 550, "holder": "Bea Costa"}
    assert guest_of(kept).name == "Bea Costa"


def test_a_known_guest_without_a_good_card_gets_the_new_one(house):
    old = join(house)
    prove(house, old)
    with transaction() as session:
        cards.void(session, cards.get(session, "luna", old.id))
    new = join(house)
    assert prove(house, new).id == new.id
    assert fresh(new).guest_id == old.guest_id


def test_a_code_is_used_up_by_the_proof(house):
    card = join(house)
    code = code_of(house.program, "join", card.id)
    prove(house, card)
    assert prove(house, card, code) is None
    with transaction() as session, pytest.raises(Conflict):
        proving.ask(session, house.program, cards.get(session, "luna", card.id), "en")


def test_a_code_for_the_number_before_proves_not_the_number_after(house):
    card = join(house)
    with transaction() as session:
        session.merge(guest_of(card)).phone = "+491515559999"
    assert prove(house, card) is None


def test_a_number_is_welcomed_once_though_its_guest_was_erased(house):
    first = join(house)
    prove(house, first)
    with transaction() as session:
        guest = session.merge(guest_of(first))
        guest.phone, guest.name, guest.verified_at, guest.erased_at = "", "", None, database.now()
    second = join(house)
    assert prove(house, second).id == second.id
    assert balance(second) == 0


def test_the_ledger_holds_no_number(house):
    card = join(house)
    prove(house, card)
    with database.reading() as session:
        [bonus] = session.exec(select(Bonus)).all()
        assert list(verify(session, "luna")) == []
    assert bonus.subject == points.number_digest("luna", BEA)
    assert BEA[1:] not in bonus.subject


def test_two_restaurants_know_nothing_of_each_other(house):
    sova = open_house("sova")
    theirs = join(sova)
    assert prove(sova, theirs).id == theirs.id
    ours = join(house)
    assert prove(house, ours).id == ours.id
    assert points.number_digest("luna", BEA) != points.number_digest("sova", BEA)


def test_a_page_asks_only_where_there_is_something_to_prove(house):
    card = join(house)

    def standing():
        with database.reading() as session:
            return proving.standing(session, cards.get(session, "luna", card.id))

    assert (standing().phone, standing().verified, standing().waiting.tries_left) == ("+49 ··· 001", False, 3)
    with reachable(sms_url=""):
        assert standing() is None
    prove(house, card)
    assert (standing().verified, standing().waiting) == (True, None)


def test_a_hundred_proofs_of_one_number_at_once_make_one_guest_and_one_welcome(house, monkeypatch):
    monkeypatch.setattr(sending, "LIMITS", ((1_000, 600),))
    joined = [join(house, f"Bea {number}") for number in range(100)]
    typed = {card.id: code_of(house.program, "join", card.id) for card in joined}
    kept = at_once(100, lambda number: prove(house, joined[number], typed[joined[number].id]))
    assert len({card.id for card in kept}) == 1
    home = kept[0]
    with database.reading() as session:
        everybody = session.exec(select(Guest).where(Guest.phone == BEA)).all()
        assert len(session.exec(select(Bonus)).all()) == 1
        assert list(verify(session, "luna")) == []
    assert [guest.id for guest in everybody if guest.verified_at] == [home.guest_id]
    assert sum(guest.merged_into == home.guest_id for guest in everybody) == 99
    assert balance(home) == 50


def test_the_same_work_is_done_for_a_known_number_and_an_unknown_one(house):
    """T13: what is asked of the database, and what is answered, up to the typed code."""
    prove(house, join(house))
    with transaction() as session:
        known = issue_card(session, house.program, "Bea", BEA)
        unknown = issue_card(session, house.program, "Cara", "+491515550002")

    def ask(card):
        with transaction() as session:
            return proving.ask(session, house.program, cards.get(session, "luna", card.id), "en")

    (_, first), (_, second) = statements(lambda: ask(known)), statements(lambda: ask(unknown))
    assert first == second
    wrong = [statements(lambda card=card: prove(house, card, "x")) for card in (known, unknown)]
    assert wrong[0] == wrong[1]
    assert wrong[0][0] is None


def test_codes_are_of_the_join_alone(house):
    card = join(house)
    with transaction() as session:
        assert not codes.check(session, house.program, "redeem", card.id, code_of(house.program, "join", card.id))
    assert CONSENT.purpose == "loyalty card"
