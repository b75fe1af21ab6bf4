from typing import Any

from flask import Blueprint, Response, jsonify, render_template, url_for

import walletpass
from walletpass import delivery, programs
from walletpass.database import reading

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> str:
    with reading() as session:
        houses = [(program, programs.first_channel(session, program.id)) for program in programs.every(session)]
    rows: list[Any] = [
        (
            program,
            url_for("join.form", code=channel.code) if channel else None,
            url_for("till.screen", program_id=program.id),
        )
        for program, channel in houses
    ]
    return render_template("index.html", programs=rows, program=None)


@bp.get("/health")
def health() -> Response:
    """200 while the database answers; ``waiting`` is what is still on its way to phones."""
    with reading() as session:
        return jsonify(status="ok", version=walletpass.__version__, waiting=delivery.count_waiting(session))


@bp.get("/robots.txt")
def robots() -> Response:
    """Personal pages are nobody's search result; artwork is fetched by Google Wallet."""
    return Response("User-agent: *\nDisallow: /c/\nDisallow: /t/\nAllow: /\n", mimetype="text/plain")
