"""How far a card has come on its way to the phone. Never "updated" before the phone came for it."""

from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from walletpass import apple, cards
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.schemas import FAULTS, DeliveryOut
from walletpass.cards import Card
from walletpass.database import reading
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_cards", __name__, url_prefix="/api/v1/cards", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


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
    phones = apple.proof(session, card)
    if not phones:
        return DeliveryOut(devices=0, lagging=False, version=0, points=None, fetched_at=None, sent_at=None)
    last = phones[0]
    return DeliveryOut(
        devices=len(phones),
        lagging=last.fetched_version < card.version,
        version=last.fetched_version,
        points=last.fetched_points,
        fetched_at=last.fetched_at,
        sent_at=last.sent_at if last.sent_version == card.version else None,
    )
