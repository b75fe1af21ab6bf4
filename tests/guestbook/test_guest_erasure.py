"""A guest is forgotten: nothing of them is left in any table, and every sum is what it was."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel, col, func, select

from tests.cast import CONSENT, House, make_app, open_house
from tests.guestbook.files import admitted
from tests.ledger.book import TILL, adjust, balance, earn, faults, hold, redeem, undo
from walletpass import cards, database, delivery, guestbook, guests, ledger
from walletpass.cards import Card
from walletpass.errors import NotFound, NotOurCode, WalletpassError
from walletpass.guestbook import Application, OldNumber
from walletpass.guests import Consent, Guest
from walletpass.ledger import Entry, Origin

NAME, PHONE, MAIL, CITY, REASON, OLD = (
    "Zzoryana Kvitka",
    "+4915198765432",
    "zzoryana@kvitka.example",
    "Zzhytomyr",
    "Zzoryana was angry",
    "ZZ77001",
)
CANARIES = ("Zzoryana", "Kvitka", "98765432", "kvitka.example", "Zzhytomyr", OLD, "1988")


def dump():
    """Every column of every row of every table."""
    with database.reading() as session:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}" for table in SQLModel.metadata.sorted_tables for row in session.execute(select(table))
        )


def said(words):
    """Which of the words stand in any table. A year is a number of its own: codes and moments have all digits in them."""
    everything = dump()
    return sorted(word for word in words if re.search(rf"(?<![\w.-]){word}(?!\w)" if len(word) == 4 else re.escape(word), everything))


def told():
    return said(CANARIES)


def zoryana(house: House) -> guestbook.Member:
    """Known by all that a guest can be known by."""
    member = admitted(house, Application(PHONE, NAME, MAIL, "1988-02-29", CITY, "uk", "web", consents=[CONSENT]))
    earn(house, 50_000, "Z1", card=member.card)
    adjust(house, 5, card=member.card, origin=Origin("till", staff_id=house.clara.id, reason=REASON))
    with database.transaction() as session:
        session.add(OldNumber(program_id=house.id, number=OLD, card_id=member.card.id))
        card = cards.get(session, house.id, member.card.id)
        cards.put_on(session, card, "apple")
        cards.show(session, card, points=505, message=f"{NAME}, we miss you", coat="A17")
        guest = guests.get(session, house.id, member.guest.id)
        guest.verified_at, guest.pin_hash = database.now(), "Zzoryana's PIN"
        session.add(guest)
    return member


def erase(house: House, guest_id: str) -> int:
    with database.transaction() as session:
        return guestbook.erase(session, house.id, guest_id)


def sums(house: House) -> tuple[object, ...]:
    with database.reading() as session:
        ours = col(Entry.program_id) == house.id
        by_contra = session.exec(
            select(Entry.contra, func.sum(Entry.delta)).where(ours).group_by(Entry.contra).order_by(Entry.contra)
        ).all()
        ids = session.exec(select(Card.id).order_by(Card.id)).all()
        return by_contra, [ledger.balance(session, house.id, card_id) for card_id in ids]


def test_before_it_is_forgotten_every_trace_is_there(house):
    zoryana(house)
    assert told() == sorted(CANARIES)


def test_nothing_of_an_erased_guest_is_left_in_any_table(house):
    member = zoryana(house)
    before = sums(house)
    assert erase(house, member.guest.id) == 1
    assert told() == []
    assert sums(house) == before
    assert faults(house) == []
    with database.reading() as session:
        card = cards.get(session, house.id, member.card.id)
        assert card.shown == {}
        assert card.state == "voided"
        assert session.get_one(Guest, (house.id, member.guest.id)).erased_at is not None
        with pytest.raises(NotOurCode):
            cards.find(session, house.id, card.number)


def test_the_phones_are_told_that_the_card_has_ended(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    with database.transaction() as session:
        (notice,) = [one for one in delivery.claim(session, "apple", "w", 10) if one.card_id == member.card.id]
        assert notice.version == cards.get(session, house.id, member.card.id).version
        face = cards.face(session, cards.get(session, house.id, member.card.id))
        assert face.voided
        assert dict(face.values) == {}


def test_the_proof_of_consent_outlives_the_guest(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    with database.reading() as session:
        (proof,) = guests.consents(session, house.id, member.guest.id)
        assert (proof.purpose, proof.version, proof.text_hash) == ("loyalty card", "test", CONSENT.text_hash)


def test_a_guest_is_forgotten_once(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    for unknown in (member.guest.id, "nobody"):
        with pytest.raises(NotFound):
            erase(house, unknown)
    with pytest.raises(NotFound), database.transaction() as session:
        guestbook.erase(session, "sova", house.ana.guest_id)


def test_guests_who_turned_out_to_be_the_same_are_forgotten_together(house):
    first, second, third = (admitted(house, Application(f"+49151987654{n}", f"Zzoryana {n}")) for n in (10, 11, 12))
    with database.transaction() as session:
        for one, into in ((second, first), (third, second)):
            guest = guests.get(session, house.id, one.guest.id)
            guest.merged_into = into.guest.id
            session.add(guest)
    assert erase(house, first.guest.id) == 3
    assert told() == []


def test_the_same_number_is_a_new_guest_after_that(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    again = admitted(house, Application(PHONE, NAME))
    assert again.created
    assert again.guest.id != member.guest.id
    assert balance(house, again.card).points == 0


def test_nobody_else_is_forgotten(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    with database.reading() as session:
        assert guests.get(session, house.id, house.ana.guest_id).name == "Ana"
        assert cards.get(session, house.id, house.ana.id).state == "active"


def test_an_erased_guest_is_found_in_no_way(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    with database.reading() as session:
        assert guests.by_phone(session, house.id, "") == guests.by_phone(session, house.id, PHONE) == []
        assert guests.by_email(session, house.id, MAIL) == []
        assert member.guest.id not in [guest.id for guest in guests.page(session, house.id)]
        assert guests.search(session, house.id, "") is not None
        assert member.guest.id not in [guest.id for guest in guests.search(session, house.id, "")]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE consent SET granted = false", "UPDATE consent SET guest_id = 'x'", "DELETE FROM consent", "UPDATE entry SET delta = 0"],
)
def test_proofs_and_entries_cannot_be_changed_by_hand(house, statement):
    earn(house)
    with pytest.raises(DatabaseError, match="only added to"), database.transaction() as session:
        session.execute(text(statement))


def test_of_an_entry_the_reason_alone_can_be_emptied(house):
    entry = adjust(house, 5)
    with database.transaction() as session:
        ledger.forget(session, house.id, house.ana.id)
    with database.reading() as session:
        assert session.get_one(Entry, (house.id, house.ana.id, entry.seq)).reason == ""
    assert faults(house) == []
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text("UPDATE entry SET reason = 'another'"))


DEEDS = st.lists(
    st.tuples(st.sampled_from(["earn", "redeem", "hold", "undo", "adjust", "erase"]), st.integers(0, 2), st.integers(1, 3_000)), max_size=14
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(DEEDS)
def test_erasing_a_guest_changes_no_sum(sqlite, deeds):
    """Invariant 15, after any history and in the middle of it."""
    program_id = f"p{database.new_id()}"
    house = open_house(program_id)
    members = [admitted(house, Application(f"+4915198765{n}00", f"Guest {n}")) for n in range(3)]
    made: dict[int, list[Entry]] = {0: [], 1: [], 2: []}
    for number, (deed, who, amount) in enumerate([*deeds, ("erase", 0, 1), ("erase", 1, 1)]):
        card = members[who].card
        if deed == "erase":
            before = sums(house)
            try:
                erase(house, members[who].guest.id)
            except NotFound:
                continue
            assert sums(house) == before
            assert faults(house) == []
            continue
        try:
            made[who].append(_done(house, deed, number, amount, card, made[who]))
        except (WalletpassError, IndexError):
            continue


def _done(house, deed, number, amount, card, made):
    match deed:
        case "earn":
            return earn(house, amount, f"C{number}", card=card)
        case "redeem":
            return redeem(house, amount % 50 + 1, f"C{number}", card=card)
        case "hold":
            held = hold(house, amount % 50 + 1, f"C{number}", card=card)
            with database.reading() as session:
                return ledger.entry(session, house.id, f"{held.card_id}-{held.entry_seq}")
        case "undo":
            return undo(house, made[-1])
        case _:
            return adjust(house, amount % 900 + 1, card=card, origin=TILL)


def test_a_till_that_kept_the_number_is_refused(house):
    member = zoryana(house)
    erase(house, member.guest.id)
    with database.reading() as session, pytest.raises(NotOurCode):
        cards.find(session, house.id, member.card.number)


def test_nothing_of_the_guest_is_answered_by_a_key_of_the_api(house):
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    body = {"phone": PHONE, "name": NAME, "email": MAIL, "birthday": "1988-02-29", "city": CITY}
    made = client.post("/api/v1/members", json=body, headers={**bearer, "Idempotency-Key": "m1"})
    assert made.status_code == 201
    gone = client.delete(f"/api/v1/members/{made.json['id']}", headers={**bearer, "Idempotency-Key": "m2"})
    assert gone.json == {"id": made.json["id"], "cards_ended": 1}
    assert told() == []
    assert client.post("/api/v1/members", json=body, headers={**bearer, "Idempotency-Key": "m1"}).status_code == 404
    assert client.delete(f"/api/v1/members/{made.json['id']}", headers={**bearer, "Idempotency-Key": "m2"}).json == gone.json
    assert client.delete(f"/api/v1/members/{made.json['id']}", headers={**bearer, "Idempotency-Key": "m3"}).status_code == 404


def test_nobody_can_try_out_numbers_on_the_digest_of_a_request(house):
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {house.api_key}"}
    client.post("/api/v1/members", json={"phone": PHONE}, headers={**bearer, "Idempotency-Key": "m1"})
    with database.reading() as session:
        kept = session.get_one(ledger.Key, (house.id, "m1"))
    assert kept.fingerprint != ledger.fingerprint("members", {"phone": PHONE})
    assert len(kept.fingerprint) == 64


def test_consent_is_a_row_for_what_was_said_and_one_for_what_was_taken_back(house):
    member = admitted(house, Application(PHONE, NAME, consents=[guests.ConsentGiven("marketing", "1", "uk", "Так", "paper")]))
    with database.transaction() as session:
        assert guests.MARKETING in guests.standing(session, member.guest)
        assert guests.withdraw(session, member.guest, "marketing", "till")
        assert not guests.withdraw(session, member.guest, "marketing", "till")
        assert guests.standing(session, member.guest) == {}
        said = [
            (row.granted, row.channel)
            for row in session.exec(select(Consent).where(Consent.guest_id == member.guest.id).order_by(Consent.given_at))
        ]
    assert said == [(True, "paper"), (False, "till")]
