"""Whether the guest must prove that it is them before points are spent or held; the same for every view that does either."""

from datetime import timedelta
from typing import Any, Protocol

from flask import g
from sqlalchemy import Executable, bindparam, func, or_
from sqlmodel import Session, select

from walletpass import cards, google, identification, ledger
from walletpass.api.guest_shapes import RedeemingOut
from walletpass.database import now, prepared, table
from walletpass.identification import Identified
from walletpass.ledger import Account, Bill, Entry, EntryType
from walletpass.programs import Program
from walletpass.staff import Actor

DAY = timedelta(days=1)


class Spends(Protocol):
    """What a redemption and a hold have in common."""

    points: int
    proof: str
    reason: str | None


def unproved(session: Session, program: Program, identified: Identified, body: Spends, bill: Bill) -> str:
    """The reason why points may be spent without the guest's proof; empty where there is one, or none is needed.

    One rule for paying at once and for a hold: called before the ledger, in its transaction. Raises as
    `identification.must_be_proved` does, and then nothing was used up; and first as `ledger.must_be_there`: nobody is asked for a
    proof of what cannot be paid anyway.
    """
    identification.line_up(session, identified.card)
    ledger.must_be_there(session, program, identified.card, bill, body.points)
    return identification.must_be_proved(
        session,
        program,
        identified,
        g.actor,
        points=body.points,
        spent=spent_within_a_day(session, identified.card),
        changing=shows_changing_code(session, program, identified.card),
        proof=body.proof,
        reason=body.reason or "",
    )


def redeeming(session: Session, program: Program, actor: Actor, identified: Identified) -> RedeemingOut:
    """What spending points of this guest asks for, and the proof of what was shown just now."""
    card, way, strength = identified.card, identified.way, identified.strength
    changing = shows_changing_code(session, program, card)
    above = identification.allowance(program, way, strength, changing=changing)
    if above < identification.ANY:
        above = max(0, above - spent_within_a_day(session, card))
    if identification.waits(session, card, actor.bearer):
        above = identification.ANY
    named = strength == identification.Strength.NAMED and not identification.allowance(program, way, strength, changing=False)
    return RedeemingOut(
        needs="nothing" if above else "reason" if identification.may_go_on(actor) else "proof",
        proof=""
        if named or (changing and strength < identification.Strength.PROVED)
        else identification.prove(card, actor.bearer, way, strength),
        factors=identification.offered(session, card, changing=changing),
        above=above,
    )


def shows_changing_code(session: Session, program: Program, card: cards.Card) -> bool:
    """By Google's word that somebody holds the card, and not before: the button alone shows nobody a code, and a guest who took the
    card out has none either. Whoever has a photograph cannot make Google say it."""
    if not cards.rotation.applies(program, card):
        return False
    seen = google.presence(session, program.id, card.id)
    return seen is not None and seen.saved


def spent_within_a_day(session: Session, card: cards.Card) -> int:
    """Points of this card that were paid within 24 hours and not given back, and those that are held."""
    asked = {"program": card.program_id, "card": card.id, "since": now() - DAY}
    return int(session.execute(_spent(session), asked).scalar() or 0)


@prepared
def _spent(dialect: Any) -> Executable:
    account, entry, earlier = table(Account).c, table(Entry).c, table(Entry).alias().c
    its_own = earlier.program_id == bindparam("program"), earlier.card_id == bindparam("card")
    paid = select(earlier.seq).where(*its_own, earlier.type == EntryType.REDEEM, earlier.recorded_at > bindparam("since"))
    back = (entry.type == EntryType.REDEEM_REVERSAL) & entry.reverses.in_(paid)
    ours = entry.program_id == bindparam("program"), entry.card_id == bindparam("card")
    net = select(func.coalesce(func.sum(entry.delta), 0)).where(*ours, or_(entry.seq.in_(paid), back))
    whose = account.program_id == bindparam("program"), account.card_id == bindparam("card")
    return select(account.held - net.scalar_subquery()).where(*whose)
