"""Which step of a program's tiers a card stands on.

Steps are counted by net spend or visits of a window of time, never by the balance. A guest rises with the check that reaches a
threshold, and the next check has the new rate; they fall one step at most, when a window has ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass import cards, events
from walletpass.cards import Card
from walletpass.database import now
from walletpass.events import Kind
from walletpass.ledger.models import CardTier, EarnedCheck
from walletpass.programs import Program, Tier


def tier(session: Session, program: Program, card: Card, at: datetime | None = None) -> Tier | None:
    """The step that a check ``at`` this moment has; None for the ground. Reviews that are due are not written down."""
    if program.tier_by == "none":
        return None
    standing = session.get(CardTier, (program.id, card.id))
    if standing is None:
        return None
    position, _ = _reviewed(session, program, card, standing, _steps(session, program.id), at or now())
    return session.get(Tier, (program.id, position))


def review(session: Session, program: Program, card: Card, at: datetime) -> Tier | None:
    """`tier`, and what has ended by then is written down. The card's account is locked by the caller."""
    if program.tier_by == "none":
        return None
    standing = session.get(CardTier, (program.id, card.id), populate_existing=True)
    if standing is None:
        return None
    position, review_at = _reviewed(session, program, card, standing, _steps(session, program.id), at)
    if position != standing.position:
        _tell(session, card, standing.position, position)
        standing.position, standing.since = position, standing.review_at
    standing.review_at = review_at
    session.add(standing)
    return session.get(Tier, (program.id, position))


def rise(session: Session, program: Program, card: Card, at: datetime) -> None:
    """After a check was closed: up at once, for the checks that follow."""
    if program.tier_by == "none":
        return
    steps = _steps(session, program.id)
    standing = session.get(CardTier, (program.id, card.id), populate_existing=True)
    reached = _count(session, program, card, _start(program, at), at)
    position = max((step.position for step in steps if reached >= step.threshold), default=0)
    if position <= (standing.position if standing else 0):
        return
    standing = standing or CardTier(program_id=program.id, card_id=card.id, position=0, since=at, review_at=at)
    _tell(session, card, standing.position, position)
    standing.position, standing.since, standing.review_at = position, at, _end(program, at)
    session.add(standing)
    session.flush()


def progress(session: Session, program: Program, card: Card) -> tuple[int, Tier | None]:
    """What counts at this moment, and the next step up; None on the highest."""
    if program.tier_by == "none":
        return 0, None
    moment = now()
    reached = _count(session, program, card, _start(program, moment), moment)
    now_on = tier(session, program, card)
    above = [step for step in _steps(session, program.id) if step.position > (now_on.position if now_on else 0)]
    return reached, above[0] if above else None


def due_for_review(session: Session, program: Program, limit: int) -> Sequence[str]:
    """Cards whose window has ended."""
    found = select(CardTier.card_id).where(
        col(CardTier.program_id) == program.id, col(CardTier.review_at) <= now(), col(CardTier.position) > 0
    )
    return session.exec(found.limit(limit)).all()


def _tell(session: Session, card: Card, before: int, position: int) -> None:
    events.happened(session, card.program_id, Kind.TIER_CHANGED, card_id=card.id, data={"position": position, "before": before})


def _reviewed(
    session: Session, program: Program, card: Card, standing: CardTier, steps: Sequence[Tier], at: datetime
) -> tuple[int, datetime]:
    """Position and next review after every window that has ended by then."""
    position, review_at = standing.position, standing.review_at
    thresholds = {step.position: step.threshold for step in steps}
    while position and review_at <= at:
        reached = _count(session, program, card, _start(program, review_at - timedelta(microseconds=1)), review_at)
        # A step that the owner has taken away since holds nobody.
        if position not in thresholds or reached < thresholds[position]:
            position -= 1
        review_at = _end(program, review_at)
    return position, review_at


def _steps(session: Session, program_id: str) -> Sequence[Tier]:
    return session.exec(select(Tier).where(col(Tier.program_id) == program_id).order_by(col(Tier.position))).all()


def _count(session: Session, program: Program, card: Card, since: datetime, until: datetime) -> int:
    """Net spend in minor units, or visits; what was refunded counts no more."""
    left = col(EarnedCheck.amount) - col(EarnedCheck.refunded)
    what = (
        func.count()
        if program.tier_by == "visits"
        else func.coalesce(func.sum(col(EarnedCheck.spend) * left // col(EarnedCheck.amount)), 0)
    )
    found = select(what).where(
        col(EarnedCheck.program_id) == program.id,
        col(EarnedCheck.card_id).in_(cards.ids_of(session, card)),
        col(EarnedCheck.closed_at) >= since,
        col(EarnedCheck.closed_at) <= until,
    )
    return int(session.exec(found).one())


def _start(program: Program, at: datetime) -> datetime:
    """When the window that ends ``at`` began."""
    if program.tier_window == "rolling":
        return at - timedelta(days=program.tier_days)
    zone = ZoneInfo(program.timezone)
    return datetime(at.astimezone(zone).year, 1, 1, tzinfo=zone)


def _end(program: Program, at: datetime) -> datetime:
    """When a window that begins ``at`` ends."""
    if program.tier_window == "rolling":
        return at + timedelta(days=program.tier_days)
    zone = ZoneInfo(program.timezone)
    return datetime(at.astimezone(zone).year + 1, 1, 1, tzinfo=zone)
