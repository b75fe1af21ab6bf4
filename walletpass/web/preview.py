"""The restaurant's design as both wallets draw it, for a manager at the till."""

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from walletpass import cards, programs
from walletpass.cards import CardFace, Contact, Design
from walletpass.cards.designs import LANGUAGES
from walletpass.database import reading
from walletpass.errors import SignInRequired
from walletpass.web import drawn
from walletpass.web.managing import screen_for_manager
from walletpass.web.till import Place, place

bp = Blueprint("preview", __name__)
NAMES = {"en": "English", "uk": "Українська", "ru": "Русский"}


@bp.get("/t/<program_id>/design")
def screen(program_id: str) -> str | BaseResponse:
    """What this restaurant's guests carry; nothing is changed here."""
    return screen_for_manager(program_id, _page)


def _page(here: Place) -> str:
    program = here.program
    with reading() as session:
        addresses = "\n".join(venue.address for venue in programs.venues(session, program.id) if venue.address)
    contact = Contact(program.phone, program.email, program.website, program.terms, addresses)
    design = cards.load_design(program.design)
    chosen = Choice(design, program.palette)
    shown = chosen.page(program.name, contact)
    return render_template(
        "preview.html", **shown, program=program, code_url=lambda kind: url_for(".code", program_id=program.id, kind=kind)
    )


@bp.get("/t/<program_id>/design/<kind>.svg")
def code(program_id: str, kind: str) -> Response:
    """Nobody's code, to show where codes stand."""
    if place(program_id).actor is None:
        raise SignInRequired()
    return code_image(kind)


class Choice:
    """What the query asks to see of a design: ``language`` (or all of them), ``palette``, ``stamps``."""

    def __init__(self, design: Design, palette: str = "") -> None:
        wanted = palette or request.args.get("palette", "")
        self.design = design
        self.languages = [name for name in LANGUAGES if name in design.strings] + sorted(set(design.strings) - set(LANGUAGES))
        asked = request.args.get("language", "")
        self.language = asked if asked in self.languages else ""
        self.palette = wanted if wanted in design.palettes else next(iter(design.palettes))
        self.palettes = [self.palette] if palette else list(design.palettes)
        self.total = design.stamps.total if design.stamps else 0
        self.count = max(0, min(request.args.get("stamps", 3, int), self.total))

    def page(self, organization: str, contact: Contact = drawn.CONTACT) -> dict[str, object]:
        languages = [self.language] if self.language else self.languages
        return {
            "choice": self,
            "names": NAMES,
            "views": [drawn.drawn(self.face(each, organization, contact), each) for each in languages],
        }

    def face(self, language: str, organization: str, contact: Contact) -> CardFace:
        return drawn.sample(self.design, self.palette, language, self.count, organization, contact)

    def but(self, **changes: object) -> str:
        """The address of the same page with another choice."""
        kept = {"language": self.language, "palette": self.palette if len(self.palettes) > 1 else "", "lang": request.args.get("lang", "")}
        kept |= {"stamps": str(self.count)} if self.total else {}
        return "?" + urlencode({name: value for name, value in {**kept, **changes}.items() if value not in ("", None)})


def code_image(kind: str) -> Response:
    return Response(drawn.code_svg(kind, "1042553188620457193301864520917736"), mimetype="image/svg+xml")
