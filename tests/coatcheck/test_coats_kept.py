"""What stays over night: told once in the morning, fetched, disposed of; and a guest who is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from tests.cast import issue_card
from tests.coatcheck.counter import Counter
from tests.guestbook.test_guest_erasure import dump
from walletpass import cards, coatcheck, database, guestbook, guests, messages, programs
from walletpass.coatcheck import Hand, How, Morning, Photo, Wanted
from walletpass.errors import Conflict, Malformed
from walletpass.messages import Message

# Half past midnight in Berlin.
NIGHT = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
NINE, TEN = NIGHT.replace(hour=8) + timedelta(days=1), NIGHT.replace(hour=9, minute=1) + timedelta(days=1)


@pytest.fixture
def counter(house):
    return Counter(house)


def at(moment):
    return time_machine.travel(moment, tick=False)


def letters(house):
    with database.reading() as session:
        found = session.exec(select(Message).where(col(Message.program_id) == house.id)).all()
        return [(one.recipient, one.kind, messages.box.words(one)) for one in found]


def kept_at_night(counter, **whose):
    with at(NIGHT):
        ticket = counter.check_in(**whose)
        counter.keep(ticket, where="the office")
    return ticket


def test_the_owner_is_told_once_after_ten_in_the_morning(counter, house):
    kept_at_night(counter)
    for moment, told in ((NIGHT + timedelta(hours=1), []), (NINE, []), (TEN, ["coat_kept"]), (TEN + timedelta(hours=1), ["coat_kept"])):
        with at(moment):
            Morning().round()
            assert [kind for _, kind, _ in letters(house)] == told, moment
    ((phone, _, said),) = letters(house)
    assert (phone, "Trattoria Luna" in said, counter.shown()) == ("+4915123456789", True, "Kept for you: the office")


def test_what_is_kept_this_evening_is_told_tomorrow(counter, house):
    with at(TEN):
        ticket = counter.check_in()
        counter.keep(ticket)
        Morning().round()
    assert letters(house) == []
    with at(TEN + timedelta(days=1)):
        Morning().round()
    assert len(letters(house)) == 1


def test_a_coat_that_was_fetched_before_ten_is_told_to_nobody(counter, house):
    ticket = kept_at_night(counter)
    with at(NINE):
        counter.hand_back(ticket)
    with at(TEN):
        Morning().round()
    assert (letters(house), counter.shown()) == ([], None)


def test_nobody_can_be_told_of_a_coat_without_a_card(counter, house):
    kept_at_night(counter, code="4821")
    with at(TEN):
        Morning().round()
    assert letters(house) == []


def test_a_guest_without_a_phone_number_finds_it_on_the_card(counter, house):
    with database.transaction() as session:
        guest = guests.get(session, house.id, house.ana.guest_id)
        guest.phone, guest.language = "", "uk"
        session.add(guest)
    kept_at_night(counter)
    with at(TEN):
        Morning().round()
    assert (letters(house), counter.shown()) == ([], "Зберігаємо для вас: the office")


def test_a_kept_coat_is_fetched_with_the_same_card_and_a_new_one_hangs_beside_it(counter, house):
    ticket = kept_at_night(counter)
    assert counter.check_in("coat") == ticket
    assert (counter.states(ticket), counter.shown()) == (["kept", "hung"], "A1")
    counter.hand_back(ticket)
    assert counter.ticket(ticket).state == "closed"


def test_it_is_on_the_list_for_disposal_after_its_days(counter, house):
    ticket = kept_at_night(counter)
    for days, due in ((29, 0), (31, 1)):
        with at(NIGHT + timedelta(days=days)), database.reading() as session:
            assert len(coatcheck.due_for_disposal(session, programs.get(session, house.id), counter.room)) == due
            assert len(coatcheck.kept(session, counter.room)) == 1
    with at(NIGHT + timedelta(days=3)):
        with pytest.raises(Conflict):
            counter.on(coatcheck.dispose, ticket)
        counter.on(coatcheck.dispose, ticket, early=True)
    assert (counter.states(ticket), counter.ticket(ticket).state) == (["disposed"], "closed")


def test_what_hangs_is_not_disposed_of_and_what_is_kept_not_lost(counter):
    ticket = counter.check_in("coat", "coat")
    counter.keep(ticket, [2])
    for verb, number in ((coatcheck.dispose, 1), (coatcheck.lose, 2), (coatcheck.keep, 2)):
        with pytest.raises(Conflict):
            counter.on(verb, ticket, [number], *(("office",) if verb is coatcheck.keep else ()))
    with pytest.raises(Malformed):
        counter.keep(ticket, [1], where="  ")


def test_a_pulled_coat_goes_home_over_its_hook(counter):
    ticket = counter.check_in()
    counter.on(coatcheck.pull, ticket)
    assert counter.taken() == {"A1": 1}
    counter.hand_back(ticket)
    assert [(step.was, step.became) for step in counter.steps(ticket)] == [
        ("", "hung"), ("hung", "pulled"), ("pulled", "hung"), ("hung", "returned"),
    ]  # fmt: skip


def test_what_was_pulled_stays_where_it_belongs_when_hooks_are_moved(counter):
    ticket = counter.check_in("A1")
    counter.on(coatcheck.pull, ticket)
    with pytest.raises(Conflict, match="Hang it again first"):
        counter.move(("A1", "A2"))


def test_a_forgotten_guest_leaves_a_coat_and_no_words_about_it(counter, house):
    with database.transaction() as session:
        bea = issue_card(session, house.program, "Bea", phone="+4915199887766")
    ticket = counter.check_in(Wanted("coat", description="Zzcanary fur"), "coat", card=bea, description="Zzcanary tall lady")
    override = Hand("nadia", "counter", "till", How.OVERRIDE, reason="Zzcanary stolen phone", approved_by="clara")
    with database.transaction() as session:
        session.add(Photo(program_id=house.id, ticket_id=ticket, number=1, jpeg=b"Zzcanary picture"))
        other = counter.ticket(ticket, session)
    second = Counter(house).check_in(card=bea)
    with database.transaction() as session:
        coatcheck.release(session, counter.ticket(second, session), "Zzcanary black coat", override, phone="+4915199887766")
    assert "Zzcanary" in dump()
    with database.transaction() as session:
        guestbook.erase(session, house.id, bea.guest_id)
    assert "Zzcanary" not in dump()
    assert (counter.taken(), counter.states(other.id)) == ({"A1": 1, "A2": 1}, ["hung", "hung"])
    counter.hand_back(ticket)
    with database.reading() as session:
        assert cards.get(session, house.id, bea.id).shown == {}
