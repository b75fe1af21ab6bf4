"""What managers and back offices mend: the wrong guest, two cards of one, a debt that is forgiven, points that wait for a word."""

from typing import Annotated

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StrictInt
from sqlmodel import Session

from walletpass import checks, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.finding import find
from walletpass.api.once import answer, once, origin, tell_all, wrote
from walletpass.api.points import must_be_in_time
from walletpass.api.schemas import FAULTS, MOST, CardRef, CardsOut, EntryOut, EntryRef, Id, In, KeyHeader, ProblemOut, Reason, WriteOut
from walletpass.cards import Card
from walletpass.errors import Conflict, NotFound
from walletpass.ledger import Answer, Merge
from walletpass.programs import Program

bp = APIBlueprint(
    "api_corrections", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Corrections")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


class MoveIn(In):
    entry: EntryRef
    to: CardRef
    reason: Reason


class MovedOut(CardsOut):
    entry: EntryOut = Field(description="On the other card, with the time of the first.")


class MergeIn(In):
    card: CardRef
    into: CardRef
    reason: Reason


class UnmergeIn(In):
    merge: Id
    reason: Reason


class MergedOut(CardsOut):
    merge: str = Field(description="Names the merge, should it be undone.")


class WriteoffIn(In):
    card: CardRef
    points: Annotated[StrictInt, Field(ge=1, le=MOST)] | None = Field(None, description="A part of the debt; all of it when left out.")
    reason: Reason


class ActivateIn(In):
    entry: EntryRef


@bp.post("/move", summary="The wrong guest: what a check earned goes to another card", responses={200: MovedOut})
def move(header: KeyHeader, body: MoveIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        entry = ledger.entry(session, program.id, body.entry)
        must_be_in_time(program, entry, "move")
        to = find(session, g.actor, body.to)
        moved = ledger.move(session, program, entry, to, origin(header.key, body.reason))
        _move_check(session, program.id, entry.check_id, to)
        balances = tell_all(session, program.id, (entry.card_id, to.id))
        return answer(MovedOut(entry=EntryOut.model_validate(moved), balances=balances))

    return once("move", header.key, deed)


@bp.post("/merge", summary="Two cards of one guest become one: both codes open it", responses={200: MergedOut})
def merge(header: KeyHeader, body: MergeIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        card, into = find(session, g.actor, body.card), find(session, g.actor, body.into)
        if card.id == into.id:
            raise Conflict("These are one card already.")
        made = ledger.merge(session, program, card, into, origin(header.key, body.reason))
        retell(session, program.id, card.id, into.id)
        return answer(MergedOut(merge=made.id, balances=tell_all(session, program.id, (card.id, into.id))))

    return once("merge", header.key, deed)


@bp.post("/unmerge", summary="They were two guests after all: within a day", responses={200: MergedOut, 410: ProblemOut})
def unmerge(header: KeyHeader, body: UnmergeIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        made = session.get(Merge, (program.id, body.merge))
        if made is None:
            raise NotFound("This merge is not known here.")
        ledger.unmerge(session, program, made, origin(header.key, body.reason))
        retell(session, program.id, made.card_id, made.into_id)
        return answer(MergedOut(merge=made.id, balances=tell_all(session, program.id, (made.card_id, made.into_id))))

    return once("merge", header.key, deed)


@bp.post("/writeoff", summary="Forgive what a card owes", responses={200: WriteOut})
def writeoff(header: KeyHeader, body: WriteoffIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        card = find(session, g.actor, body.card)
        points = ledger.balance(session, program.id, card.id).debt if body.points is None else body.points
        if not points:
            raise Conflict("This card owes nothing.")
        forgiven = ledger.writeoff(session, program, card, points, origin(header.key, body.reason))
        return wrote(session, forgiven)

    return once("writeoff", header.key, deed)


@bp.post("/activate", summary="What the points waited for has happened: they can be spent now", responses={200: WriteOut})
def activate(header: KeyHeader, body: ActivateIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        entry = ledger.entry(session, program.id, body.entry)
        activated = ledger.activate(session, program, entry, origin(header.key))
        return wrote(session, activated)

    return once("activate", header.key, deed)


def _move_check(session: Session, program_id: str, check_id: str, to: Card) -> None:
    """So is the visit, where one is known."""
    check = session.get(checks.Check, (program_id, check_id))
    if check is not None and check.state == "closed" and check.card_id:
        checks.move(session, program_id, check_id, to)


def retell(session: Session, program_id: str, *card_ids: str) -> None:
    """What is known of both guests, as far as they are one now or two again."""
    for card_id in sorted(card_ids):
        checks.retell(session, program_id, card_id)
