"""What is on its way to the phones, what is stuck, and why."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import apple, delivery, google
from walletpass.apple import DeviceProof
from walletpass.cards import Card
from walletpass.database import now, reading, transaction
from walletpass.delivery import CALLED, Outbox
from walletpass.errors import NotFound
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("deliveries", __name__)

# A phone with a connection comes for a change within seconds; after this it lags.
AT_ONCE = timedelta(minutes=1)


@bp.get("/t/<program_id>/deliveries")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/deliveries")
def act(program_id: str) -> BaseResponse:
    """Leads back to the page, so that nothing is done again by loading it anew."""
    manager(program_id)
    deed = pressed(DEEDS)
    with transaction() as session:
        done = deed(session, program_id)
    return redirect(url_for("deliveries.screen", program_id=program_id, done=done, lang=request.args.get("lang")), 303)


def _resume(session: Session, program_id: str) -> str:
    delivery.resume(session, program_id, request.form.get("channel", ""))
    return "resumed"


def _retry(session: Session, program_id: str) -> str:
    try:
        delivery.retry(session, program_id, request.form.get("message_id", ""))
    except NotFound:
        return "sent_before"
    return "sent_again"


DEEDS: dict[str, Callable[[Session, str], str]] = {"resume": _resume, "retry": _retry}


def _notice() -> str:
    """What was just done here; nothing for a word that is none of ours."""
    said = {
        "resumed": _("The pause is over: what waits is sent now. If the cause is still there, the pause comes back."),
        "sent_before": _("This message was sent again already."),
        "sent_again": _("It is sent again."),
    }
    return str(said.get(request.args.get("done", ""), ""))


def why(card: Card, phone: DeviceProof) -> str:
    """Why a phone does not have the newest state of a card, as far as we know."""
    if phone.last_reason:
        return str(_("Apple did not take the push: %(reason)s", reason=phone.last_reason))
    if phone.sent_version < card.version:
        return str(_("Not sent yet"))
    if phone.asked_at is not None and phone.sent_at is not None and phone.asked_at >= phone.sent_at:
        return str(_("It asked, but did not fetch the card"))
    return str(_("It was told, and has not asked: switched off, or without a network"))


def _page(here: Place) -> str:
    with reading() as session:
        program_id, at_google = here.program.id, bool(here.program.google_issuer_id)
        letters = delivery.dead(session, program_id)
        return render_template(
            "deliveries.html",
            program=here.program,
            venue=here.venue,
            paused=delivery.paused(session, program_id),
            look={channel: f"walletpass {command}" for channel, (_name, command) in CALLED.items()},
            lagging=[
                {"card": card, "phone": phone, "why": why(card, phone)}
                for card, phone in apple.lagging(session, program_id, now() - AT_ONCE)
            ],
            letters=[{"letter": letter, "card": card} for letter, card in _with_cards(session, letters)],
            sent=[{"card": card, "phone": phone} for card, phone in apple.latest(session, program_id)],
            gone=[{"card": card, "phone": phone} for card, phone in apple.gone(session, program_id)],
            complaints=apple.heard(session, program_id),
            in_google=google.count(session, program_id) if at_google else None,
            for_google=_for_google(session, program_id) if at_google else [],
            told_google=google.latest(session, program_id) if at_google else [],
            notice=_notice(),
        )


def _for_google(session: Session, program_id: str) -> list[dict[str, Any]]:
    """Cards that should be there by now."""
    waiting = delivery.waiting(session, program_id, "google", now() - AT_ONCE)
    return [{"card": card, "letter": letter} for letter, card in _with_cards(session, waiting)]


def _with_cards(session: Session, letters: Sequence[Outbox]) -> list[tuple[Outbox, Card | None]]:
    return [(letter, session.get(Card, (letter.program_id, letter.card_id))) for letter in letters]
