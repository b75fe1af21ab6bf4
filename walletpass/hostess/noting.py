"""What whoever meets a guest writes down: that something was said, what a colleague should know, how the guest is met."""

from typing import Any

from sqlalchemy import Executable, delete
from sqlmodel import Session, col

from walletpass import cards, events, surveys
from walletpass.cards import Card
from walletpass.checks.words import plain
from walletpass.database import now, prepared, table
from walletpass.errors import Malformed, NotFound
from walletpass.events import Kind
from walletpass.hostess.arriving import get
from walletpass.hostess.by import NOBODY, By
from walletpass.hostess.models import GuestNote, Manner, Said
from walletpass.hostess.rules import KINDS

LONGEST_NOTE, LONGEST_NAME, LONGEST_PLACE = 300, 80, 20


def done(session: Session, program_id: str, arrival_id: str, kind: str, about: str, by: By = NOBODY) -> None:
    """The sentence was said, and for this reason it does not come again; said twice, it is the first time.

    A review is thanked for by it. Raises NotFound for an arrival, a guest or a review that is not theirs; Malformed.
    """
    arrival = get(session, program_id, arrival_id)
    card = cards.survivor(session, program_id, arrival.card_id) if arrival.card_id else None
    if card is None:
        raise NotFound("No guest of ours is known behind this arrival.")
    if kind not in KINDS or len(about) > 64:
        raise Malformed(f"A sentence is one of {', '.join(KINDS)}.", field="kind")
    if kind == "review":
        if surveys.get_review(session, program_id, about).card_id not in cards.ids_of(session, card):
            raise NotFound("This review is not known here.")
        surveys.thank(session, program_id, about, by.staff_id)
    row = {"program_id": program_id, "guest_id": card.owner_id, "kind": kind, "about": about, "by": by.staff_id, "at": now()}
    session.execute(_once(session), row)
    _tell(session, card, Kind.SENTENCE_SAID, by, arrival.venue_id, kind)


def note(session: Session, card: Card, text: str, venue_id: str = "", by: By = NOBODY) -> GuestNote:
    """What the next colleague should know: in one venue, or everywhere. Raises Malformed for none, or one too long."""
    said = plain(text, LONGEST_NOTE + 1)
    if not said or len(said) > LONGEST_NOTE:
        raise Malformed(f"A note has 1 to {LONGEST_NOTE} letters.", field="text")
    made = GuestNote(program_id=card.program_id, guest_id=card.owner_id, venue_id=venue_id, text=said, by=by.staff_id)
    session.add(made)
    session.flush()
    _tell(session, card, Kind.GUEST_NOTED, by, venue_id)
    return made


def drop_note(session: Session, program_id: str, note_id: str, by: By = NOBODY) -> None:
    """It is not true any more. Raises NotFound."""
    found = session.get(GuestNote, (program_id, note_id))
    card = cards.of_guest(session, program_id, found.guest_id) if found else None
    if found is None:
        raise NotFound("There is no such note here.")
    session.execute(delete(GuestNote).where(col(GuestNote.program_id) == program_id, col(GuestNote.id) == note_id))
    events.happened(
        session,
        program_id,
        Kind.GUEST_NOTED,
        card_id=card.id if card else "",
        venue_id=found.venue_id,
        staff_id=by.staff_id,
        device_id=by.till_id,
    )


def manner(
    session: Session, card: Card, *, say_name: str | None = None, place: str | None = None, vip: bool | str | None = None, by: By = NOBODY
) -> Manner:
    """How this guest is met; None leaves as it is. ``vip`` is True or False by hand, or "rule": as the program's rules say.

    Raises Malformed.
    """
    session.execute(_open(session), {"program_id": card.program_id, "guest_id": card.owner_id, "say_name": "", "place": "", "vip": None})
    kept = session.get_one(Manner, (card.program_id, card.owner_id), with_for_update=True, populate_existing=True)
    for field, text, longest in (("say_name", say_name, LONGEST_NAME), ("place", place, LONGEST_PLACE)):
        if text is not None:
            if len(plain(text, longest + 1)) > longest:
                raise Malformed(f"Use {longest} letters at most.", field=field)
            setattr(kept, field, plain(text, longest))
    if vip is not None:
        kept.vip = vip if isinstance(vip, bool) else None
    session.add(kept)
    session.flush()
    _tell(session, card, Kind.GUEST_NOTED, by)
    return kept


def _tell(session: Session, card: Card, kind: Kind, by: By, venue_id: str = "", sentence: str = "") -> None:
    data = {"sentence": sentence} if sentence else {}
    events.happened(
        session, card.program_id, kind, card_id=card.id, venue_id=venue_id, staff_id=by.staff_id, device_id=by.till_id, data=data
    )


@prepared
def _once(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Said)).on_conflict_do_nothing()
    return statement


@prepared
def _open(dialect: Any) -> Executable:
    statement: Executable = dialect.insert(table(Manner)).on_conflict_do_nothing()
    return statement
