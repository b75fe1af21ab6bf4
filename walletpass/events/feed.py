"""Reading on from a number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass.errors import Gone, NotFound
from walletpass.events.models import Event, EventCount

# A reader of a rare kind is taken past so many events of other kinds at once, and no further: a page costs the same anywhere.
WINDOW = 5_000


@dataclass(frozen=True)
class Page:
    """``reached`` is the number to read on from; there is ``more`` when it is not the last one."""

    events: Sequence[Event]
    reached: int
    more: bool


def after(session: Session, program_id: str, number: int, limit: int, kinds: Collection[str] = ()) -> Page:
    """The next events behind ``number``, at most ``limit``, of these kinds or of all. Raises Gone behind what is forgotten."""
    ours, newest = col(Event.program_id) == program_id, last(session, program_id)
    end = min(newest, number + (WINDOW if kinds else limit))
    found = select(Event).where(ours, col(Event.number) > number, col(Event.number) <= end)
    if kinds:
        found = found.where(col(Event.kind).in_(kinds))
    events = session.exec(found.order_by(col(Event.number)).limit(limit)).all()
    # Asked last: what was forgotten while we read would be a hole in what we found.
    if number < forgotten(session, program_id):
        raise Gone(
            "The events behind this cursor are not kept any more. Read what you need from the API, then follow the feed from its oldest "
            "event: leave after out."
        )
    reached = events[-1].number if len(events) == limit else end
    return Page(events, reached, reached < newest)


def last(session: Session, program_id: str) -> int:
    """The number of the newest event; 0 before the first."""
    return session.exec(select(EventCount.value).where(col(EventCount.program_id) == program_id)).first() or 0


def forgotten(session: Session, program_id: str) -> int:
    """The number of the newest event that is not kept any more."""
    return session.exec(select(EventCount.forgotten).where(col(EventCount.program_id) == program_id)).first() or 0


def get(session: Session, program_id: str, event_id: str) -> Event:
    """Raises NotFound."""
    ours = col(Event.program_id) == program_id, col(Event.id) == event_id
    event = session.exec(select(Event).where(*ours)).first()
    if event is None:
        raise NotFound("There is no such event here, or it is not kept any more.")
    return event
