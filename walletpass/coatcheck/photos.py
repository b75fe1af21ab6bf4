"""What a thing looks like, for the attendant who has to find it; gone with it."""

from io import BytesIO

from PIL import Image, ImageOps
from sqlmodel import Session

from walletpass.coatcheck import tickets
from walletpass.coatcheck.kinds import HERE
from walletpass.coatcheck.models import CoatItem, Photo, Ticket
from walletpass.errors import Conflict, Malformed, NotFound

LARGEST = 2 * 1024 * 1024
MOST_PIXELS = 24_000_000
SIDE, QUALITY = 1280, 80
FORMATS = ("JPEG", "PNG", "WEBP")
NOT_A_PHOTO = "A photo is a JPEG, PNG or WebP of at most 2 MB."


def small(data: bytes) -> bytes:
    """A JPEG of at most 1280 pixels a side, with nothing in it but the picture. Raises Malformed for what is none, or too large."""
    if not data or len(data) > LARGEST:
        raise Malformed(NOT_A_PHOTO, field="photo")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Malformed(f"A photo has {MOST_PIXELS // 1_000_000} million pixels at most.", field="photo")
            # The way it is held stands in the metadata, which goes.
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    except Malformed:
        raise
    except Exception as error:
        # Decoders of foreign formats raise whatever they like.
        raise Malformed(NOT_A_PHOTO, field="photo") from error
    out = BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def keep_photo(session: Session, ticket: Ticket, number: int, jpeg: bytes) -> None:
    """Put a `small` picture to a thing, in place of one before. Raises NotFound, or Conflict for what is not here any more."""
    tickets.lock(session, ticket)
    item = session.get(CoatItem, (ticket.program_id, ticket.id, number))
    if item is None:
        raise NotFound("There is no such thing on this ticket.")
    if item.state not in HERE:
        raise Conflict("This is not here any more.", state=item.state)
    session.merge(Photo(program_id=ticket.program_id, ticket_id=ticket.id, number=number, jpeg=jpeg))
    session.flush()


def photo(session: Session, program_id: str, ticket_id: str, number: int) -> bytes:
    """Raises NotFound."""
    found = session.get(Photo, (program_id, ticket_id, number))
    if found is None:
        raise NotFound("There is no photo of this.")
    return found.jpeg
