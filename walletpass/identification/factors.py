"""The second factors: how a guest proves at a till that it is them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from walletpass import codes, messages, programs
from walletpass.cards import Card
from walletpass.database import now, reading, transaction
from walletpass.errors import Conflict, Malformed, WrongFactor
from walletpass.guests import Guest
from walletpass.identification import card_codes, confirmations, passkeys, pins, proofs, tries
from walletpass.identification.masks import masked_phone
from walletpass.identification.way import Strength

WRONG = "This is not right. Please look again."


@dataclass(frozen=True)
class Started:
    """``sent_to`` is masked; empty where nothing was sent. ``expires_at`` is None where nothing ends."""

    kind: str
    sent_to: str = ""
    expires_at: datetime | None = None


class Factor(Protocol):
    kind: str

    def ready(self, session: Session, card: Card) -> bool:
        """Whether this guest has it."""
        ...

    def start(self, session: Session, card: Card, bearer: str) -> Started: ...

    def check(self, card: Card, bearer: str, code: str) -> str:
        """The nonce of the proof, or empty for a wrong code. Opens its own transactions: a try counts though the request is refused."""
        ...


class SmsFactor:
    """Six digits to the phone number on file."""

    kind = "sms"

    def ready(self, session: Session, card: Card) -> bool:
        return messages.reachable(messages.Way.SMS) and bool(_guest(session, card).phone)

    def start(self, session: Session, card: Card, bearer: str) -> Started:
        guest, program = _guest(session, card), programs.get(session, card.program_id)
        sent = codes.send(session, program, "redeem", guest.phone, card.id, asker=tries.by(bearer), language=guest.language)
        return Started(self.kind, masked_phone(guest.phone), sent.expires_at)

    def check(self, card: Card, bearer: str, code: str) -> str:
        with reading() as session:
            program, phone = programs.get(session, card.program_id), _guest(session, card).phone
        right = codes.check_at_once(program, "redeem", card.id, code, asker=tries.by(bearer), to=phone)
        return proofs.new_nonce() if right else ""


class CardCodeFactor:
    """Six digits on the card itself, which the guest reads out."""

    kind = "card_code"

    def ready(self, session: Session, card: Card) -> bool:
        return True

    def start(self, session: Session, card: Card, bearer: str) -> Started:
        return Started(self.kind, expires_at=card_codes.put_on(session, card, bearer))

    def check(self, card: Card, bearer: str, code: str) -> str:
        return card_codes.read_out(card, bearer, code)


class PinFactor:
    kind = "pin"

    def ready(self, session: Session, card: Card) -> bool:
        return bool(_guest(session, card).pin_hash)

    def start(self, session: Session, card: Card, bearer: str) -> Started:
        return Started(self.kind)

    def check(self, card: Card, bearer: str, code: str) -> str:
        return proofs.new_nonce() if pins.fits(card, bearer, code) else ""


class PasskeyFactor:
    """The guest taps "Confirm with face or finger" on the card's page; the till takes that up, and nobody types."""

    kind = "passkey"

    def ready(self, session: Session, card: Card) -> bool:
        return bool(passkeys.of(session, card))

    def start(self, session: Session, card: Card, bearer: str) -> Started:
        return Started(self.kind, expires_at=now() + confirmations.LASTS)

    def check(self, card: Card, bearer: str, code: str) -> str:
        with transaction() as session:
            said = confirmations.take_up(session, card, bearer)
            return said.id if said is not None else ""


FACTORS: tuple[Factor, ...] = (SmsFactor(), CardCodeFactor(), PinFactor(), PasskeyFactor())
KINDS = {factor.kind: factor for factor in FACTORS}


def offered(session: Session, card: Card, *, changing: bool) -> list[str]:
    """By what this guest can prove it; the code that changes is scanned, and needs no start."""
    return (["changing_code"] if changing else []) + [factor.kind for factor in FACTORS if factor.ready(session, card)]


def start(session: Session, card: Card, bearer: str, kind: str) -> Started:
    """Raises Conflict where this guest has no such factor."""
    factor = _factor(kind)
    if not factor.ready(session, card):
        raise Conflict("This guest cannot prove it in this way. Choose another one.")
    return factor.start(session, card, bearer)


def verify(card: Card, bearer: str, kind: str, code: str) -> str:
    """A proof for this bearer, good for five minutes and one redemption. Not inside a transaction: tries are counted for sure.

    Raises WrongFactor, FactorLocked after five wrong ones.
    """
    nonce = _factor(kind).check(card, bearer, code)
    if not nonce:
        raise WrongFactor("The guest has not confirmed it yet." if kind == PasskeyFactor.kind else WRONG)
    return proofs.prove(card, bearer, kind, Strength.PROVED, nonce)


def _guest(session: Session, card: Card) -> Guest:
    return session.get_one(Guest, (card.program_id, card.owner_id))


def _factor(kind: str) -> Factor:
    if kind not in KINDS:
        raise Malformed(f"A second factor is one of {', '.join(KINDS)}.")
    return KINDS[kind]
