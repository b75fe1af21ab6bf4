"""The guest's own PIN, four to six digits, set on the card's page and typed at the till by the guest."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlmodel import Session

from walletpass.cards import Card
from walletpass.database import reading, transaction
from walletpass.errors import Malformed, WrongFactor
from walletpass.guests import Guest
from walletpass.identification import tries

# OWASP's smaller profile: a PIN is guarded by the count of tries, and a guest at the till must not wait.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST, LONGEST = 4, 6
RUNS = ("01234567890", "09876543210")


def check_shape(pin: str) -> None:
    """Raises Malformed for what is no PIN, and for those that everybody tries first."""
    if not (SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdigit()):
        raise Malformed("A PIN is 4 to 6 digits.")
    if len(set(pin)) == 1 or any(pin in run for run in RUNS):
        raise Malformed("This PIN is guessed at once. Please take another one.")


def set_pin(card: Card, pin: str, current: str = "") -> None:
    """The first PIN of a guest, or another one by the word of the ``current``. Opens its own transactions, as each try counts.

    Raises Malformed, WrongFactor, FactorLocked.
    """
    check_shape(pin)
    with reading() as session:
        set_before = has_one(session, card)
    if set_before and not fits(card, "card page", current):
        raise WrongFactor("This is not the PIN that you have now.")
    made = hasher.hash(pin)
    with transaction() as session:
        guest = session.get_one(Guest, (card.program_id, card.owner_id), with_for_update=True, populate_existing=True)
        if guest.pin_hash and not set_before:
            raise WrongFactor("A PIN was set a moment ago on another phone.")
        guest.pin_hash = made
        session.add(guest)


def has_one(session: Session, card: Card) -> bool:
    return bool(session.get_one(Guest, (card.program_id, card.owner_id)).pin_hash)


def clear_pin(session: Session, card: Card) -> bool:
    """For a guest who has forgotten it. Whether there was one."""
    guest = session.get_one(Guest, (card.program_id, card.owner_id), with_for_update=True)
    there, guest.pin_hash = bool(guest.pin_hash), ""
    session.add(guest)
    return there


def fits(card: Card, bearer: str, pin: str) -> bool:
    """Whether this is the guest's PIN. The try is counted first; a right one forgives those before. Raises FactorLocked.

    The slow hash is looked at between two transactions: nobody else waits for it.
    """
    mine = (card.program_id, card.id, tries.by(bearer), "pin")
    with transaction() as session:
        kept = session.get_one(Guest, (card.program_id, card.owner_id)).pin_hash
        tries.count(session, *mine)
    if not kept or not _verify(kept, pin):
        return False
    with transaction() as session:
        tries.forgive(session, *mine)
    return True


def _verify(kept: str, pin: str) -> bool:
    try:
        return hasher.verify(kept, pin)
    except (Argon2Error, InvalidHashError):
        return False
