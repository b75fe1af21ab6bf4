"""Two guests who are one, and whose number it is."""

from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from walletpass.database import new_id, now
from walletpass.guests.models import Consent, Guest


def verify(session: Session, guest: Guest) -> bool:
    """Write down that this guest proved the number. False when the guest, or another one on the number, has done so already.

    The unique index decides among several at once: the later ones wait here for the commit of the first.
    """
    ours = col(Guest.program_id) == guest.program_id, col(Guest.id) == guest.id, col(Guest.verified_at).is_(None)
    try:
        with session.begin_nested():
            marked = session.execute(
                update(Guest)
                .where(*ours, col(Guest.merged_into) == "")
                .values(verified_at=now())
                .execution_options(synchronize_session=False)
            )
            done = cast(CursorResult[Any], marked).rowcount == 1
    except IntegrityError:
        done = False
    session.refresh(guest)
    return done


def merge(session: Session, guest: Guest, into: Guest) -> None:
    """The newer guest turned out to be the older one: what only the newer has told us stays, with the proofs of consent.

    A guest who gave a number at the till and no more gets the name.
    """
    if not into.name:
        into.name, into.language = guest.name, guest.language
    for field in ("email", "city", "channel_code"):
        setattr(into, field, getattr(into, field) or getattr(guest, field))
    given = select(Consent).where(col(Consent.program_id) == guest.program_id, col(Consent.guest_id) == guest.id)
    for consent in session.exec(given).all():
        session.add(Consent(**{**consent.model_dump(), "id": new_id(), "guest_id": into.id}))
    guest.merged_into = into.id
    session.add(guest)
    session.add(into)
    session.flush()
