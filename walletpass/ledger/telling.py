"""What a card says of its points, and of those that a deed has touched."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from walletpass import cards
from walletpass.cards import Card
from walletpass.database import now
from walletpass.ledger import expiry, tiers
from walletpass.ledger.accounts import Balance, balance
from walletpass.programs import Program


def shown(session: Session, program: Program, card: Card, standing: Balance) -> dict[str, Any]:
    """The values that designs bind their fields to. ``stamps`` of an open card and ``rewards`` of full ones; ``tier`` by name;
    ``expiring`` points and the local day on which they end, when that is near."""
    values: dict[str, Any] = {"points": standing.points}
    if program.kind == "stamps":
        values |= {"stamps": standing.points % program.stamp_goal, "rewards": standing.points // program.stamp_goal or None}
    if program.tier_by != "none":
        step = tiers.tier(session, program, card)
        values["tier"] = step.name if step else None
    if program.expiry != "never":
        values |= _expiring(session, program, card)
    return values


def tell(session: Session, program: Program, card: Card, *, bulk: bool = False) -> Balance:
    """Put the card's points on its way to every phone that holds it, or one that went up in it."""
    standing = balance(session, program.id, card.id)
    values = shown(session, program, card, standing)
    for one in cards.faces_of(session, card):
        cards.show(session, one, bulk=bulk, **values)
    return standing


def _expiring(session: Session, program: Program, card: Card) -> dict[str, Any]:
    soon = [(end, points) for end, points in expiry.schedule(session, program.id, card.id) if end is not None][:1]
    if not soon or (soon[0][0] - now()).days >= program.expiry_warning_days:
        return {"expiring": None, "expiring_on": None}
    end, points = soon[0]
    last = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(program.timezone))
    return {"expiring": points, "expiring_on": f"{last:%d.%m.%Y}"}
