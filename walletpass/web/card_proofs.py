"""The guest's own proofs, on the card's page: a face or finger, a PIN, and the code that a till has put on the card.

Whoever has the page's address has the card: it is the session, so there is no cookie and nothing that a forged form could ride on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, config, identification, programs
from walletpass.cards import Card
from walletpass.database import reading, transaction
from walletpass.doorman import Doorman, place
from walletpass.errors import FactorLocked, Malformed, NotFound, WrongFactor
from walletpass.identification.passkeys import Site

bp = Blueprint("card_proofs", __name__)

# Of one address in a minute: a guest who tries again and again, and a family behind one router.
KNOCKS_PER_MINUTE = 30
LONGEST_ANSWER = 16_384


@dataclass(frozen=True)
class Proofs:
    """What the card's page shows of them. ``code`` is what a till waits for; ``passkeys`` is None where the browser's address allows none."""

    code: str
    code_until: datetime | None
    pin: bool
    passkeys: int | None
    said: str


def proofs(session: Session, card: Card) -> Proofs:
    until = identification.shown_until(session, card)
    return Proofs(
        code=str(card.shown["confirm"]) if until else "",
        code_until=until,
        pin=identification.pins.has_one(session, card),
        passkeys=len(identification.passkeys.of(session, card)) if site() else None,
        said=request.args.get("pin", ""),
    )


def site() -> Site | None:
    """This page as browsers know it. Keys are made for names, never for addresses like 127.0.0.1; of those localhost is the name."""
    settings = config.current()
    if not config.is_loopback(settings.hostname):
        return Site(settings.hostname, settings.base_url)
    host = request.host.partition(":")[0]
    return Site(host, request.host_url.rstrip("/")) if host == "localhost" else None


@bp.post("/c/<program_id>/<link>/pin")
def set_pin(program_id: str, link: str) -> BaseResponse:
    """The first PIN, or another one by the word of the one before."""
    _knock()
    card = _card(program_id, link)
    try:
        identification.pins.set_pin(card, request.form.get("pin", "")[:20], request.form.get("current", "")[:20])
        said = "set"
    except Malformed:
        said = "weak"
    except WrongFactor:
        said = "wrong"
    except FactorLocked:
        said = "locked"
    back = url_for("card_page.page", program_id=program_id, link=link, pin=said, lang=request.args.get("lang"))
    return redirect(f"{back}#proofs", 303)


@bp.post("/c/<program_id>/<link>/passkey/make")
def make(program_id: str, link: str) -> Response:
    """What the browser makes a key with."""
    _knock()
    with reading() as session:
        card = cards.by_link_in_use(session, program_id, link)
        return _json(identification.passkeys.begin_making(session, programs.get(session, program_id), card, _site()))


@bp.post("/c/<program_id>/<link>/passkey/keep")
def keep(program_id: str, link: str) -> Response:
    """The key that it made."""
    _knock()
    answer = request.get_data(as_text=True)[:LONGEST_ANSWER]
    with transaction() as session:
        card = cards.by_link_in_use(session, program_id, link)
        identification.passkeys.finish_making(session, card, _site(), answer)
    return jsonify({})


@bp.post("/c/<program_id>/<link>/passkey/ask")
def ask(program_id: str, link: str) -> Response:
    """What the browser asks for the face or finger with."""
    _knock()
    with reading() as session:
        return _json(identification.passkeys.begin_confirming(session, cards.by_link_in_use(session, program_id, link), _site()))


@bp.post("/c/<program_id>/<link>/passkey/confirm")
def confirm(program_id: str, link: str) -> Response:
    """The guest said yes: for some minutes one till may spend points on it."""
    _knock()
    answer = request.get_data(as_text=True)[:LONGEST_ANSWER]
    with transaction() as session:
        card = cards.by_link_in_use(session, program_id, link)
        identification.passkeys.finish_confirming(session, card, _site(), answer)
        until = identification.confirm(session, card, "passkey")
    return jsonify({"until": until.isoformat()})


def _card(program_id: str, link: str) -> Card:
    with reading() as session:
        return cards.by_link_in_use(session, program_id, link)


def _site() -> Site:
    found = site()
    if found is None:
        raise NotFound("Phones confirm on this page only under its name, not under a number.")
    return found


def _knock() -> None:
    doorman: Doorman = current_app.extensions["doorman"]
    doorman.admit("proofs", place(request.remote_addr), KNOCKS_PER_MINUTE)


def _json(text: Any) -> Response:
    return Response(text, mimetype="application/json")
