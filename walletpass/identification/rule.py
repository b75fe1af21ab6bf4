"""When points may be spent on what was shown, and when the guest must prove that it is them. The one place that decides it."""

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from walletpass.cards import Card
from walletpass.database import now
from walletpass.errors import ChangingCodeNeeded, ReasonNeeded, SecondFactorNeeded
from walletpass.identification import confirmations, factors, once, proofs
from walletpass.identification.way import Identified, Strength
from walletpass.programs import Program
from walletpass.staff import Actor

# No balance is as high.
ANY = 10**12
# Said aloud, or read off an earlier answer: whoever says them need not have seen the card.
SAID = ("phone", "id")


def allowance(program: Program, way: str, strength: Strength, *, changing: bool) -> int:
    """Points that may be spent within a day on what this way shows.

    A code can be photographed and the number stands beside it, so both are good for ``Program.second_factor_above``. A card whose
    wallet shows a code that changes is not spent by anything that stays as it is.
    """
    if strength == Strength.PROVED:
        return ANY
    return 0 if changing or way in SAID else program.second_factor_above


def must_be_proved(
    session: Session,
    program: Program,
    identified: Identified,
    actor: Actor,
    *,
    points: int,
    spent: int,
    changing: bool,
    proof: str,
    reason: str,
) -> str:
    """Before points are spent or held: the reason to keep with the entry, or "".

    ``identified`` is what the request itself says; ``proof`` what an earlier look or a second factor gave to this actor; ``spent``
    the points that went within a day; ``changing`` whether a wallet shows a code that changes. Whatever is used up here is used up
    with the caller's transaction. Raises SecondFactorNeeded (or ChangingCodeNeeded) with ``factors`` and ``above``, ReasonNeeded.
    """
    card = identified.card
    if identified.strength == Strength.PROVED:
        return ""
    known = proofs.read(card, actor.bearer, proof)
    shown = [identified.way] + ([known.way] if known else [])
    above = max(allowance(program, way, Strength.SHOWN, changing=changing) for way in shown) - spent
    if points <= above:
        return ""
    used = known is not None and known.strength == Strength.PROVED
    if known is not None and used and once.spend(session, program.id, f"proof:{card.id}:{known.nonce}", known.until):
        return ""
    if _confirmed(session, card, actor.bearer):
        return ""
    if may_go_on(actor):
        if not reason:
            raise ReasonNeeded("Say why points are spent without the guest's proof; it is kept with your name.")
        return reason
    details = {"factors": factors.offered(session, card, changing=changing), "above": max(0, above)}
    if changing and used:
        raise ChangingCodeNeeded("Points were spent on this scan already. Scan the code that the phone shows now.", **details)
    if changing:
        raise ChangingCodeNeeded("Ask the guest to open the card in Google Wallet and scan the code that changes.", **details)
    if used:
        raise SecondFactorNeeded("Points were spent on this proof already. Ask the guest for a new one.", **details)
    raise SecondFactorNeeded("So many points are spent only when the guest proves that it is their card.", **details)


def may_go_on(actor: Actor) -> bool:
    """Whether they may do without the guest's proof: a manager at a till, and no API key whatever it may do besides."""
    return bool(actor.staff_id) and actor.may("redeem_unproved")


def line_up(session: Session, card: Card) -> None:
    """Two tills that spend from one card follow one another until commit: each sees what the other has spent. Taken before all other
    locks. On SQLite every writer waits for the one before anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"spending {card.program_id}/{card.id}", 0))))


def _confirmed(session: Session, card: Card, bearer: str) -> bool:
    said = confirmations.take_up(session, card, bearer)
    return said is not None and once.spend(session, card.program_id, f"proof:{card.id}:{said.id}", now() + timedelta(hours=1))
