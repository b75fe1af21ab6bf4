"""Six digits on the guest's own card, in either wallet and on its page, for five minutes: whoever can read them out has the card."""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.cards import Card
from walletpass.database import new_id, now, transaction
from walletpass.identification import tries
from walletpass.identification.models import CardCode
from walletpass.identification.secret import digests

LASTS = timedelta(minutes=5)
DIGITS = 6


def put_on(session: Session, card: Card, bearer: str) -> datetime:
    """A new code on the card, for this bearer alone; one that was there is no good any more. Until when."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    cards.show(session, card, confirm=code)
    row = session.get(CardCode, (card.program_id, card.id), with_for_update=True) or CardCode(
        program_id=card.program_id, card_id=card.id, code_hash="", asked_by="", expires_at=now()
    )
    row.id, row.asked_by, row.expires_at = new_id(), tries.by(bearer), now() + LASTS
    row.code_hash = _digests(card, row.id, code)[0]
    session.add(row)
    session.flush()
    return row.expires_at


def read_out(card: Card, bearer: str, code: str) -> str:
    """The name of the code that was read out, for the one proof that it is good for; empty for a wrong one.

    Right again is right again, so a repeated request gets the same. Raises FactorLocked.
    """
    mine = (card.program_id, card.id, tries.by(bearer), "card_code")
    with transaction() as session:
        tries.count(session, *mine)
    with transaction() as session:
        row = session.get(CardCode, (card.program_id, card.id))
        if row is None or row.asked_by != tries.by(bearer) or row.expires_at <= now():
            return ""
        digits = "".join(char for char in code if char.isdigit())
        if not any(hmac.compare_digest(row.code_hash, made) for made in _digests(card, row.id, digits)):
            return ""
        tries.forgive(session, *mine)
        cards.show(session, cards.get(session, card.program_id, card.id), confirm=None)
        return row.id


def take_off_old(session: Session) -> int:
    """Codes whose time is over leave the cards. How many."""
    old = select(CardCode).where(col(CardCode.expires_at) <= now()).limit(500).with_for_update(skip_locked=True)
    rows = session.exec(old).all()
    for row in rows:
        cards.show(session, cards.get(session, row.program_id, row.card_id), confirm=None)
        session.delete(row)
    return len(rows)


def shown_until(session: Session, card: Card) -> datetime | None:
    """Until when the code on the card is good; None where there is none."""
    row = session.get(CardCode, (card.program_id, card.id))
    return row.expires_at if row is not None and card.shown.get("confirm") and row.expires_at > now() else None


def _digests(card: Card, name: str, code: str) -> list[str]:
    return digests(card.program_id, "card code", f"{card.id}:{name}:{code}")
