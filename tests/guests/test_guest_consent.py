"""A guest and the proof of what they agreed to."""

import hashlib

import pytest
from sqlmodel import select

from tests.cast import join_guest
from walletpass import database, guests
from walletpass.errors import Malformed, NotFound
from walletpass.guests import Consent, ConsentGiven, Guest


def everyone():
    with database.reading() as session:
        return session.exec(select(Guest).order_by(Guest.id)).all(), session.exec(select(Consent).order_by(Consent.id)).all()


def test_a_guest_comes_with_the_proof_of_consent(house):
    text = "Я погоджуюся, що Trattoria Luna зберігає моє ім'я."
    with database.transaction() as session:
        bea = guests.register(
            session,
            house.program,
            name="Беа",
            phone="0151 5550001",
            language="uk",
            consent=ConsentGiven("loyalty card", "2026-11", "uk", text),
            channel_code="luna-table",
        )
    found, proofs = everyone()
    assert [(guest.name, guest.phone, guest.language) for guest in found if guest.id == bea.id] == [("Беа", "+491515550001", "uk")]
    (proof,) = [proof for proof in proofs if proof.guest_id == bea.id]
    assert (proof.purpose, proof.version, proof.language) == ("loyalty card", "2026-11", "uk")
    assert proof.text_hash == hashlib.sha256(text.encode()).hexdigest()
    assert proof.given_at.utcoffset().total_seconds() == 0


def test_the_same_number_is_a_new_guest_every_time(house):
    with database.transaction() as session:
        ids = {join_guest(session, house.program, "Ana", "+49 151 5550001").id for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(("name", "phone"), [("", "+49 151 5550001"), ("Ana", "110"), ("A" * 81, "+49 151 5550001")])
def test_a_guest_without_a_name_or_a_number_is_not_kept(house, name, phone):
    before = everyone()
    with pytest.raises(Malformed), database.transaction() as session:
        join_guest(session, house.program, name, phone)
    assert len(everyone()[0]) == len(before[0])
    assert len(everyone()[1]) == len(before[1])


def test_a_guest_of_another_restaurant_is_not_known(house):
    with database.reading() as session, pytest.raises(NotFound):
        guests.get(session, "sova", house.ana.guest_id)


def test_a_guest_of_ours_is_found(house):
    with database.reading() as session:
        assert guests.get(session, "luna", house.ana.guest_id).name == "Ana"
