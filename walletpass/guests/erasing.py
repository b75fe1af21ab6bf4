from sqlmodel import Session

from walletpass.database import now
from walletpass.guests.models import Guest

FORGOTTEN: dict[str, object] = {
    "name": "",
    "phone": "",
    "email": "",
    "city": "",
    "birth_year": 0,
    "birth_month": 0,
    "birth_day": 0,
    "birthday_at": None,
    "referred_by": "",
    "verified_at": None,
    "pin_hash": "",
}


def erase(session: Session, guest: Guest) -> bool:
    """Remove who the guest was; the row stays, as cards and proofs of consent hang on it. False when that was done before.

    What else speaks of the guest is the caller's: see `guestbook.erase`.
    """
    if guest.erased_at is not None:
        return False
    guest.sqlmodel_update({**FORGOTTEN, "erased_at": now()})
    session.add(guest)
    session.flush()
    return True
