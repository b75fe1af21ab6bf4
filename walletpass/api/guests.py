"""Who stands at the till."""

from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import cards, checks, google, guests, ledger, programs
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.cards import delivery
from walletpass.api.finding import find
from walletpass.api.schemas import FAULTS, BalanceOut, CardOut, CodeIn, EntryOut, GuestOut, GuestView, RecentOut, RedeemingOut, RulesOut
from walletpass.database import now, reading, transaction
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_guests", __name__, url_prefix="/api/v1/guests", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


@bp.post("/by-code", summary="The guest behind a scanned code or a typed card number", responses={200: GuestView})
def by_code(body: CodeIn) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    scanned = cards.rotation.is_changing_code(body.code)
    # Such a code is used up by being read; a look at the rest changes nothing, and waits for nobody.
    with transaction() if scanned else reading() as session:
        card = find(session, actor, body.code)
        return view(session, actor, card, scanned=scanned).model_dump(mode="json")


def view(session: Session, actor: Actor, card: cards.Card, *, scanned: bool = False) -> GuestView:
    """``scanned``: the card's changing code has just been read."""
    program = programs.get(session, actor.program_id)
    visits = checks.summary(session, card)
    balance = ledger.balance(session, program.id, card.id)
    return GuestView(
        card=CardOut(id=card.id, number=card.number, **BalanceOut.model_validate(balance).model_dump()),
        guest=GuestOut.model_validate(guests.get(session, program.id, card.guest_id)),
        redeeming=_redeeming(session, program, actor, card, scanned),
        delivery=delivery(session, card),
        visits=visits.visits,
        average_check=visits.average,
        last_visit=visits.last_visit,
        days_since_last_visit=visits.days_since,
        rules=RulesOut.model_validate(program),
        recent=[_recent(program, actor, entry, undone) for entry, undone in ledger.recent(session, program.id, card.id)],
    )


def shows_changing_code(session: Session, program: programs.Program, card: cards.Card) -> bool:
    """By Google's word that somebody holds the card, and not before: the button alone shows nobody a code, and a guest who took the
    card out has none either. Whoever has a photograph cannot make Google say it."""
    if not cards.rotation.applies(program, card):
        return False
    seen = google.presence(session, program.id, card.id)
    return seen is not None and seen.saved


def _redeeming(session: Session, program: programs.Program, actor: Actor, card: cards.Card, scanned: bool) -> RedeemingOut:
    if scanned or not shows_changing_code(session, program, card):
        return RedeemingOut(needs="nothing", proof=cards.rotation.prove(card, actor.bearer) if scanned else "")
    return RedeemingOut(needs="reason" if actor.may("redeem_unproved") else "proof", proof="")


def _recent(program: programs.Program, actor: Actor, entry: ledger.Entry, undone: bool) -> RecentOut:
    reversible = entry.type in ledger.REVERSAL and not undone and in_time(program, actor, entry)
    return RecentOut(**EntryOut.model_validate(entry).model_dump(by_alias=False), reversible=reversible)


def in_time(program: programs.Program, actor: Actor, entry: ledger.Entry) -> bool:
    """A cashier may undo for some minutes, a manager at any time."""
    age = now() - entry.recorded_at
    return actor.may("undo_any") or age.total_seconds() <= program.undo_minutes * 60
