"""The one sentence: which of the owner's occasions is there first, and was not said before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from walletpass import guests
from walletpass.coatcheck import STANDING, State
from walletpass.database import now
from walletpass.hostess import words
from walletpass.hostess.models import Arrival, Booking
from walletpass.hostess.people import Person
from walletpass.hostess.rules import Occasion
from walletpass.programs import Program


@dataclass(frozen=True)
class Sentence:
    """``kind`` and ``about`` are what it is marked done by; ``text`` is what to say."""

    kind: str
    about: str
    text: str


@dataclass(frozen=True)
class Meeting:
    """A guest who is here, at this moment by the restaurant's clock; ``paid``: about to leave."""

    person: Person
    arrival: Arrival
    booking: Booking | None
    paid: bool
    today: date
    language: str
    zone: ZoneInfo

    @classmethod
    def now(
        cls, program: Program, person: Person, arrival: Arrival, booking: Booking | None, *, paid: bool = False, language: str = ""
    ) -> "Meeting":
        zone = ZoneInfo(program.timezone)
        return cls(person, arrival, booking, paid, now().astimezone(zone).date(), language or program.language, zone)

    @property
    def first_name(self) -> str:
        return next(iter(self.person.guest.name.split()), "")

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


# What is the occasion about, how is it worded, and with which values.
Found = tuple[str, str, Mapping[str, str]]


def sentence(occasions: Sequence[Occasion], meeting: Meeting) -> Sentence | None:
    """What to say to this guest now; None where nothing is left to say."""
    for occasion in occasions:
        for about, form, values in OCCASIONS[occasion.kind](meeting, occasion.days) if occasion.active else ():
            if (occasion.kind, about) not in meeting.person.said:
                text = words.say(form, occasion.kind, occasion.words, meeting.language, {"name": meeting.first_name, **values})
                return Sentence(occasion.kind, about, text)
    return None


def _review(meeting: Meeting, _: int) -> Iterator[Found]:
    for review in meeting.person.reviews:
        yield review.id, "review", {"date": words.day(meeting.day_of(review.at), meeting.language, meeting.today), "site": review.site}


def _absence(meeting: Meeting, days: int) -> Iterator[Found]:
    last = meeting.person.last_visit
    if last is not None and (away := (meeting.today - meeting.day_of(last)).days) >= days > 0:
        day = meeting.day_of(last)
        yield str(day), "absence", {"month": words.month(day, meeting.language, meeting.today), "days": str(away)}


def _coat_here(meeting: Meeting, _: int) -> Iterator[Found]:
    """To who is about to leave: the card shows the hook all evening."""
    hung = [thing for thing in meeting.person.coats if thing.state in STANDING]
    if hung and meeting.paid:
        yield meeting.arrival.id, "coat_here", {"hook": ", ".join(thing.hook_label for thing in hung)}


def _coat_kept(meeting: Meeting, _: int) -> Iterator[Found]:
    for thing in meeting.person.coats:
        if thing.state == State.KEPT:
            yield thing.ticket_id, "coat_kept", {"where": thing.kept_where}


def _birthday(meeting: Meeting, days: int) -> Iterator[Found]:
    born = guests.birthday_of(meeting.person.guest)
    if born is None:
        return
    near = min(
        (_on(year, born.month, born.day) for year in range(meeting.today.year - 1, meeting.today.year + 2)),
        key=lambda day: abs(day - meeting.today),
    )
    if abs(near - meeting.today) <= timedelta(days=days):
        form = "birthday" if near == meeting.today else "birthday_soon" if near > meeting.today else "birthday_past"
        yield str(near.year), form, {"date": words.day(near, meeting.language, meeting.today)}


def _on(year: int, month: int, day: int) -> date:
    """Who was born on 29 February is congratulated a day earlier in other years."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)


def _first_visit(meeting: Meeting, _: int) -> Iterator[Found]:
    if meeting.person.first_visit:
        yield "", "first_visit", {}


def _booking_note(meeting: Meeting, _: int) -> Iterator[Found]:
    if meeting.booking is not None and meeting.booking.notes:
        yield meeting.booking.id, "booking_note", {"note": meeting.booking.notes.rstrip(".")}


def _usual_waiter(meeting: Meeting, _: int) -> Iterator[Found]:
    if meeting.person.usual_waiter_here:
        yield meeting.arrival.id, "usual_waiter", {"waiter": meeting.person.usual_waiter}


def _vip(meeting: Meeting, _: int) -> Iterator[Found]:
    if meeting.person.vip:
        yield meeting.arrival.id, "vip", {}


def _regular(meeting: Meeting, _: int) -> Iterator[Found]:
    if meeting.person.regular:
        yield meeting.arrival.id, "regular", {"visits": str(meeting.person.visits)}


def _again(meeting: Meeting, _: int) -> Iterator[Found]:
    if not meeting.person.first_visit:
        yield meeting.arrival.id, "again", {}


OCCASIONS: Mapping[str, Callable[[Meeting, int], Iterator[Found]]] = {
    "review": _review,
    "absence": _absence,
    "coat_here": _coat_here,
    "coat_kept": _coat_kept,
    "birthday": _birthday,
    "first_visit": _first_visit,
    "booking_note": _booking_note,
    "usual_waiter": _usual_waiter,
    "vip": _vip,
    "regular": _regular,
    "again": _again,
}
