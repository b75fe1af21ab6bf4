"""What guests carry, and binding it to their cards."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import cards
from walletpass.cards import Card
from walletpass.database import new_id, now
from walletpass.errors import Malformed, NotFound, NotOurCode, TokenTaken
from walletpass.guests import Consent, ConsentGiven
from walletpass.identification.models import KINDS, BoundToken
from walletpass.identification.reading import chip, clean, stripe
from walletpass.identification.secret import digest, digests
from walletpass.identification.way import NOT_OURS, living

LONGEST, SHORTEST = 200, 4
# The numbers of bank cards, which nobody but a bank may keep, not even hashed: Visa, Mastercard, Maestro, Amex, Discover, JCB, Mir.
# As people write numbers of telephones; a plastic card begins with neither.
PHONE = re.compile(r"(?:\+|00)\d{8,14}|0\d{9,10}")
BANK = re.compile(r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|(?:50|5[6-8]|6[0459])\d{10,17}|3[47]\d{13}|35\d{14})")
CONSENT = "biometric match"


def normal(text: str, of: str = "carrier") -> str:
    """One form for all that a reader may make of a token; empty for a text that can be none. Names are not touched."""
    text = text.strip()
    if not (SHORTEST <= len(text) <= LONGEST) or not text.isascii() or not text.isprintable() or "://" in text:
        return ""
    if of != "carrier":
        return text
    bare = "".join(text.split())
    return chip(text) or (bare.replace("-", "") if bare.replace("-", "").isdigit() else bare)


def family(kind: str) -> str:
    """Names that apps and face readers have for people are no tokens that somebody may hold to a reader, nor each other's."""
    return kind if kind in ("app", "match") else "carrier"


def opened(session: Session, program_id: str, of: str, token: str) -> Card:
    """The card that a token of this family opens. Raises NotOurCode."""
    found = _bound(session, program_id, of, token)
    if found is None:
        raise NotOurCode(NOT_OURS)
    return living(session, program_id, found.card_id)


def bind(
    session: Session, card: Card, token: str, kind: str, *, label: str = "", by: str = "", consent: ConsentGiven | None = None
) -> BoundToken:
    """From now on the token opens the card. Bound to it already: nothing changes.

    Raises TokenTaken for another guest's, Malformed for a text that is one of our own codes, a bank card, or no token; of kind
    ``match`` without the guest's consent. The consent is kept as proof beside the others.
    """
    cards.must_be_card(card)
    if kind not in KINDS:
        raise Malformed(f"A token is one of {', '.join(KINDS)}.")
    of = family(kind)
    text = _tokens_text(token, of)
    if kind == "match" and consent is None:
        raise Malformed("A match of face or finger is only bound with the guest's own consent: send its text, version and language.")
    held = _bound(session, card.program_id, of, text)
    if held is None:
        held = _insert(session, card, digest(card.program_id, of, text), kind, label, by) or _bound(session, card.program_id, of, text)
        if held is not None and held.card_id == card.id and consent is not None:
            session.add(_proof(card, consent))
    if held is None or held.card_id != card.id:
        raise TokenTaken("This is another guest's. Unbind it there first.")
    return held


def unbind(session: Session, program_id: str, token_id: str) -> BoundToken:
    """It opens nothing any more, and may be bound anew. Raises NotFound."""
    found = session.get(BoundToken, (program_id, token_id), with_for_update=True)
    if found is None:
        raise NotFound("This token is not known here.")
    if found.unbound_at is None:
        found.unbound_at = now()
        session.add(found)
        session.flush()
    return found


def bound(session: Session, card: Card) -> Sequence[BoundToken]:
    """What opens this card, the newest first."""
    ours = col(BoundToken.program_id) == card.program_id, col(BoundToken.card_id) == card.id, col(BoundToken.unbound_at).is_(None)
    return session.exec(select(BoundToken).where(*ours).order_by(col(BoundToken.bound_at).desc(), col(BoundToken.id).desc())).all()


def _tokens_text(token: str, of: str) -> str:
    text = token.strip() if of != "carrier" else clean(token)
    text = stripe(text) or text
    if not normal(text, of):
        raise Malformed(f"A token is {SHORTEST} to {LONGEST} letters and digits, and no address.")
    digits = re.sub(r"[\s-]", "", text)
    if of == "carrier":
        if cards.is_card_code(digits) or cards.is_card_number(digits) or cards.rotation.is_changing_code(digits):
            raise Malformed("This is the code or number of a card; it opens that card by itself.")
        if PHONE.fullmatch(digits):
            raise Malformed("This may be somebody's phone number. Take another token.")
        if BANK.fullmatch(digits) and cards.check_digit(digits[:-1]) == digits[-1]:
            raise Malformed("This is the number of a bank card, which is not kept here. Take another token.")
    return normal(text, of)


def _bound(session: Session, program_id: str, of: str, token: str) -> BoundToken | None:
    text = normal(token, of)
    if not text:
        return None
    ours = col(BoundToken.program_id) == program_id, col(BoundToken.unbound_at).is_(None)
    return session.exec(select(BoundToken).where(*ours, col(BoundToken.token_hash).in_(digests(program_id, of, text)))).first()


def _insert(session: Session, card: Card, token_hash: str, kind: str, label: str, by: str) -> BoundToken | None:
    """None where a rival was first."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = BoundToken(
        program_id=card.program_id, id=new_id(), token_hash=token_hash, card_id=card.id, kind=kind, label=label[:40], bound_by=by
    )
    row = dialect.insert(BoundToken).values(**made.model_dump()).on_conflict_do_nothing().returning(col(BoundToken.id))
    return session.get_one(BoundToken, (card.program_id, made.id)) if session.execute(row).first() is not None else None


def _proof(card: Card, given: ConsentGiven) -> Consent:
    return Consent(
        program_id=card.program_id,
        guest_id=card.owner_id,
        purpose=CONSENT,
        version=given.version,
        language=given.language,
        text_hash=hashlib.sha256(given.text.encode()).hexdigest(),
    )
