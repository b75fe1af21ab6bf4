"""Where the button "Add to Google Wallet" leads, and where Google calls when a card was saved or removed.

A call carries no password, only signatures: what does not verify gets a bare answer, and leaves nothing but a number.
"""

import re
import threading
import time

import structlog
from flask import Blueprint, current_app, redirect, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from walletpass import cards, config, programs
from walletpass.database import reading, retrying, transaction
from walletpass.doorman import Doorman, place
from walletpass.errors import ConfigurationError, DeliveryError, NotFound, TooMany, Unavailable
from walletpass.google import account, callbacks, ecv2, mirror, rootkeys
from walletpass.google.callbacks import refusals
from walletpass.google.client import Client
from walletpass.google.save_link import save_link
from walletpass.programs import Program

log = structlog.get_logger(__name__)

bp = Blueprint("google", __name__)

PROGRAM = re.compile(r"[a-z0-9-]{1,40}")
# Bytes; a real call has about a thousand.
CALL_BODY = 8 * 1024
# Seconds after which Google may call again when it was our fault.
LATER = 60
# Guests whom Google keeps waiting hold a thread of the server, which tills need: so many at once, and so many seconds for a turn.
AT_ONCE, PATIENCE = 4, 5.0
_at_once = threading.BoundedSemaphore(AT_ONCE)
AWAY = "Google Wallet cannot be reached at this moment. Nothing is lost; please try again in a minute."
# What a signed call may turn out to be without being anybody's mistake.
HARMLESS = {callbacks.HEARD, callbacks.LATE, callbacks.REPLAYED, callbacks.UNKNOWN_OBJECT, callbacks.UNKNOWN_EVENT}


def available(program: Program) -> bool:
    """Whether a page may show the button: the program has an issuer id, and there is a key to sign with."""
    return bool(program.google_issuer_id) and account.key_file().is_file()


@bp.get("/c/<program_id>/<link>/google")
def save(program_id: str, link: str) -> Response:
    """On to Google with the card: by then Google knows it, and its changes travel there."""
    _doorman().admit("google save", place(request.remote_addr), config.current().download_per_minute)
    card_id = _card(program_id, link)
    if not _at_once.acquire(blocking=False):
        raise Unavailable("Many guests are adding their cards at this moment. Please try again in a minute.")
    try:
        signer = account.load()
        with Client(signer) as client:
            client.until = time.monotonic() + PATIENCE
            face = mirror.bring_up_to_date(client, program_id, card_id, asked=True)
        target = save_link(signer, tickets=[face]) if face.is_ticket else save_link(signer, face)
    except (DeliveryError, ConfigurationError) as error:
        log.error("google.save_failed", program=program_id, card=card_id, reason=error.message)
        raise Unavailable(AWAY) from error
    finally:
        _at_once.release()
    answer = redirect(target, 302)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _card(program_id: str, link: str) -> str:
    with reading() as session:
        program = programs.get(session, program_id)
        card = cards.by_link_in_use(session, program_id, link, tickets=True)
        if not available(program):
            raise NotFound("This restaurant does not have cards in Google Wallet.")
        return card.id


@bp.post("/google/callback/<program_id>")
def callback(program_id: str) -> Response:
    """204 for what was heard, also before, and for cards we do not have; 400 for a forgery; 503 when Google should call again."""
    try:
        program = _program(program_id)
        if program is None:
            return _refused(404, "unknown_program")
        outcome = _heard(program, _verified(program))
    except ecv2.Forged as error:
        return _refused(400, error.reason)
    except (Unavailable, OperationalError):
        refusals.count("unavailable")
        return _bare(503, LATER)
    if outcome not in HARMLESS:
        return _refused(400, outcome)
    if outcome == callbacks.HEARD:
        log.info("google.called", program=program.id)
    else:
        refusals.count(outcome)
    return _bare(204)


def _program(program_id: str) -> Program | None:
    """None also for a program without an issuer id: nobody can write to it."""
    if not PROGRAM.fullmatch(program_id):
        return None
    with reading() as session:
        found = session.get(Program, program_id)
        return found if found is not None and found.google_issuer_id else None


def _verified(program: Program) -> ecv2.Call:
    request.max_content_length = CALL_BODY
    try:
        envelope = ecv2.read(request.get_data())
    except RequestEntityTooLarge as error:
        raise ecv2.Forged("too_large") from error
    now_ms = time.time_ns() // 1_000_000
    keys = rootkeys.roots.usable(now_ms)
    return ecv2.verify(envelope, keys, recipient=program.google_issuer_id, senders=config.current().senders, now_ms=now_ms)


def _heard(program: Program, call: ecv2.Call) -> str:
    def work() -> str:
        with transaction() as session:
            return callbacks.hear(session, program, call)

    return retrying(work)


def _refused(status: int, reason: str) -> Response:
    """Whoever sends many of these is soon told to wait; a true call is never counted among them."""
    refusals.count(reason)
    log.debug("google.refused", reason=reason)
    try:
        _doorman().admit("google forged", place(request.remote_addr), config.current().wrong_token_per_minute)
    except TooMany as error:
        return _bare(429, error.after)
    return _bare(status)


def _doorman() -> Doorman:
    found: Doorman = current_app.extensions.setdefault("doorman", Doorman())
    return found


def _bare(status: int, after: int | None = None) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    if after is not None:
        response.headers["Retry-After"] = str(after)
    return response
