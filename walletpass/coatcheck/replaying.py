"""Deeds that a device did while the server was away.

The things hang, or are gone, whatever the books say, so a deed is never refused: it is written as far as it can be, and what
cannot is listed as a conflict for a person. All deeds on a ticket are looked at together, in the order of their times on the devices, so the
books come to the same in whatever order, and however often, they are sent. Nothing leads back from lost: a loss that was told offline waits for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.cards import Card
from walletpass.coatcheck import checking_in, codes, judging
from walletpass.coatcheck.checking_in import Wanted, Whose
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import How
from walletpass.coatcheck.models import Cloakroom, Conflict, OfflineDeed, Ticket
from walletpass.coatcheck.playing import Playing, lock_cards
from walletpass.coatcheck.shifts import current
from walletpass.coatcheck.words import clean
from walletpass.database import now
from walletpass.errors import Malformed

DeedKind = Literal["check_in", "hand_back", "keep", "lose"]
# A device's clock may be ahead of ours by this much.
AHEAD = timedelta(minutes=5)
MOST_NUMBER = 1_000_000


@dataclass(frozen=True)
class Deed:
    """What a device tells. ``items`` are numbers, None for all of them; ``wanted`` things have numbers of the device's own.

    ``fault`` is the code of what was wrong with the card that was scanned; then ``card`` is None.
    """

    key: str
    kind: DeedKind
    ticket: str
    at: datetime
    card: Card | None = None
    code: str = ""
    description: str = ""
    wanted: Sequence[Wanted] = ()
    items: Sequence[int] | None = None
    where: str = ""
    fault: str = ""


def replay(session: Session, room: Cloakroom, deed: Deed, hand: Hand) -> tuple[Ticket | None, Sequence[Conflict]]:
    """Write what a device did; the ticket as it is now, and what of this deed is not as it said. Sent again it changes nothing.

    Raises Malformed for what no device could have meant, and nothing else.
    """
    _check(deed)
    _one_by_one(session, room.program_id, deed.ticket)
    if not room.in_use:
        # What hangs there has to be seen by somebody.
        room.in_use = True
        session.add(room)
    at = min(deed.at, now()) if deed.at <= now() + AHEAD else now()
    kept = _keep(session, room, deed, at, hand)
    ticket = session.get(Ticket, (room.program_id, deed.ticket))
    if ticket is None and kept.kind == "check_in":
        lock_cards(session, room.program_id, deed.ticket)
        shift = current(session, room, hand)
        first = Hand(kept.staff_id, kept.till_id, hand.source, How.REPLAY, kept.at)
        ticket = checking_in.make_ticket(session, room, _whose(session, kept), first, shift, offline=True)
    if ticket is None:
        judging.judge(session, room.program_id, deed.ticket)
    elif ticket.cloakroom_id == room.id:
        Playing(session, ticket, hand).play()
    else:
        judging.judge(session, room.program_id, deed.ticket)
    return ticket, _of_deed(session, kept)


def _check(deed: Deed) -> None:
    if deed.kind == "check_in":
        checking_in.check(deed.wanted)
        clean(deed.description, "description")
        numbers = [one.number for one in deed.wanted]
        if deed.code and not codes.FOUR.fullmatch(deed.code):
            raise Malformed("A code has four digits.", field="code")
    else:
        clean(deed.where, "where", 80)
        numbers = list(deed.items if deed.items is not None else [1])
    if len(set(numbers)) != len(numbers) or not numbers or any(not 0 < number <= MOST_NUMBER for number in numbers):
        raise Malformed("What was done offline names each thing by a number of its own, from 1 up.", field="items")
    if deed.kind == "keep" and not deed.where.strip():
        raise Malformed("Say where they are kept.", field="where")


def _one_by_one(session: Session, program_id: str, ticket_id: str) -> None:
    """Of two deeds on a ticket that is not there yet neither would see the other."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"coat {program_id}/{ticket_id}", 0))))


def _keep(session: Session, room: Cloakroom, deed: Deed, at: datetime, hand: Hand) -> OfflineDeed:
    """The row of the deed; of one that was sent before, that one's."""
    items: Any = list(deed.items) if deed.items is not None else None
    if deed.kind == "check_in":
        items = [
            {
                "number": one.number,
                "kind": one.kind,
                "hook": one.hook.strip().upper()[:8],
                "description": clean(one.description, "description"),
            }
            for one in deed.wanted
        ]
    body = {
        "items": items, "card": deed.card.id if deed.card else "", "code": deed.code, "description": clean(deed.description, "description"),
        "where": clean(deed.where, "where", 80), "fault": deed.fault,
    }  # fmt: skip
    row = {
        "program_id": room.program_id, "key": deed.key, "kind": deed.kind, "cloakroom_id": room.id, "ticket_id": deed.ticket, "body": body,
        "at": at, "recorded_at": now(), "staff_id": hand.staff_id, "till_id": hand.till_id,
    }  # fmt: skip
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(OfflineDeed).values(**row).on_conflict_do_nothing())
    return session.get_one(OfflineDeed, (room.program_id, deed.key))


def _whose(session: Session, kept: OfflineDeed) -> Whose:
    card = cards.get(session, kept.program_id, kept.body["card"]) if kept.body["card"] else None
    return Whose(card, kept.body["code"], kept.ticket_id, kept.body["description"])


def _of_deed(session: Session, kept: OfflineDeed) -> Sequence[Conflict]:
    ours = col(Conflict.program_id) == kept.program_id, col(Conflict.ticket_id) == kept.ticket_id
    listed = session.exec(select(Conflict).where(*ours).order_by(col(Conflict.number), col(Conflict.code))).all()
    return [one for one in listed if one.key == kept.key and one.settled_at is None]
