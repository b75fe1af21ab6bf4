"""Cloakrooms, their hooks and what it costs: a manager sets them up, and prints the labels."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import coatcheck, programs
from walletpass.coatcheck import Cloakroom, Hook, ItemKind
from walletpass.database import reading, transaction
from walletpass.errors import Malformed, Refusal
from walletpass.programs import Program, money
from walletpass.web.coats import kind_names
from walletpass.web.managing import Desk, manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("coats_rooms", __name__)


@bp.get("/t/<program_id>/coats/rooms")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/coats/rooms")
def act(program_id: str) -> BaseResponse | tuple[str, int]:
    """Leads back to the page; what was not accepted stays on it, with the reason."""
    here, deed = manager(program_id), pressed(DEEDS)
    try:
        with transaction() as session:
            deed(session, here)
    except Malformed as error:
        return _page(here, wrong=_said(error)), error.status
    except Refusal as error:
        if error.code == "not_found":
            raise
        return _page(here, wrong=_refused(error)), error.status
    return redirect(url_for("coats_rooms.screen", program_id=program_id, done="yes", lang=request.args.get("lang")), 303)


def _add_room(session: Session, here: Desk) -> None:
    wanted = request.form.get("venue_id", "")
    found = [venue for venue in programs.venues(session, here.program.id) if not wanted or venue.id == wanted]
    if not found:
        raise Malformed("There is no such venue.", field="venue_id")
    coatcheck.rooms.add_room(session, found[0], request.form.get("name", ""))


def _add_zone(session: Session, here: Desk) -> None:
    zone = request.form.get("zone", "").strip().upper()
    kinds = request.form.getlist("kind")
    coatcheck.rooms.add_zone(session, _room(session, here), zone, _number("count"), capacity=_number("capacity"), kinds=kinds)


def _retire(session: Session, here: Desk) -> None:
    room = _room(session, here)
    coatcheck.retiring.retire_hook(session, coatcheck.rooms.hook(session, room, request.form.get("hook", "")))


def _restore(session: Session, here: Desk) -> None:
    hook = coatcheck.rooms.hook(session, _room(session, here), request.form.get("hook", ""), in_use=False)
    coatcheck.retiring.restore_hook(session, hook)


def _rename(session: Session, here: Desk) -> None:
    coatcheck.rooms.rename_room(session, _room(session, here), request.form.get("name", ""))


def _close(session: Session, here: Desk) -> None:
    coatcheck.retiring.retire_room(session, _room(session, here))


def _prices(session: Session, here: Desk) -> None:
    places = money.decimals(here.program.currency)
    amounts = {kind: money.read(request.form.get(kind, "").strip() or "0", places) for kind in ItemKind}
    wrong = [kind for kind, amount in amounts.items() if amount is None]
    if wrong:
        raise Malformed("A price is a number like 2.00.", field=wrong[0])
    known = {kind.value: amount for kind, amount in amounts.items() if amount is not None}
    coatcheck.rooms.set_prices(session, programs.get(session, here.program.id), known)


DEEDS: dict[str, Callable[[Session, Desk], None]] = {
    "room": _add_room, "rename": _rename, "close": _close, "zone": _add_zone, "retire": _retire, "restore": _restore, "prices": _prices,
}  # fmt: skip


def _room(session: Session, here: Desk) -> Cloakroom:
    return coatcheck.rooms.get(session, here.program.id, request.form.get("room", ""))


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Malformed("That is no number.", field=name)
    return int(text)


def _said(error: Malformed) -> str:
    said = {
        "name": _("A cloakroom needs a name of 40 letters at most."),
        "zone": _("A zone is one or two Latin letters, like A."),
        "count": _("A zone has 1 to 999 hooks."),
        "capacity": _("A hook takes 1 to 50 things."),
        "hook": _("There is no such hook here."),
        **dict.fromkeys(ItemKind, _("A price is a number like 2.00.")),
    }
    return str(said.get(error.details.get("field", "")) or error.message)


def _refused(error: Refusal) -> str:
    said = {
        "retire": _("Something hangs on this hook. Move it first."),
        "close": _(
            "Something is still in this cloakroom, waits to be sorted out, or its shift is open. Give it back, and close the shift."
        ),
    }
    return said.get(request.form.get("action", "")) or error.message


def _page(here: Place, wrong: str = "") -> str:
    with reading() as session:
        program = programs.get(session, here.program.id)
        rooms = [
            (room, _zones(coatcheck.rooms.hooks(session, room)), coatcheck.retiring.retired_hooks(session, room))
            for room in coatcheck.rooms.rooms(session, program.id)
        ]
        prices = {kind: _written(amount, program) for kind, amount in coatcheck.rooms.prices(session, program.id).items()}
        venues = programs.venues(session, program.id)
    return render_template(
        "coats_rooms.html", program=program, venue=here.venue, rooms=rooms, prices=prices, venues=venues, kinds=kind_names(), wrong=wrong,
        notice=_("Saved.") if request.args.get("done") == "yes" and not wrong else "",
    )  # fmt: skip


def _zones(hooks: Any) -> dict[str, list[Hook]]:
    zones: dict[str, list[Hook]] = {}
    for hook in hooks:
        zones.setdefault(hook.zone, []).append(hook)
    return zones


def _written(amount: int, program: Program) -> str:
    return money.write(amount, money.decimals(program.currency))
