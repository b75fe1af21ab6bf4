"""Each restaurant's own colours, as a stylesheet: inline styles are switched off."""

from flask import Blueprint, Response

from walletpass import cards, programs
from walletpass.database import reading

bp = Blueprint("style", __name__)

SHEET = """:root {{
  --accent: {palette.accent};
  --accent-dark: {palette.accent_dark};
  --card-background: {palette.background};
  --card-foreground: {palette.foreground};
  --card-label: {palette.label};
}}
"""


@bp.get("/style/<program_id>.css")
def sheet(program_id: str) -> Response:
    with reading() as session:
        program = programs.get(session, program_id)
    palette = cards.load_design(program.design).palettes[program.palette]
    response = Response(SHEET.format(palette=palette), mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
