"""The card's own page: the right wallet button first, and the card itself for everybody. A coat ticket has a page of its own here."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from walletpass import apple, cards, google, programs, proving
from walletpass.cards import CardFace
from walletpass.database import now, reading
from walletpass.web import card_coat, card_proofs, qr, survey, ticket_page, wallets
from walletpass.web.language import language

bp = Blueprint("card_page", __name__)

FRONT = ("header", "primary", "secondary", "auxiliary")


@bp.get("/c/<program_id>/<link>")
def page(program_id: str, link: str) -> BaseResponse:
    return of_link(program_id, link)


def of_link(program_id: str, link: str, *, full: int = 0, status: int = 200) -> BaseResponse:
    """The page of a card or of a coat ticket. ``full`` is how many wait for their coats where that is too many."""
    with reading() as session:
        card = cards.by_link(session, program_id, link, tickets=True)
        program = programs.get(session, program_id)
        coat = card_coat.of_card(session, card) if card.is_ticket else None
    if card.is_ticket:
        return make_response(ticket_page.show(program, card, hanging=coat, full=full), status)
    return show(program_id, link, full=full, status=status)


def show(
    program_id: str, link: str, *, wrong: str = "", refused: str = "", after: int = 0, full: int = 0, status: int = 200
) -> BaseResponse:  # fmt: skip
    """The page; ``wrong`` is said of the code that was typed, ``refused`` of one that was asked for, to be had in ``after`` seconds;
    ``full`` is how many wait for their coats where that is too many."""
    with reading() as session:
        card = cards.by_link(session, program_id, link)
        kept = proving.current(session, card)
        program = programs.get(session, program_id)
        face = cards.face(session, kept, program)
        proven = card_proofs.proofs(session, kept)
        in_google = google.presence(session, program_id, kept.id)
        proof = proving.standing(session, kept)
        asked = survey.of_card(session, program, kept)
        coat = card_coat.of_card(session, kept)
    if kept.link != link:
        return redirect(url_for("card_page.page", program_id=program_id, link=kept.link, lang=request.args.get("lang")), 303)

    def here(endpoint: str) -> str:
        return url_for(endpoint, program_id=program_id, link=link)

    html = render_template(
        "card.html",
        program=program,
        face=face,
        facts=facts(face, language()),
        strip_url=cards.stamped_path(face.design, face.palette, "strip@3x.png", face.stamp_count)
        if face.design.style == "storeCard"
        else "",
        first=wallets.first(),
        in_app_browser=wallets.in_app(),
        apple_url=here("apple.download") if apple.available(program) else None,
        google_url=here("google.save") if google.available(program) else None,
        in_google=in_google,
        proofs=proven,
        survey=asked,
        qr_url=here("card_page.code"),
        page_url=face.web_url,
        page_qr_url=here("card_page.address"),
        proof=proof,
        wait=max(after, seconds_until(proof)) if proof else 0,
        link=link,
        coat=coat,
        full=full,
        later=later,
        errors={"code": wrong} if wrong else {},
        refused=refused,
        proved=request.args.get("said") == "proved",
    )
    return make_response(html, status)


def later(seconds: int) -> str:
    """When the next code may be asked for."""
    if seconds < 60:
        return str(ngettext("You can ask for another code in %(num)s second.", "You can ask for another code in %(num)s seconds.", seconds))
    minutes = -(-seconds // 60)
    if minutes < 60:
        return str(ngettext("You can ask for another code in %(num)s minute.", "You can ask for another code in %(num)s minutes.", minutes))
    hours = -(-minutes // 60)
    return str(ngettext("You can ask for another code in %(num)s hour.", "You can ask for another code in %(num)s hours.", hours))


def seconds_until(proof: proving.Standing) -> int:
    """Before another code may be asked for."""
    return max(0, -(-int((proof.waiting.again_at - now()).total_seconds() * 1000) // 1000)) if proof.waiting else 0


@bp.get("/c/<program_id>/<link>/code.svg")
def code(program_id: str, link: str) -> Response:
    """The code that the till scans."""
    with reading() as session:
        card = cards.by_link(session, program_id, link, tickets=True)
        return qr.svg(cards.card_code(program_id, card.key_id, card.token))


@bp.get("/c/<program_id>/<link>/address.svg")
def address(program_id: str, link: str) -> Response:
    """This page's address, for the phone in the other hand."""
    with reading() as session:
        return qr.svg(cards.web_url(cards.by_link(session, program_id, link, tickets=True)))


def facts(face: CardFace, spoken: str) -> list[tuple[str, str | int, str]]:
    """Label, value and slot of what the wallets show on the front, in their order; the number stands under the code."""
    shown = []
    for slot in FRONT:
        for spec in face.design.fields:
            value = face.value(spec.value)
            if spec.slot == slot and spec.value != "number" and value is not None:
                text = face.design.text(str(value), spoken) if spec.value.startswith("text.") else value
                shown.append((face.design.text(spec.label, spoken) if spec.label else "", text, slot))
    return shown
