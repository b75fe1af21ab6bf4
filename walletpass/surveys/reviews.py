"""Public reviews: recorded and thanked for. Their sites forbid rewards, and the owner is told so where they are switched on."""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import events
from walletpass.cards import Card
from walletpass.database import new_id, now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.ledger import Origin
from walletpass.programs import Program
from walletpass.surveys.models import Review
from walletpass.surveys.rewarding import reward

SITE = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
LONGEST_URL = 500
# A site's clock may be ahead of ours.
AHEAD = timedelta(hours=1)


def record_review(session: Session, program: Program, card: Card | None, site: str, url: str, at: datetime, origin: Origin) -> Review:
    """Keep a review, once for each address; points only on a site that the owner rewards, and only to a known guest.

    Raises Malformed, or Conflict for an address that is kept already.
    """
    name = site.strip().lower()
    if not SITE.fullmatch(name):
        raise Malformed("A site is a short name like tripadvisor, or a host name.")
    if not _is_address(url):
        raise Malformed(f"A review has an address like https://..., of {LONGEST_URL} characters at most.")
    if at.tzinfo is None or at > now() + AHEAD:
        raise Malformed("A review was written in the past; give the time with its zone.")
    address = hashlib.sha256(url.encode()).hexdigest()
    row = {
        "program_id": program.id, "id": new_id(), "card_id": card.id if card else "", "site": name, "url": url, "address": address,
        "points": 0, "at": at, "recorded_at": now(), "thanked_by": "",
    }  # fmt: skip
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    kept = session.execute(dialect.insert(Review).values(**row).on_conflict_do_nothing().returning(col(Review.id))).first()
    if kept is None:
        raise Conflict("This review is known already.")
    review = session.get_one(Review, (program.id, row["id"]))
    if card is not None and name in program.rewarded_sites:
        review.points = reward(session, program, card, "review", address, program.review_points, origin)
        session.add(review)
        session.flush()
    events.happened(
        session, program.id, Kind.REVIEW_WRITTEN, card_id=review.card_id, source=origin.source, at=at,
        data={"review": review.id, "points": review.points},
    )  # fmt: skip
    return review


def _is_address(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        return False


def unthanked(session: Session, program_id: str, limit: int = 50) -> Sequence[Review]:
    """The newest first."""
    open_ = select(Review).where(col(Review.program_id) == program_id, col(Review.thanked_at).is_(None))
    return session.exec(open_.order_by(col(Review.at).desc()).limit(limit)).all()


def unthanked_of(session: Session, program_id: str, card_ids: Collection[str]) -> Sequence[Review]:
    """Of these cards' guests, the newest first."""
    # Asked for by card alone: databases would rather read all that nobody was thanked for, in their order.
    theirs = session.exec(select(Review).where(col(Review.program_id) == program_id, col(Review.card_id).in_(card_ids)))
    return sorted((one for one in theirs if one.thanked_at is None), key=lambda one: (one.at, one.id), reverse=True)


def get_review(session: Session, program_id: str, review_id: str) -> Review:
    """Raises NotFound."""
    found = session.get(Review, (program_id, review_id))
    if found is None:
        raise NotFound("This review is not known here.")
    return found


def thank(session: Session, program_id: str, review_id: str, by: str) -> None:
    """Somebody said thank you. Raises NotFound."""
    found = get_review(session, program_id, review_id)
    if found.thanked_at is None:
        found.thanked_at, found.thanked_by = now(), by
        session.add(found)
        session.flush()
