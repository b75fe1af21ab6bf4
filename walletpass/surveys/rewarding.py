"""The one place where this room gives points."""

from typing import Literal

from sqlmodel import Session

from walletpass import ledger
from walletpass.cards import Card
from walletpass.ledger import Origin
from walletpass.programs import Program


def reward(
    session: Session,
    program: Program,
    card: Card,
    kind: Literal["survey", "review"],
    subject: str,
    points: int,
    origin: Origin,
    *,
    check_id: str = "",
) -> int:
    """Give a bonus, once for its subject, and show it on the card. Returns the points that were given now."""
    entry = ledger.bonus(session, program, card, kind, subject, points, origin, check_id=check_id)
    if entry is None:
        return 0
    ledger.tell(session, program, card)
    return entry.delta
