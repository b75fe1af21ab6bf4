"""What is known of the guests on a board: a few statements for all of them, however many they are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from walletpass import checks, coatcheck, staff, surveys
from walletpass.cards import Card
from walletpass.checks import Habit
from walletpass.coatcheck import CoatItem
from walletpass.guests import Guest
from walletpass.hostess.families import Family, families_of, survivors
from walletpass.hostess.models import GuestNote, Manner, Said
from walletpass.programs import Program
from walletpass.surveys import Review

Fact = TypeVar("Fact", Manner, Said, GuestNote)


@dataclass(frozen=True)
class Note:
    id: str
    text: str
    everywhere: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class Person:
    """A guest as whoever meets them should know them. ``card_id`` is empty where no card of theirs is good; ``usual_waiter`` is a name.

    ``coats`` are their things in the house; ``reviews`` were not thanked for; ``said`` is (kind, about) of what was said to them.
    """

    guest: Guest
    card_id: str = ""
    say_name: str = ""
    place: str = ""
    visits: int = 0
    last_visit: datetime | None = None
    regular: bool = False
    vip: bool = False
    usual_waiter: str = ""
    usual_waiter_here: bool = False
    notes: Sequence[Note] = ()
    coats: Sequence[CoatItem] = ()
    reviews: Sequence[Review] = ()
    said: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def first_visit(self) -> bool:
        return not self.visits


@dataclass(frozen=True)
class People:
    """Guests by their ids, and by any card that is theirs, of old ones too."""

    by_guest: Mapping[str, Person]
    by_card: Mapping[str, Person]

    def find(self, card_id: str, guest_id: str = "") -> Person | None:
        return self.by_card.get(card_id) or self.by_guest.get(guest_id)


def people(session: Session, program: Program, venue_id: str, *, card_ids: Iterable[str], guest_ids: Iterable[str] = ()) -> People:
    """Whoever is meant by these cards and guests, as they are known today."""
    cards = survivors(session, Card, program.id, card_ids)
    guests = survivors(session, Guest, program.id, [*(card.owner_id for card in cards.values()), *guest_ids])
    families = families_of(session, program.id, {guest.id for guest in guests.values()})
    facts = _facts(session, program, venue_id, families)
    known = {guest.id: _person(program, guest, families, facts) for guest in guests.values() if guest.erased_at is None}
    by_guest = {asked: known[guest.id] for asked, guest in guests.items() if guest.id in known}
    return People(by_guest, {asked: by_guest[card.owner_id] for asked, card in cards.items() if card.owner_id in by_guest})


@dataclass(frozen=True)
class _Facts:
    """By card: habits, waiters (as the checks name them), coats, reviews. By guest: the rest. ``team`` is names by id, ``here`` who is signed in."""

    habits: Mapping[str, Habit]
    waiters: Mapping[str, str]
    team: Mapping[str, str]
    here: frozenset[str]
    coats: Mapping[str, Sequence[CoatItem]]
    reviews: Sequence[Review]
    manners: Mapping[str, Sequence[Manner]]
    said: Mapping[str, Sequence[Said]]
    notes: Mapping[str, Sequence[GuestNote]]


def _facts(session: Session, program: Program, venue_id: str, families: Mapping[str, Family]) -> _Facts:
    cards = [family.card for family in families.values() if family.card is not None]
    ours = col(Habit.program_id) == program.id, col(Habit.card_id).in_([card.id for card in cards])
    here = staff.on_shift(session, program.id)
    guest_ids = [one for family in families.values() for one in family.guest_ids]
    card_ids = [one for family in families.values() for one in family.card_ids]
    notes = _by_guest(session, GuestNote, program.id, guest_ids)
    return _Facts(
        {habit.card_id: habit for habit in session.exec(select(Habit).where(*ours))},
        checks.usual_waiters(session, program.id, cards),
        {person.id: person.name for person in staff.team(session, program.id)},
        frozenset({*(person.id for person in here), *(person.name for person in here)}),
        coatcheck.here_of(session, program.id, card_ids),
        surveys.unthanked_of(session, program.id, card_ids),
        _by_guest(session, Manner, program.id, guest_ids),
        _by_guest(session, Said, program.id, guest_ids),
        {guest_id: [note for note in some if note.venue_id in ("", venue_id)] for guest_id, some in notes.items()},
    )


def _person(program: Program, guest: Guest, families: Mapping[str, Family], facts: _Facts) -> Person:
    family = families[guest.id]
    card_id = family.card.id if family.card else ""
    habit, waiter = facts.habits.get(card_id, Habit(program_id=program.id, card_id=card_id)), facts.waiters.get(card_id, "")
    manner = next(_of(facts.manners, family), Manner(program_id=program.id, guest_id=guest.id))
    return Person(
        guest=guest,
        card_id=card_id,
        say_name=manner.say_name,
        place=manner.place,
        visits=habit.visits,
        last_visit=habit.last_visit,
        regular=habit.visits >= program.regular_visits,
        vip=_is_vip(program, habit) if manner.vip is None else manner.vip,
        usual_waiter=facts.team.get(waiter, waiter),
        usual_waiter_here=bool(waiter) and waiter in facts.here,
        notes=[_note(note, facts.team) for note in sorted(_of(facts.notes, family), key=lambda note: (note.at, note.id))],
        coats=[thing for one in sorted(family.card_ids) for thing in facts.coats.get(one, ())],
        reviews=[review for review in facts.reviews if review.card_id in family.card_ids],
        said=frozenset((one.kind, one.about) for one in _of(facts.said, family)),
    )


def _note(note: GuestNote, team: Mapping[str, str]) -> Note:
    return Note(note.id, note.text, not note.venue_id, team.get(note.by, ""), note.at)


def _is_vip(program: Program, habit: Habit) -> bool:
    return 0 < program.vip_visits <= habit.visits or 0 < program.vip_spent <= habit.spent


def _of(facts: Mapping[str, Sequence[Fact]], family: Family) -> Iterator[Fact]:
    """What is kept under this guest, and then under those who turned out to be the same."""
    return (one for guest_id in family.guest_ids for one in facts.get(guest_id, ()))


def _by_guest(session: Session, kind: type[Fact], program_id: str, guest_ids: Collection[str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for row in session.exec(select(kind).where(col(kind.program_id) == program_id, col(kind.guest_id).in_(guest_ids))):
        found.setdefault(row.guest_id, []).append(row)
    return found
