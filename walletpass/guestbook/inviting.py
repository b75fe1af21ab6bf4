"""Sending a guest the link to the card, as words to the phone."""

from sqlmodel import Session

from walletpass import config, messages
from walletpass.cards import Card
from walletpass.guests import Guest
from walletpass.messages import Way, texts
from walletpass.programs import Program


def possible() -> bool:
    """Whether there is a way to phones at all."""
    return messages.reachable(Way.SMS)


def invite(session: Session, program: Program, guest: Guest, card: Card) -> bool:
    """False where there is no way, or the guest left no number. The message leaves with the caller's commit."""
    if not possible() or not guest.phone:
        return False
    messages.post(session, program, guest.phone, texts.invitation(program, link(card), guest.language), "invitation", guest.language)
    return True


def link(card: Card) -> str:
    """The address of the card's page."""
    return f"{config.current().base_url}/c/{card.program_id}/{card.link}"
