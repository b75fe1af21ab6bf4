from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from walletpass.errors import NotFound
from walletpass.guests.models import Guest


def get(session: Session, program_id: str, guest_id: str) -> Guest:
    """Raises NotFound."""
    guest = session.get(Guest, (program_id, guest_id))
    if guest is None:
        raise NotFound("This guest is not known here.")
    return guest


def by_phone(session: Session, program_id: str, phone: str) -> list[Guest]:
    """Everybody on this number (E.164): who proved it first, then who has been known longest. Nobody who turned out to be
    another one, or was erased."""
    found = (
        select(Guest)
        .where(
            col(Guest.program_id) == program_id,
            col(Guest.phone) == phone,
            col(Guest.merged_into) == "",
            col(Guest.erased_at).is_(None),
        )
        .order_by(col(Guest.verified_at).is_(None), col(Guest.created_at), col(Guest.id))
        # What another transaction committed meanwhile is seen.
        .execution_options(populate_existing=True)
    )
    return list(session.exec(found).all()) if phone else []


def is_theirs() -> Any:
    """The condition that a guest has proved the number, or that somebody of the restaurant gave it for them."""
    return or_(col(Guest.vouched), col(Guest.verified_at).is_not(None))


def known(session: Session, program_id: str, phone: str) -> Guest | None:
    """Whose number (E.164) this is, as far as we know. Nobody's, while only strangers have typed it into a form.

    For staff and for other systems: what guests are shown must not depend on it.
    """
    return next((guest for guest in by_phone(session, program_id, phone) if guest.vouched or guest.verified_at is not None), None)
