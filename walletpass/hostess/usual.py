"""What a guest need not say again when they book."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass import guests
from walletpass.cards import Card
from walletpass.hostess.models import Booking


@dataclass(frozen=True)
class Usual:
    name: str
    phone: str
    email: str
    party: int
    notes: str


def usual(session: Session, card: Card) -> Usual:
    """The guest's own name and number, and of the last booking how many came and what they wished; two people, where there was none."""
    guest = guests.get(session, card.program_id, card.owner_id)
    theirs = col(Booking.program_id) == card.program_id, col(Booking.guest_id) == guest.id, col(Booking.state) != "cancelled"
    last = session.exec(select(Booking).where(*theirs).order_by(col(Booking.at).desc()).limit(1)).first()
    return Usual(guest.name, guest.phone, guest.email, last.party if last else 2, last.notes if last else "")
