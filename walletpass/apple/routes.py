"""What a phone asks for: the card for the first time, and Apple's web service for passes.

Unknown serial numbers and wrong tokens get one and the same 401. Apple's list and log carry no credentials; the device
library identifier is the secret of the list, so it stands in no log. What says no who is asking is let in only so often.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterator
from functools import partial

import structlog
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import http_date, parse_date

from walletpass import cards, config, programs
from walletpass.apple import complaints, proofs, registrations
from walletpass.apple.package import MEDIA_TYPE
from walletpass.apple.passes import pass_of
from walletpass.cards import Card
from walletpass.database import reading, retrying, transaction
from walletpass.doorman import Doorman, place
from walletpass.errors import CertificateError, ConfigurationError, NotFound, NoTicketDesign, Unavailable
from walletpass.programs import Program

log = structlog.get_logger(__name__)
bp = Blueprint("apple", __name__)

IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,128}")
DEVICE = re.compile(r"[A-Za-z0-9_-]{1,64}")
PUSH_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,255}")
TAG = re.compile(r"[0-9]{1,18}")
LINK = re.compile(r"[A-Za-z0-9_-]{1,40}")

REGISTER_BODY, LOG_BODY = 4 * 1024, 64 * 1024
NO_TOKEN = "-" * 43

SERVICE = "/apple/v1"
REGISTRATIONS = f"{SERVICE}/devices/<device_id>/registrations/<pass_type>"


@bp.post(f"{REGISTRATIONS}/<serial_number>")
def register(device_id: str, pass_type: str, serial_number: str) -> Response:
    """201 for a new registration, 200 for a known one, whose push token is replaced."""
    with reading() as session:
        found = _authorized(session, pass_type, serial_number)
    if found is None:
        return _unauthorized()
    program, card = found
    push_token = _push_token()
    if push_token is None or not DEVICE.fullmatch(device_id):
        return Response(status=400)

    def work() -> bool:
        with transaction() as session:
            return registrations.register(session, cards.get(session, program.id, card.id), device_id, push_token)

    added = retrying(work)
    log.info("apple.registered", program=program.id, card=card.id, new=added)
    return Response(status=201 if added else 200)


@bp.delete(f"{REGISTRATIONS}/<serial_number>")
def unregister(device_id: str, pass_type: str, serial_number: str) -> Response:
    """200, also for a device that was not registered."""
    with reading() as session:
        found = _authorized(session, pass_type, serial_number)
    if found is None:
        return _unauthorized()
    program, card = found

    def work() -> None:
        with transaction() as session:
            registrations.unregister(session, cards.get(session, program.id, card.id), device_id)

    if DEVICE.fullmatch(device_id):
        retrying(work)
    log.info("apple.unregistered", program=program.id, card=card.id)
    return Response(status=200)


@bp.get(REGISTRATIONS)
def updatable(device_id: str, pass_type: str) -> Response:
    """Serial numbers changed since the tag of the last answer; all of them for no tag, or one that we cannot read."""
    tag = request.args.get("passesUpdatedSince", "")
    since = int(tag) if tag.isascii() and TAG.fullmatch(tag) else -1
    _admit("list", device_id[:64], config.current().device_list_per_minute)
    with reading() as session:
        program = _program(session, pass_type) if DEVICE.fullmatch(device_id) else None
        changed = registrations.updated_since(session, program.id, device_id, since) if program else ()
        if program is None or not changed:
            return _bare(204)
        news = proofs.has_news(session, program.id, device_id, changed)
        answer = {
            "serialNumbers": sorted(card.serial_number for card in changed),
            "lastUpdated": str(max(card.tag for card in changed)),
        }
    if news:
        _note(lambda session: proofs.note_asked(session, program.id, device_id, news))
    response = Response(json.dumps(answer), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get(f"{SERVICE}/passes/<pass_type>/<serial_number>")
def updated_pass(pass_type: str, serial_number: str) -> Response:
    with reading() as session:
        found = _authorized(session, pass_type, serial_number)
        if found is None:
            return _unauthorized()
        program, card = found
        known = parse_date(request.headers.get("If-Modified-Since"))
        try:
            # A phone says our own date again; another one, be it later, is not of this card as it stands.
            held = known is not None and card.changed_at == known
            response = _bare(304) if held else _pass(pass_of(session, card, program), card)
        except (CertificateError, NoTicketDesign) as error:
            log.critical("apple.certificate", program=program.id, reason=error.message)
            return _json(503, error.code, error.message)
        news = request.method == "GET" and proofs.lags(session, card)
    if news:
        _once_sent(response, partial(_note, partial(proofs.note_fetched, card=card)))
    return response


@bp.post(f"{SERVICE}/log")
def device_log() -> Response:
    """What Wallet did not like. Nobody vouches for it: it is cut, cleaned, counted and always answered with 200."""
    _admit("log", place(request.remote_addr), config.current().device_log_per_minute)
    found = complaints.read(_body(LOG_BODY))
    for complaint in found:
        log.warning("apple.device_log", task=complaint.task, line=complaint.message)
    if found:
        _note(lambda session: complaints.keep(session, found))
    return Response(status=200)


@bp.get("/c/<program_id>/<link>/card.pkpass")
def download(program_id: str, link: str) -> Response:
    """The card for the first time. May be asked for more than once: preview, then add."""
    if not LINK.fullmatch(program_id) or not LINK.fullmatch(link):
        raise NotFound("This card is not known here.")
    _admit("download", place(request.remote_addr), config.current().download_per_minute)
    with reading() as session:
        program = programs.get(session, program_id)
        card = cards.by_link_in_use(session, program_id, link, tickets=True)
        try:
            return _pass(pass_of(session, card, program), card)
        except (CertificateError, NoTicketDesign) as error:
            log.critical("apple.certificate", program=program.id, reason=error.message)
            raise Unavailable(f"Apple Wallet cards cannot be made right now: {error.message}") from error


def _program(session: Session, pass_type: str) -> Program | None:
    return programs.by_pass_type(session, pass_type) if IDENTIFIER.fullmatch(pass_type) else None


def _authorized(session: Session, pass_type: str, serial_number: str) -> tuple[Program, Card] | None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    program = _program(session, pass_type)
    card = cards.by_serial(session, program.id, serial_number) if program and IDENTIFIER.fullmatch(serial_number) else None
    try:
        expected = cards.authentication_token(card) if card else NO_TOKEN
    except ConfigurationError:  # its key has left the ring
        card, expected = None, NO_TOKEN
    right = hmac.compare_digest(expected.encode(), given.strip().encode()) and scheme.lower() == "applepass"
    if right and program and card:
        return program, card
    _admit("wrong token", place(request.remote_addr), config.current().wrong_token_per_minute)
    return None


def _admit(door: str, who: str, per_minute: int) -> None:
    doorman: Doorman = current_app.extensions.setdefault("doorman", Doorman())
    doorman.admit(f"apple {door}", who, per_minute)


def _note(work: Callable[[Session], object]) -> None:
    """Bookkeeping beside an answer: a phone gets its card also when this cannot be written down."""

    def attempt() -> None:
        with transaction() as session:
            work(session)

    try:
        retrying(attempt)
    except (OperationalError, Unavailable) as error:
        log.warning("apple.not_noted", reason=str(error)[:200])
    except Exception:  # the answer may be on its way already, and must not end in another
        log.exception("apple.not_noted")


def _once_sent(response: Response, then: Callable[[], None]) -> None:
    """``then`` runs after the last byte has gone into the network, so the phone does not wait for it; never when it hung up before.

    That is as much as we know: a line that breaks later has taken the bytes all the same. A 304 has none: the phone said
    itself that it has this version.
    """
    if response.status_code == 304:
        response.call_on_close(then)
    else:
        response.response = _sending(response.get_data(), then)


def _sending(data: bytes, then: Callable[[], None]) -> Iterator[bytes]:
    yield data
    then()


def _push_token() -> str | None:
    try:
        said = json.loads(_body(REGISTER_BODY) or b"")
    except (ValueError, RecursionError):
        return None
    token = said.get("pushToken") if isinstance(said, dict) else None
    return token if isinstance(token, str) and PUSH_TOKEN.fullmatch(token) else None


def _body(limit: int) -> bytes | None:
    """None when there is more than ``limit`` bytes."""
    request.max_content_length = limit
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _pass(data: bytes, card: Card) -> Response:
    response = Response(data, mimetype=MEDIA_TYPE)
    response.headers["Last-Modified"] = http_date(card.changed_at)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = 'inline; filename="card.pkpass"'
    return response


def _unauthorized() -> Response:
    response = _json(401, "sign_in_required", "No card answers to this serial number and token.")
    response.headers["WWW-Authenticate"] = "ApplePass"
    return response


def _json(status: int, code: str, message: str) -> Response:
    return Response(json.dumps({"error": {"code": code, "message": message}}), status, mimetype="application/json")


def _bare(status: int) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
