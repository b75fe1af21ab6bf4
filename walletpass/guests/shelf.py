from sqlmodel import Session

from walletpass.errors import NotFound
from walletpass.guests.models import Guest


def get(session: Session, program_id: str, guest_id: str) -> Guest:
    """Raises NotFound."""
    guest = session.get(Guest, (program_id, guest_id))
    if guest is None:
        raise NotFound("This guest is not known here.")
    return guest
