"""A design's images at addresses that hold their hash: what stands there never changes."""

from flask import Blueprint, Response

from walletpass import cards

bp = Blueprint("artwork", __name__)


@bp.get("/artwork/<digest>/<filename>")
def image(digest: str, filename: str) -> Response:
    response = Response(cards.artwork(digest, filename), mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
