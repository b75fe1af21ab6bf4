"""What is said of coats in answers."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from walletpass import coatcheck
from walletpass.api.coats_shapes import (
    CoatConflictOut,
    CoatEndOut,
    CoatOut,
    CoatRoomOut,
    CoatsDone,
    CoatSeenOut,
    CoatShiftOut,
    CoatTicketOut,
    HookOut,
    ReturnedOut,
    ZoneOut,
)
from walletpass.coatcheck import Cloakroom, CoatItem, Conflict, Seen, Shift, Step, Ticket
from walletpass.ledger import Answer


def done(session: Session, ticket: Ticket, items: Iterable[CoatItem], conflicts: Sequence[Conflict] = (), **more: object) -> Answer:
    """200; 202 where a device said what cannot be."""
    body = CoatsDone.model_validate(
        {
            "ticket": ticket.id, "state": ticket.state, "items": [thing(item) for item in coatcheck.tickets.items(session, ticket)],
            "done": [item.number for item in items], "code": ticket.code, "card": ticket.card_id,
            "conflicts": [conflict(session, one) for one in conflicts], **more,
        }
    )  # fmt: skip
    return Answer(202 if conflicts else 200, body.model_dump(mode="json"))


def unknown(session: Session, ticket: str, conflicts: Sequence[Conflict]) -> CoatsDone:
    """Of a ticket that nobody has opened yet."""
    said = {
        "ticket": ticket,
        "state": "unknown",
        "items": [],
        "done": [],
        "card": None,
        "conflicts": [conflict(session, one) for one in conflicts],
    }
    return CoatsDone.model_validate(said)


def thing(item: CoatItem) -> CoatOut:
    return CoatOut.model_validate(_facts(item))


def seen(one: Seen) -> CoatTicketOut:
    ticket = one.ticket
    items = [
        CoatSeenOut(
            **_facts(item), description=item.description, hung_at=item.hung_at, kept_where=item.kept_where, photo=item.number in one.photos
        )
        for item in one.items
    ]  # fmt: skip
    return CoatTicketOut(
        ticket=ticket.id, first_name=one.first_name, wallet=ticket.card_id is not None, code=ticket.code, description=ticket.description,
        opened_at=ticket.opened_at, called_at=ticket.called_at, items=items,
    )  # fmt: skip


def conflict(session: Session, one: Conflict) -> CoatConflictOut:
    """Without names, as it goes into answers that are kept."""
    item = coatcheck.about(session, one)
    return CoatConflictOut(
        deed=one.key, code=one.code, sentence=coatcheck.SENTENCES[one.code], ticket=one.ticket_id, number=one.number, listed_at=one.listed_at,
        kind=item.kind if item else None, hook=item.hook_label if item else None, ended=None,
    )  # fmt: skip


def listed(session: Session, one: Conflict) -> CoatConflictOut:
    """The same in a room's list: also who gave the thing back, or what else became of it."""
    item = coatcheck.about(session, one)
    return conflict(session, one).model_copy(update={"ended": _end(session, item) if item else None})


def returned(session: Session, last: Step) -> ReturnedOut:
    return ReturnedOut.model_validate({"ticket": last.ticket_id, **coatcheck.steps.who(session, last)})


def room(session: Session, one: Cloakroom) -> CoatRoomOut:
    shift = coatcheck.open_one(session, one)
    zones: dict[str, list[HookOut]] = {}
    for hook in coatcheck.rooms.hooks(session, one):
        zones.setdefault(hook.zone, []).append(HookOut.model_validate(hook))
    return CoatRoomOut(
        id=one.id, name=one.name, venue_id=one.venue_id, shift=report(session, shift) if shift else None,
        zones=[
            ZoneOut(zone=zone, capacity=sum(hook.capacity for hook in hooks), taken=sum(hook.taken for hook in hooks), hooks=hooks)
            for zone, hooks in zones.items()
        ],
    )  # fmt: skip


def report(session: Session, shift: Shift) -> CoatShiftOut:
    counts = coatcheck.report(session, shift)
    said = {"id": shift.id, "room": shift.cloakroom_id, "opened_at": shift.opened_at, "closed_at": shift.closed_at, **counts}
    return CoatShiftOut.model_validate({**said, "taken_in": counts["in"]})


def _end(session: Session, item: CoatItem) -> CoatEndOut | None:
    if item.state in coatcheck.HERE:
        return None
    return CoatEndOut.model_validate({"became": item.state, **coatcheck.steps.who(session, coatcheck.steps.last(session, item))})


def _facts(item: CoatItem) -> dict[str, Any]:
    return {
        "number": item.number, "kind": item.kind, "hook": item.hook_label, "state": item.state, "price": item.price,
        "doubtful": item.state == coatcheck.State.HUNG and item.hook_id is None,
    }  # fmt: skip
