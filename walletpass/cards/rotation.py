"""A code that changes every half minute, for cards whose wallet can show one.

    1        2      3 .. 41        42 .. 49
    version  key id card token     TOTP (RFC 6238: HMAC-SHA1, steps of 30 s, 8 digits)

The phone appends the last eight digits, also without a network, from a key that it shares with the card's row. Each is good
in its own step, the one before and the one after, and once: what was read is used up. A photograph of it is worth nothing a
moment later, so only such a code, or the proof that it was read, lets points be spent where a wallet shows it.
"""

import base64
import hmac
import secrets
import time

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from walletpass import sealed
from walletpass.cards.codes import NOT_OURS, TOKEN_DIGITS, bare, current_key_id, derive
from walletpass.cards.models import Card
from walletpass.errors import ChangingCodeNeeded, CodeExpired, CodeUsed, ConfigurationError, NotOurCode
from walletpass.programs import Program
from walletpass.sealed import Place

VERSION = "2"
KEY_BYTES, STEP_SECONDS, OTP_DIGITS = 20, 30, 8
CODE_DIGITS = 2 + TOKEN_DIGITS + OTP_DIGITS
# How long a visit may take from the scan to the moment when points pay.
PROOF_SECONDS = 300
# A code that was used this far in the future was used while a clock was wrong: the card is not shut until then.
CLOCK_WAS_WRONG = 3600 // STEP_SECONDS
# The wallet that shows codes that change.
WALLET = "google"


def begin(session: Session, card: Card, program: Program) -> None:
    """Give the card its key, if the program wants one and there is none. Of two at once one is kept, and both see it."""
    if not program.rotating_codes or card.rotation_key:
        return
    key = sealed.seal(secrets.token_bytes(KEY_BYTES), _place(card))
    ours = col(Card.program_id) == card.program_id, col(Card.id) == card.id
    session.execute(update(Card).where(*ours, col(Card.rotation_key) == "").values(rotation_key=key))
    session.refresh(card, ["rotation_key"])


def key_of(card: Card) -> str:
    """What the phone is given, Base16; "" for a card without. Raises ConfigurationError for a key that does not open."""
    return _key(card).hex().upper() if card.rotation_key else ""


def prefix(card: Card) -> str:
    """The digits that stand before the TOTP."""
    return f"{VERSION}{card.key_id}{int(card.token, 16):0{TOKEN_DIGITS}d}"


def applies(program: Program, card: Card) -> bool:
    """Whether a wallet was given a code that changes for the card. Whether the guest has it there, only the wallet's room knows."""
    return program.rotating_codes and bool(card.rotation_key) and WALLET in card.wallets


def is_changing_code(text: str) -> bool:
    digits = bare(text)
    return len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() and digits[0] == VERSION


def named(session: Session, program_id: str, code: str) -> Card:
    """The card that such a code speaks of, whether or not the card shows it now; nothing is used up. Raises NotOurCode."""
    card = spoken_of(session, program_id, code)
    if card is None or card.state != "active":
        raise NotOurCode(NOT_OURS)
    return card


def spoken_of(session: Session, program_id: str, code: str) -> Card | None:
    """`named`, also for a card that was ended; None for what is no code of ours."""
    if not is_changing_code(code):
        return None
    code = bare(code)
    token = f"{int(code[2:-OTP_DIGITS]):032x}"
    card = session.exec(select(Card).where(col(Card.program_id) == program_id, col(Card.token) == token)).first()
    return card if card is not None and card.rotation_key and code[1] == card.key_id else None


def read(session: Session, program_id: str, code: str) -> Card:
    """The card that shows this code now; the code is used up with the caller's transaction, for every till.

    Raises NotOurCode, CodeExpired, CodeUsed.
    """
    card = named(session, program_id, code)
    step = _step_of(_key(card), bare(code)[-OTP_DIGITS:])
    if step is None:
        raise CodeExpired("This code has run out. Scan the one that the phone shows now.")
    if not _use_up(session, card, step):
        raise CodeUsed("This code was used already. Wait for the next one, half a minute at most, and scan that.")
    return card


def prove(card: Card, bearer: str) -> str:
    """A word for ``bearer`` that the card's code has just been read: good for this card and this bearer, for five minutes.

    It names the step that was read, so no two reads give the same one: whoever takes it can tell it from all others.
    """
    until, key_id = int(time.time()) + PROOF_SECONDS, current_key_id()
    said = f"{until}.{card.rotation_step}"
    return f"{key_id}.{said}.{_signature(key_id, card, said, bearer)}"


def is_proof(card: Card, bearer: str, proof: str) -> bool:
    """Whether `prove` gave this for the card to the same bearer, less than five minutes ago."""
    if proof.count(".") != 3 or not proof.isascii():
        return False
    key_id, until, step, signature = proof.split(".")
    if not until.isdigit() or len(until) > 12 or int(until) <= time.time():
        return False
    try:
        return hmac.compare_digest(_signature(key_id, card, f"{until}.{step}", bearer), signature)
    except ConfigurationError:
        return False


def must_be_proved(card: Card, *, code: str, bearer: str, proof: str) -> None:
    """Before points of a card with such a code are spent. ``code`` is what `find` has just found it by. Raises ChangingCodeNeeded."""
    if not is_changing_code(code) and not is_proof(card, bearer, proof):
        raise ChangingCodeNeeded("Ask the guest to open the card in Google Wallet and scan the code that changes.")


def totp(key: bytes, step: int) -> str:
    """RFC 4226 section 5.3 over a counter of RFC 6238: eight digits."""
    digest = hmac.digest(key, step.to_bytes(8), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF
    return f"{number % 10**OTP_DIGITS:0{OTP_DIGITS}d}"


def _step_of(key: bytes, digits: str) -> int | None:
    """The step that shows these digits: now, just before or just after. All three are looked at, so the time tells nothing."""
    current = int(time.time()) // STEP_SECONDS
    found = [step for step in (current - 1, current, current + 1) if hmac.compare_digest(totp(key, step), digits)]
    return found[-1] if found else None


def _use_up(session: Session, card: Card, step: int) -> bool:
    """One statement, so that of two tills one wins. An older code than the last is used up too."""
    unused = or_(col(Card.rotation_step) < step, col(Card.rotation_step) > step + CLOCK_WAS_WRONG)
    ours = col(Card.program_id) == card.program_id, col(Card.id) == card.id
    won = session.execute(update(Card).where(*ours, unused).values(rotation_step=step).returning(col(Card.id))).first() is not None
    session.refresh(card)
    return won


def _signature(key_id: str, card: Card, said: str, bearer: str) -> str:
    digest = hmac.digest(derive(key_id, "redeem proof", card.program_id), f"{said}:{card.id}:{bearer}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()


def _key(card: Card) -> bytes:
    return sealed.unseal(card.rotation_key, _place(card))


def _place(card: Card) -> Place:
    return Place("card.rotation_key", card.program_id, card.id)
