"""From the card to the restaurant's booking page, where nothing that is known is asked again."""

from flask import Blueprint, request, url_for
from flask import redirect as lead
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, hostess, programs, proving
from walletpass.database import reading
from walletpass.errors import NotFound

bp = Blueprint("book", __name__)


@bp.get("/c/<program_id>/<link>/book")
def book(program_id: str, link: str) -> BaseResponse:
    """Name and number stand in no page of ours: they are put together when the guest taps. Raises NotFound where nobody can book."""
    with reading() as session:
        program = programs.get(session, program_id)
        card = proving.current(session, cards.by_link(session, program_id, link))
        if not program.booking_page or card.state != "active":
            raise NotFound("This restaurant takes no bookings here.")
        if card.link != link:
            return lead(url_for("book.book", program_id=program_id, link=card.link, lang=request.args.get("lang")), 303)
        known = hostess.usual(session, card)
    response = lead(programs.booking_link(program.booking_page, name=known.name, phone=known.phone, party=known.party, notes=known.notes))
    response.headers["Cache-Control"] = "no-store"
    return response
