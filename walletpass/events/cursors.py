"""What a reader is given to come back with: a number, and the id of the event that has it.

The id shows that it is the same feed: after a restored backup the same numbers are given to other events.
"""

import base64
import binascii

from sqlmodel import Session

from walletpass.errors import Gone, Malformed
from walletpass.events.feed import forgotten, last
from walletpass.events.models import Event


def cursor(session: Session, program_id: str, number: int) -> str:
    """Opaque: the text of a place in the feed."""
    event = session.get(Event, (program_id, number)) if number else None
    return base64.urlsafe_b64encode(f"{number}.{event.id if event else ''}".encode()).decode().rstrip("=")


def place(session: Session, program_id: str, text: str) -> int:
    """The number behind a cursor; an empty one is the oldest event that is kept. Raises Malformed or Gone."""
    if not text:
        return forgotten(session, program_id)
    number, event_id = _read(text)
    event = session.get(Event, (program_id, number)) if number else None
    if number > last(session, program_id) or (event is not None and event_id and event.id != event_id):
        raise Gone(
            "This cursor is ahead of the feed: it was restored from a backup. Read from its oldest event again (leave after out) and "
            "pass over the ids that you know."
        )
    return number


def _read(text: str) -> tuple[int, str]:
    try:
        number, dot, event_id = (
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii").partition(".")
        )
        if not (dot and number.isdigit() and len(number) <= 18):
            raise ValueError(text)
    except (binascii.Error, ValueError) as error:
        raise Malformed("after is not a cursor of this feed. Send the value of next as it was, or leave it out.") from error
    return int(number), event_id
