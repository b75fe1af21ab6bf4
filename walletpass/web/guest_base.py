"""A manager looks guests up, finishes their profiles, ends or renews their cards, and forgets them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, guestbook, guests, ledger, programs
from walletpass.api import lost_phone
from walletpass.api.members import file_of
from walletpass.database import reading, transaction
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.guests import Guest
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place

bp = Blueprint("guest_base", __name__)

Answer = str | tuple[str, int] | BaseResponse
MOST = 25


@bp.get("/t/<program_id>/guests")
def screen(program_id: str) -> Answer:
    return screen_for_manager(program_id, _list_page)


@bp.get("/t/<program_id>/guests/export.<form>")
def export(program_id: str, form: str) -> Response:
    manager(program_id)
    if form not in ("csv", "ndjson"):
        raise NotFound()
    return file_of(program_id, form)


@bp.get("/t/<program_id>/guests/<guest_id>")
def one(program_id: str, guest_id: str) -> Answer:
    return screen_for_manager(program_id, lambda here: _page(here, guest_id))


@bp.post("/t/<program_id>/guests/<guest_id>")
def act(program_id: str, guest_id: str) -> Answer:
    """Leads back to the page, so that nothing is done again by loading it anew."""
    here, deed = manager(program_id), pressed(DEEDS)
    try:
        with transaction() as session:
            done = deed(session, here, _still_here(session, program_id, guest_id))
    except (Malformed, Conflict) as error:
        return _page(here, guest_id, errors=_errors(error), form=request.form), error.status
    if done == "erased":
        return redirect(url_for("guest_base.screen", program_id=program_id, done=done, lang=request.args.get("lang")), 303)
    return redirect(url_for("guest_base.one", program_id=program_id, guest_id=guest_id, done=done, lang=request.args.get("lang")), 303)


def _profile(session: Session, here: Place, guest: Guest) -> str:
    said = {name: request.form[name] for name in ("name", "email", "birthday", "city") if name in request.form}
    if "spoken" in request.form:
        said["language"] = request.form["spoken"]  # a field called language would change the page's
    if not said.get("name", "").strip() and not guest.name:
        said.pop("name", None)  # a number alone may stay one
    guestbook.change(session, programs.get(session, here.program.id), guest, **said)
    return "saved"


def _void(session: Session, _here: Place, guest: Guest) -> str:
    card = guestbook.card_of(session, guest)
    if card is not None:
        cards.void(session, card)
    return "voided"


def _renew(session: Session, _here: Place, guest: Guest) -> str:
    card = guestbook.card_of(session, guest)
    if card is None:
        cards.issue(session, guest)
        return "issued"
    cards.renew(session, card)
    return "renewed"


def _lost(session: Session, _here: Place, guest: Guest) -> str:
    card = guestbook.card_of(session, guest)
    if card is None:
        raise Conflict("This card was ended. Give the guest a new one.")
    for one in cards.faces_of(session, card):
        lost_phone.reissue(session, one)
    return "lost"


def _withdraw(session: Session, _here: Place, guest: Guest) -> str:
    guests.withdraw(session, guest, request.form.get("purpose", ""), "till")
    return "withdrawn"


def _erase(session: Session, here: Place, guest: Guest) -> str:
    if _bare(request.form.get("confirm", "")) != _bare(confirmed_by(guest)):
        raise Malformed("The confirmation does not fit.", field="confirm")
    guestbook.erase(session, here.program.id, guest.id)
    return "erased"


DEEDS: dict[str, Callable[[Session, Place, Guest], str]] = {
    "profile": _profile, "void": _void, "renew": _renew, "lost": _lost, "withdraw": _withdraw, "erase": _erase,
}  # fmt: skip


def confirmed_by(guest: Guest) -> str:
    """What has to be typed before a guest is forgotten."""
    return guest.name or guest.phone


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _still_here(session: Session, program_id: str, guest_id: str) -> Guest:
    guest = guests.get(session, program_id, guest_id)
    if guest.erased_at is not None:
        raise NotFound("This guest is not known here.")
    return guest


def _errors(error: Malformed | Conflict) -> dict[str, str]:
    said = {
        "name": _("Please tell us your name, in 80 letters at most."),
        "email": _("Please give an e-mail address like ana@example.com, or none."),
        "birthday": _("Please give a day that is in the calendar, like 1990-05-17, or --05-17 without the year."),
        "city": _("Please use a shorter name of the town, in 80 letters at most."),
        "confirm": _("This is not what stands above. Nothing was erased."),
    }
    name = str(error.details.get("field", ""))
    return {name: said[name]} if name in said else {"page": _("This was changed in the meantime. Look at it again.")}


def _notice() -> str:
    said = {
        "saved": _("The profile is saved."),
        "voided": _("The card has ended. It is grey on the phone in a moment."),
        "renewed": _("The card has a new code, number and link; the old ones open nothing. The phone is told."),
        "lost": _("The card on the lost phone has ended. The guest goes on with the new one below."),
        "issued": _("The guest has a new card."),
        "withdrawn": _("It is written down that the guest does not agree any more."),
        "erased": _("The guest is forgotten. Points and payments stay in the books, without a name."),
    }
    return str(said.get(request.args.get("done", ""), ""))


def _list_page(here: Place) -> str:
    # What cannot be seen finds nobody, and no database takes it.
    text = "".join(char for char in request.args.get("q", "") if char.isprintable()).strip()[:80]
    nameless = request.args.get("show") == "nameless"
    with reading() as session:
        found = _found(session, here, text, nameless)
        its_card = guestbook.cards_of(session, here.program.id, [guest.id for guest in found])
        rows = [{"guest": guest, "card": its_card.get(guest.id)} for guest in found]
    return render_template(
        "guests.html", program=here.program, venue=here.venue, rows=rows, text=text, nameless=nameless, most=MOST, notice=_notice()
    )


def _found(session: Session, here: Place, text: str, nameless: bool) -> list[Guest]:
    if nameless or not text:
        return list(guests.newest(session, here.program.id, nameless=nameless, limit=MOST))
    try:
        exact = list(guestbook.find(session, here.program, text))
    except (NotFound, Malformed):
        exact = []
    exact = [guest for guest in exact if guest.erased_at is None]
    return exact or list(guests.search(session, here.program.id, text, limit=MOST))


def _page(here: Place, guest_id: str, *, errors: dict[str, str] | None = None, form: Any = None) -> str:
    with reading() as session:
        guest = _still_here(session, here.program.id, guest_id)
        card = guestbook.card_of(session, guest)
        values = {
            "name": guest.name,
            "email": guest.email,
            "birthday": guests.birthday_of(guest) or "",
            "city": guest.city,
            "language": guest.language,
        }
        return render_template(
            "guest.html",
            program=here.program,
            venue=here.venue,
            guest=guest,
            card=card,
            link=guestbook.link(card) if card else "",
            balance=ledger.balance(session, here.program.id, card.id) if card else None,
            consents=guests.consents(session, here.program.id, guest.id),
            standing=guests.standing(session, guest),
            values={**values, **{name: form[name] for name in values if form and name in form}},
            confirm=confirmed_by(guest),
            errors=errors or {},
            notice=_notice(),
        )
