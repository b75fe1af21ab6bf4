"""I am leaving: said on the card's own page, while something of its guest hangs."""

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, coatcheck, config, proving
from walletpass.coatcheck import Hand, How
from walletpass.database import transaction
from walletpass.doorman import place
from walletpass.errors import Conflict, QueueFull
from walletpass.web import card_coat, card_page

bp = Blueprint("leaving", __name__)


@bp.post("/c/<program_id>/<link>/leaving")
def call(program_id: str, link: str) -> BaseResponse:
    """Whoever has the link of a card may speak for its guest, and calls nothing but their own coat."""
    current_app.extensions["doorman"].admit("leaving", place(request.remote_addr), config.current().join_per_minute)
    try:
        with transaction() as session:
            for ticket in card_coat.hanging(session, proving.current(session, cards.by_link(session, program_id, link, tickets=True))):
                coatcheck.call(session, ticket, Hand(source="system", how=How.HAND))
    except QueueFull as error:
        return card_page.of_link(program_id, link, full=error.details["waiting"], status=error.status)
    except Conflict:
        # It was given back at the same moment: the page says how it is.
        pass
    return redirect(url_for("card_page.page", program_id=program_id, link=link, lang=request.args.get("lang"), _anchor="coat"), 303)
