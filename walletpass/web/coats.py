"""The coat-check: the screen itself. What it does goes through `/api/v1/coats`, like any other client's requests."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import format_currency
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from walletpass import coatcheck, config, staff
from walletpass.coatcheck import ItemKind
from walletpass.database import reading
from walletpass.errors import NotFound
from walletpass.web import kept, qr
from walletpass.web.managing import Desk, screen_for
from walletpass.web.till import VERSION_HEADER, Place, place

bp = Blueprint("coats", __name__)

LONGEST_LINK = 300


@bp.get("/t/<program_id>/coats")
def screen(program_id: str) -> BaseResponse:
    here = place(program_id)
    if here.till is None:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))
    if here.actor is None:
        return redirect(url_for("sign_in.form", program_id=program_id, lang=request.args.get("lang")))
    here.actor.must("coats")
    version = kept.version(here.program)
    page = render_template(
        "coats.html",
        program=here.program,
        venue=here.venue,
        staff=here.actor,
        version=version,
        managers=_managers(here),
        kinds=kind_names(),
    )
    response = make_response(page)
    response.headers[VERSION_HEADER] = version
    return response


@bp.get("/t/<program_id>/coats/ticket-code.svg")
def ticket_code(program_id: str) -> Response:
    """The page of a wallet ticket as a QR, for the phone of a guest without a card."""
    link = request.args.get("link", "")
    actor = place(program_id).actor
    ours = link.startswith(f"{config.current().base_url}/c/{program_id}/") and len(link) <= LONGEST_LINK
    if actor is None or not actor.may("coats") or not ours:
        raise NotFound("There is no such ticket.")
    return qr.svg(link)


@bp.get("/t/<program_id>/coats/shifts/<shift_id>")
def shift(program_id: str, shift_id: str) -> str | BaseResponse:
    """The report of an evening, to be printed."""
    return screen_for("coats", program_id, lambda here: _shift(here, shift_id))


def _shift(here: Desk, shift_id: str) -> str:
    program_id = here.program.id
    with reading() as session:
        found = coatcheck.shift(session, program_id, shift_id)
        room = coatcheck.rooms.get(session, program_id, found.cloakroom_id, here.actor.venue_id)
        counts = coatcheck.report(session, found)
        names = {person.id: person.name for person in staff.team(session, program_id)}
    return render_template(
        "coats_shift.html", program=here.program, venue=here.venue, shift=found, room=room, counts=counts, names=names, rows=_sum(counts),
        zone=ZoneInfo(here.program.timezone), money=format_currency(_major(counts["money"], here.program.currency), here.program.currency),
    )  # fmt: skip


def kind_names() -> dict[str, str]:
    """What staff call each kind of thing."""
    return {
        ItemKind.COAT: _("Coat"),
        ItemKind.BAG: _("Bag"),
        ItemKind.UMBRELLA: _("Umbrella"),
        ItemKind.HAT: _("Hat"),
        ItemKind.HELMET: _("Helmet"),
        ItemKind.SUITCASE: _("Suitcase"),
        ItemKind.PRAM: _("Pram"),
        ItemKind.OTHER: _("Something else"),
    }


def _sum(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The first two are as much as the others."""
    return [
        (_("Carried over"), counts["carried"]),
        (_("Taken in"), counts["in"]),
        (_("Together"), counts["carried"] + counts["in"]),
        (_("Given back"), counts["out"]),
        (_("Lost"), counts["lost"]),
        (_("Disposed of"), counts["disposed"]),
        (_("Still here"), counts["here"]),
        (_("Together"), counts["out"] + counts["lost"] + counts["disposed"] + counts["here"]),
    ]


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def _managers(here: Place) -> list[dict[str, Any]]:
    """Who can let things go that nobody has a code for."""
    with reading() as session:
        return [
            {"id": person.id, "name": person.name} for person in staff.team(session, here.program.id) if person.role in ("manager", "owner")
        ]
