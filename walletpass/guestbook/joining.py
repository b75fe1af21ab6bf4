"""A guest comes in: by the form on the web, through the API, from paper or from a file. One way for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from walletpass import cards, guests
from walletpass.cards import Card
from walletpass.errors import NotFound, NotOurCode
from walletpass.guests import ConsentGiven, Guest
from walletpass.programs import Program


@dataclass(frozen=True)
class Application:
    """What somebody said of themselves; a phone number is enough. ``name`` is None where nobody was asked, ``vouched`` False where
    nobody of the restaurant was there."""

    phone: str
    name: str | None = None
    email: str = ""
    birthday: str = ""
    city: str = ""
    language: str = ""
    channel_code: str = ""
    referred_by: str = ""
    consents: Sequence[ConsentGiven] = ()
    vouched: bool = True


@dataclass(frozen=True)
class Member:
    """``card`` is None for somebody whose card was ended. ``created`` is False where the number was known."""

    guest: Guest
    card: Card | None
    created: bool


def join(session: Session, program: Program, application: Application, **shown: object) -> tuple[Guest, Card]:
    """A new guest with a card, whether or not the number is known; ``shown`` as in `cards.issue`. Raises Malformed, with ``field``."""
    guest = guests.register(
        session,
        program,
        name=application.name,
        phone=application.phone,
        language=program.language if application.language not in guests.LANGUAGES else application.language,
        consent=None,
        channel_code=application.channel_code,
        referred_by=application.referred_by,
        vouched=application.vouched,
    )
    guests.profile(session, program, guest, email=application.email, birthday=application.birthday, city=application.city)
    for consent in application.consents:
        guests.record(session, guest, consent)
    return guest, cards.issue(session, guest, **shown)


def admit(session: Session, program: Program, application: Application) -> Member:
    """The member with this number; a new one where there is none, or where only strangers have typed it into a form. For callers who
    may know whether a number is known.

    A known member stays as they are, but for proofs of consent, which are kept. Of several requests with one number at once, one
    makes the member. Raises Malformed.
    """
    phone = guests.clean_phone(application.phone, program.country)
    guests.lock_phones(session, program.id, [phone])
    known = guests.known(session, program.id, phone)
    if known is None:
        guest, card = join(session, program, application)
        return Member(guest, card, created=True)
    standing = guests.standing(session, known)
    for consent in application.consents:
        if consent.purpose not in standing or standing[consent.purpose].text_hash != consent.text_hash:
            guests.record(session, known, consent)
    return Member(known, card_of(session, known), created=False)


def card_of(session: Session, guest: Guest) -> Card | None:
    """The newest card of a guest that opens something."""
    return cards_of(session, guest.program_id, [guest.id]).get(guest.id)


def find(session: Session, program: Program, text: str) -> Sequence[Guest]:
    """By the guest's id, a card's number, code or id, or a phone number, under which there may be several. Raises NotFound, or
    Malformed for what is none of these."""
    if len(text) == 26:
        known = session.get(Guest, (program.id, text))
        if known is not None:
            return [known]
    try:
        return [guests.get(session, program.id, cards.find(session, program.id, text).owner_id)]
    except NotOurCode:
        pass
    found = guests.by_phone(session, program.id, guests.clean_phone(text, program.country))
    if not found:
        raise NotFound("No guest here has this number.")
    return found


def cards_of(session: Session, program_id: str, guest_ids: Sequence[str]) -> dict[str, Card]:
    """For each of these guests, where there is one, the newest card that opens something."""
    ours = col(Card.program_id) == program_id, col(Card.guest_id).in_(guest_ids), col(Card.state) == "active", col(Card.merged_into) == ""
    return {card.owner_id: card for card in session.exec(select(Card).where(*ours).order_by(col(Card.id)))}
