"""Where the button "Add to Google Wallet" leads."""

import structlog
from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from walletpass import cards, programs
from walletpass.cards import CardFace
from walletpass.database import now, reading, transaction
from walletpass.errors import ConfigurationError, DeliveryError, Gone, NotFound, Unavailable
from walletpass.google import account, mirror
from walletpass.google.channel import GoogleChannel
from walletpass.google.client import Client
from walletpass.google.models import GoogleObject
from walletpass.google.save_link import save_link
from walletpass.programs import Program

log = structlog.get_logger(__name__)

bp = Blueprint("google", __name__)


def available(program: Program) -> bool:
    """Whether a page may show the button: the program has an issuer id, and there is a key to sign with."""
    return bool(program.google_issuer_id) and account.key_file().is_file()


@bp.get("/c/<program_id>/<link>/google")
def save(program_id: str, link: str) -> Response:
    """On to Google with the card: by then Google knows it, and its changes travel there."""
    face, before = _card(program_id, link)
    try:
        signer = account.load()
        with Client(signer) as client:
            after = mirror.bring_up_to_date(client, face, before)
        target = save_link(signer, face)
    except (DeliveryError, ConfigurationError) as error:
        log.error("google.save_failed", program=program_id, card=face.card_id, reason=error.message)
        raise Unavailable("Google Wallet cannot be reached at this moment. Your points are safe; please try again in a minute.") from error
    _put_on(face, after)
    answer = redirect(target, 302)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _card(program_id: str, link: str) -> tuple[CardFace, mirror.Told]:
    with reading() as session:
        program = programs.get(session, program_id)
        card = cards.by_link(session, program_id, link)
        if card.state != "active":
            raise Gone("This card is no longer in use. Please ask the staff.")
        if not available(program):
            raise NotFound("This restaurant does not have cards in Google Wallet.")
        return cards.face(session, card, program), mirror.told(session, program_id, card.id)


def _put_on(face: CardFace, after: mirror.Told) -> None:
    """From now on changes go to Google. One that came while we spoke with Google had no way there yet: it is given one."""
    with transaction() as session:
        card = cards.get(session, face.program_id, face.card_id)
        cards.put_on(session, card, GoogleChannel.name, seen=face.version)
        row = session.get(GoogleObject, (face.program_id, face.card_id))
        mirror.remember(session, face, after, asked_at=row.asked_at if row and row.asked_at else now())
