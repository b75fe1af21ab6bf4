"""A card's account as its guest would want to read it: every entry, and what ends when."""

from datetime import datetime
from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from walletpass import cards, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.cards import CardPath
from walletpass.api.schemas import FAULTS, BalanceOut, EntryOut, Out
from walletpass.database import reading
from walletpass.ledger import Entry
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_statements", __name__, url_prefix="/api/v1/cards", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

LAST_NUMBER = 2**31 - 1
PAGE, LONGEST_PAGE = 50, 200


class EntriesQuery(BaseModel):
    before: int | None = Field(None, ge=1, le=LAST_NUMBER, description="Older ones than this: what the page before named as next.")
    limit: int = Field(PAGE, ge=1, le=LONGEST_PAGE)


class StatementEntryOut(EntryOut):
    recorded_at: datetime = Field(description="When it reached us; at is when it happened.")
    reverses: int | None = Field(description="The number of the entry on this card that it takes back.")


class StatementOut(Out):
    entries: list[StatementEntryOut] = Field(description="The newest first.")
    next: int | None = Field(description="Ask for before this to read on; null at the end.")


class LotOut(Out):
    points: int
    expires_at: datetime | None = Field(description="Null: they do not end.")


class LotsOut(Out):
    balance: BalanceOut
    lots: list[LotOut] = Field(description="What can be spent and until when, the soonest first; they add up to balance.points.")


@bp.get("/<card_id>/entries", summary="Every change of a card's points, page by page", responses={200: StatementOut})
def entries(path: CardPath, query: EntriesQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    with reading() as session:
        card = cards.must_be_card(cards.get(session, actor.program_id, path.card_id))
        found = _entries(session, card, query)
        shown = found[: query.limit]
        told = [StatementEntryOut.model_validate(entry) for entry in shown]
    return StatementOut(entries=told, next=shown[-1].seq if len(found) > query.limit else None).model_dump(mode="json")


@bp.get("/<card_id>/lots", summary="What of a card's points ends when", responses={200: LotsOut})
def lots(path: CardPath) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    with reading() as session:
        card = cards.must_be_card(cards.get(session, actor.program_id, path.card_id))
        balance = BalanceOut.model_validate(ledger.balance(session, actor.program_id, card.id))
        told = [LotOut(points=points, expires_at=end) for end, points in ledger.schedule(session, actor.program_id, card.id)]
    return LotsOut(balance=balance, lots=told).model_dump(mode="json")


def _entries(session: Session, card: cards.Card, query: EntriesQuery) -> list[Entry]:
    """One more than asked for, which says whether there are others."""
    ours = [col(Entry.program_id) == card.program_id, col(Entry.card_id) == card.id]
    if query.before is not None:
        ours.append(col(Entry.seq) < query.before)
    return list(session.exec(select(Entry).where(*ours).order_by(col(Entry.seq).desc()).limit(query.limit + 1)).all())
