import re

from sqlmodel import Session, col, select

from walletpass import guests
from walletpass.cards import Card
from walletpass.errors import Malformed, ManyGuests, NotAllowed, NotOurCode, UnprovedNumber
from walletpass.guests import Guest
from walletpass.identification.masks import masked_name, masked_number
from walletpass.identification.way import NOT_OURS, Asked, Identified, Strength
from walletpass.programs import Program

SHAPE = re.compile(r"\+?[0-9()./\s-]{6,30}")
MOST_CHOICES = 8


class Phone:
    """A telephone number in any form. It is said aloud, so it names a guest and proves nothing."""

    name = "phone"
    uses_up = False

    def reads(self, text: str) -> bool:
        return bool(SHAPE.fullmatch(text)) and 6 <= sum(char.isdigit() for char in text) <= 17

    def find(self, asked: Asked) -> Identified:
        if not asked.program.phone_lookup:
            if asked.kind or asked.text.startswith("+"):
                raise NotAllowed("Guests are not looked up by phone here. Scan the card, or type its number.")
            raise NotOurCode(NOT_OURS)
        try:
            phone = guests.clean_phone(asked.text, asked.program.country)
        except Malformed:
            raise NotOurCode(NOT_OURS) from None
        asked.knock(self.name, "")
        return Identified(_one(asked.session, asked.program, phone), self.name, Strength.NAMED)


def _one(session: Session, program: Program, phone: str) -> Card:
    """Of several guests with one number the one who proved it. Raises ManyGuests, with choices that give nothing away, and
    UnprovedNumber where nobody but a form was ever told it: points by phone would be for whoever typed it first."""
    found = _with(session, program, phone)
    if not found and any(not guest.vouched and guest.verified_at is None for guest in guests.by_phone(session, program.id, phone)):
        raise UnprovedNumber("Nobody has proved this number yet. Scan the guest's card, or type its number.")
    if not found:
        raise NotOurCode(NOT_OURS)
    verified = [pair for pair in found if pair[1].verified_at is not None]
    if len(verified or found) == 1:
        return (verified or found)[0][0]
    raise ManyGuests(
        "Several guests gave this number. Ask for the name, or scan the card.",
        choices=[
            {"card": card.id, "name": masked_name(guest.name), "number": masked_number(card.number)}
            for card, guest in (verified or found)[:MOST_CHOICES]
        ],
    )


def _with(session: Session, program: Program, phone: str) -> list[tuple[Card, Guest]]:
    rows = session.exec(
        select(Card, Guest)
        .where(
            col(Guest.program_id) == program.id, col(Guest.phone) == phone, col(Guest.erased_at).is_(None),
            col(Guest.merged_into) == "", guests.is_theirs(), col(Card.program_id) == program.id, col(Card.guest_id) == col(Guest.id),
            col(Card.state) == "active", col(Card.merged_into) == "",
        )
        .order_by(col(Card.created_at).desc(), col(Card.id))
        .limit(MOST_CHOICES * 2)
    ).all()  # fmt: skip
    return [(card, guest) for card, guest in rows]
