from sqlmodel import Session

from walletpass import cards, guests
from walletpass.guestbook.joining import card_of
from walletpass.guests import Guest
from walletpass.programs import Program


def change(session: Session, program: Program, guest: Guest, **said: str | None) -> None:
    """`guests.profile`; a new name stands on the card as well."""
    guests.profile(session, program, guest, **said)
    card = card_of(session, guest)
    if card is not None and said.get("name") is not None:
        cards.show(session, card, holder=guest.name)
