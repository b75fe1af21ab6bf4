"""The page of a coat ticket: what hangs where, the way into the wallet, and the code for the counter.

It is drawn without the design's ticket, so that a guest finds the hook also after the restaurant took another design.
"""

from typing import Any

from flask import render_template, url_for

from walletpass import apple, cards, google
from walletpass.cards import Card
from walletpass.programs import Program
from walletpass.web import wallets


def show(program: Program, card: Card, *, hanging: dict[str, Any] | None = None, full: int = 0) -> str:
    """``hanging`` as in card_coat.py; ``full`` is how many wait for their coats where that is too many."""
    drawable = can_be_drawn(program)

    def here(endpoint: str) -> str:
        return url_for(endpoint, program_id=program.id, link=card.link)

    return render_template(
        "ticket.html",
        program=program,
        over=card.state != "active",
        coat=str(card.shown.get("coat") or ""),
        hanging=hanging,
        full=full,
        link=card.link,
        message=str(card.shown.get("message") or ""),
        items=card.shown.get("items"),
        venue=card.shown.get("venue"),
        number=f"{card.number[:4]} {card.number[4:]}",
        first=wallets.first(),
        in_app_browser=wallets.in_app(),
        apple_url=here("apple.download") if drawable and apple.available(program) else None,
        google_url=here("google.save") if drawable and google.available(program) else None,
        qr_url=here("card_page.code"),
        page_url=cards.web_url(card),
        page_qr_url=here("card_page.address"),
    )


def can_be_drawn(program: Program) -> bool:
    """Whether the wallets can show tickets of this program."""
    return cards.load_design(program.design).ticket is not None
