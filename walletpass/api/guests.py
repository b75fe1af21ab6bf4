"""Who stands at the till."""

from typing import Any

from flask import g
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from walletpass import checks, guests, identification, ledger, programs, staff
from walletpass.api.auth import AT_TILL, SECURITY, authenticate
from walletpass.api.cards import delivery
from walletpass.api.finding import SEARCHES_PER_MINUTE, doorman, identify
from walletpass.api.guest_shapes import FavouritesOut, GuestView, RulesOut
from walletpass.api.proving import redeeming
from walletpass.api.schemas import (
    FAULTS,
    BalanceOut,
    CardOut,
    CodeIn,
    EntryOut,
    GuestOut,
    Out,
    RecentOut,
)  # fmt: skip
from walletpass.cards import Card
from walletpass.database import now, reading, transaction
from walletpass.errors import NotAllowed
from walletpass.identification import Identified
from walletpass.staff import Actor

bp = APIBlueprint("api_guests", __name__, url_prefix="/api/v1/guests", abp_tags=[Tag(name="Guests")], abp_responses=FAULTS)
bp.before_request(authenticate)


class SearchQuery(BaseModel):
    search: str = Field(
        min_length=1, max_length=80, description="The beginning of a first or last name, or four digits of the phone number."
    )


class FoundGuestOut(Out):
    card: str = Field(description="The card's id.")
    name: str
    masked_phone: str
    number: str = Field(description="Of the card number the last four digits.")


class FoundGuestsOut(Out):
    guests: list[FoundGuestOut]


@bp.post("/by-code", summary="The guest behind a scanned code or a typed card number", responses={200: GuestView}, security=SECURITY)
def by_code(body: CodeIn) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    # A code that changes is used up by being read; a look at the rest changes nothing, and waits for nobody.
    with transaction() if identification.uses_up(body.code) else reading() as session:
        seen = view(session, actor, identify(session, actor, body.code)).model_dump(mode="json")
    staff.noticed(actor, staff.SCAN)
    return seen


@bp.get(
    "", summary="Guests by a part of the name or the phone number; for people at a till", responses={200: FoundGuestsOut}, security=AT_TILL
)
def search(query: SearchQuery) -> dict[str, Any]:
    """At most eight, phones masked. Whoever is chosen is asked for again by identify, with the card's id."""
    actor: Actor = g.actor
    actor.must("look_up")
    if actor.source != "till":
        raise NotAllowed("Guests are searched for by people at a till.")
    doorman().admit("search", f"{actor.program_id}:{actor.bearer}", SEARCHES_PER_MINUTE)
    with reading() as session:
        found = identification.search(session, programs.get(session, actor.program_id), query.search)
    return FoundGuestsOut(guests=[FoundGuestOut.model_validate(one) for one in found]).model_dump(mode="json")


def view(session: Session, actor: Actor, identified: Identified) -> GuestView:
    """The guest as a till sees them; ``identified`` says how they were found just now."""
    program, card = programs.get(session, actor.program_id), identified.card
    visits = checks.summary(session, card)
    balance = ledger.balance(session, program.id, card.id)
    guest = guests.get(session, program.id, card.owner_id)
    return GuestView(
        card=CardOut(id=card.id, number=card.number, **BalanceOut.model_validate(balance).model_dump()),
        guest=GuestOut(id=guest.id, name=guest.name, masked_phone=identification.masked_phone(guest.phone)),
        redeeming=redeeming(session, program, actor, identified),
        delivery=delivery(session, card),
        visits=visits.visits,
        average_check=visits.average,
        last_visit=visits.last_visit,
        days_since_last_visit=visits.days_since,
        first_visit=visits.first_visit,
        regular=visits.regular,
        favourites=FavouritesOut.model_validate(visits.favourites),
        usual_waiter=visits.usual_waiter,
        rules=_rules(session, program, card),
        recent=[_recent(program, actor, entry, undone) for entry, undone in ledger.recent(session, program.id, card.id)],
    )


def _rules(session: Session, program: programs.Program, card: Card) -> RulesOut:
    rules, tier = RulesOut.model_validate(program), ledger.tier(session, program, card)
    if tier is None:
        return rules
    return rules.model_copy(update={"earn_bps": tier.earn_bps, "tier": tier.name, "discount_percent": tier.discount_percent})


def _recent(program: programs.Program, actor: Actor, entry: ledger.Entry, undone: bool) -> RecentOut:
    reversible = entry.type in ledger.REVERSAL and not undone and in_time(program, actor, entry)
    return RecentOut(**EntryOut.model_validate(entry).model_dump(by_alias=False), reversible=reversible)


def in_time(program: programs.Program, actor: Actor, entry: ledger.Entry) -> bool:
    """A cashier may undo for some minutes, a manager at any time."""
    age = now() - entry.recorded_at
    return actor.may("undo_any") or age.total_seconds() <= program.undo_minutes * 60
