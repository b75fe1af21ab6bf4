"""The card's own page: the right wallet button first, and the card itself for everybody."""

import re

from flask import Blueprint, Response, render_template, request, url_for

from walletpass import apple, cards, google, programs
from walletpass.cards import CardFace
from walletpass.database import reading
from walletpass.web import qr
from walletpass.web.language import language

bp = Blueprint("card_page", __name__)

IPHONE = re.compile(r"iPhone|iPad|iPod")
FRONT = ("header", "primary", "secondary", "auxiliary")
ANDROID = re.compile(r"Android")
# Browsers inside other apps cannot hand a pass to the wallet.
IN_APP = re.compile(r"Instagram|FBAN|FBAV|FB_IAB|Line/|MicroMessenger|TikTok|musical_ly|Snapchat|Twitter|WhatsApp")


@bp.get("/c/<program_id>/<link>")
def page(program_id: str, link: str) -> str:
    with reading() as session:
        card = cards.by_link(session, program_id, link)
        program = programs.get(session, program_id)
        face = cards.face(session, card, program)
        in_google = google.presence(session, program_id, card.id)

    def here(endpoint: str) -> str:
        return url_for(endpoint, program_id=program_id, link=link)

    return render_template(
        "card.html",
        program=program,
        face=face,
        facts=facts(face, language()),
        strip_url=cards.stamped_path(face.design, face.palette, "strip@3x.png", face.stamp_count)
        if face.design.style == "storeCard"
        else "",
        first=first_wallet(request.user_agent.string),
        in_app_browser=bool(IN_APP.search(request.user_agent.string)),
        apple_url=here("apple.download") if apple.available(program) else None,
        google_url=here("google.save") if google.available(program) else None,
        in_google=in_google,
        qr_url=here("card_page.code"),
        page_url=face.web_url,
        page_qr_url=here("card_page.address"),
    )


@bp.get("/c/<program_id>/<link>/code.svg")
def code(program_id: str, link: str) -> Response:
    """The code that the till scans."""
    with reading() as session:
        card = cards.by_link(session, program_id, link)
        return qr.svg(cards.card_code(program_id, card.key_id, card.token))


@bp.get("/c/<program_id>/<link>/address.svg")
def address(program_id: str, link: str) -> Response:
    """This page's address, for the phone in the other hand."""
    with reading() as session:
        return qr.svg(cards.face(session, cards.by_link(session, program_id, link)).web_url)


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


def first_wallet(user_agent: str) -> str:
    if IPHONE.search(user_agent):
        return "apple"
    return "google" if ANDROID.search(user_agent) else "both"
