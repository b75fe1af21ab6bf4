"""How far a card has come on its way to the phone. Never "updated" before the phone came for it."""

from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from walletpass import apple, cards, google
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.schemas import FAULTS, DeliveryOut, GoogleDeliveryOut
from walletpass.cards import Card
from walletpass.database import reading
from walletpass.delivery import Outbox, PausedChannel, State
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_cards", __name__, url_prefix="/api/v1/cards", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

GOOGLE = google.GoogleChannel.name


class CardPath(BaseModel):
    card_id: str = Field(max_length=26, description="The card's id, as the guest view gives it.")


@bp.get("/<card_id>/delivery", summary="What the guest's phone shows", responses={200: DeliveryOut})
def proof(path: CardPath) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    with reading() as session:
        return delivery(session, cards.get(session, actor.program_id, path.card_id)).model_dump(mode="json")


def delivery(session: Session, card: Card) -> DeliveryOut:
    """Of several phones the one that is furthest behind speaks."""
    phones, in_google = apple.proof(session, card), to_google(session, card)
    if not phones:
        return DeliveryOut(devices=0, lagging=False, version=0, points=None, fetched_at=None, sent_at=None, google=in_google)
    last = phones[0]
    return DeliveryOut(
        devices=len(phones),
        lagging=last.fetched_version < card.version,
        version=last.fetched_version,
        points=last.fetched_points,
        fetched_at=last.fetched_at,
        sent_at=last.sent_at if last.sent_version == card.version else None,
        google=in_google,
    )


def to_google(session: Session, card: Card) -> GoogleDeliveryOut | None:
    """None where nobody holds the card in Google Wallet, by Google's word, and nobody ever did."""
    seen = google.presence(session, card.program_id, card.id)
    if seen is None:
        return None
    if not seen.saved:
        return GoogleDeliveryOut(state="removed", at=seen.since, paused=False)
    pushed_at = session.get_one(google.GoogleObject, (card.program_id, card.id)).pushed_at
    last = _last_change(session, card)
    if last is not None and last.done_at is None and not google.is_current(session, card.program_id, card.id):
        paused = session.get(PausedChannel, (card.program_id, GOOGLE)) is not None
        return GoogleDeliveryOut(state="waiting", at=pushed_at, paused=paused)
    if last is not None and last.state == State.DEAD and last.done_at is not None and last.done_at > pushed_at:
        return GoogleDeliveryOut(state="refused", at=last.done_at, paused=False)
    return GoogleDeliveryOut(state="sent", at=pushed_at, paused=False)


def _last_change(session: Session, card: Card) -> Outbox | None:
    """The one that is on its way; where there is none, the one that came to its end last."""
    of_card = col(Outbox.program_id) == card.program_id, col(Outbox.card_id) == card.id, col(Outbox.channel) == GOOGLE
    newest_first = select(Outbox).order_by(col(Outbox.done_at).is_not(None), col(Outbox.done_at).desc())
    return session.exec(newest_first.where(*of_card, col(Outbox.state) != State.SUPERSEDED).limit(1)).first()
