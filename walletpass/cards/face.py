"""What a card says, ready to be drawn by either wallet or the web."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from walletpass import config, programs
from walletpass.cards import rotation
from walletpass.cards.codes import card_code, derive
from walletpass.cards.designs import Design, Palette, load_design
from walletpass.cards.models import Card
from walletpass.errors import ConfigurationError, NoTicketDesign
from walletpass.programs import Program


@dataclass(frozen=True)
class Contact:
    phone: str
    email: str
    website: str
    terms: str
    address: str


@dataclass(frozen=True)
class Place:
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class CardFace:
    """One version of one card, or of a coat ticket. Equal faces make equal passes, byte for byte.

    ``expires_at`` is when a wallet may put it away; ``authentication_token`` is empty where no phone may ask for news.
    ``rotation_key`` (Base16) and the digits before its TOTP are there when Google's phones show a code that changes, and
    ``google_names`` when Google may know the guest's first name. Of a ticket (``kind``) the design is the design's own
    ticket.
    """

    program_id: str
    organization: str
    pass_type_identifier: str
    team_identifier: str
    google_issuer_id: str
    card_id: str
    serial_number: str
    authentication_token: str
    version: int
    changed_at: datetime
    voided: bool
    code: str
    number: str
    currency: str
    language: str
    values: Mapping[str, str | int]
    contact: Contact
    places: tuple[Place, ...]
    design: Design
    palette: Palette
    base_url: str
    web_url: str
    expires_at: datetime | None = None
    country: str = ""
    google_names: bool = False
    rotation_key: str = field(default="", repr=False)
    rotating_prefix: str = ""
    kind: str = "card"

    @property
    def is_ticket(self) -> bool:
        return self.kind == "ticket"

    @property
    def stamp_count(self) -> int:
        """The stamps it shows, of ``design.stamps.total``; 0 for a design without."""
        count = self.values.get(self.design.stamps.value) if self.design.stamps else None
        return max(0, min(count, self.design.stamps.total)) if self.design.stamps and isinstance(count, int) else 0

    @property
    def scanned(self) -> str:
        """What the barcode says: the code, or the short number where bars have no room for more."""
        return self.number.replace(" ", "") if self.design.barcode == "Code128" else self.code

    def value(self, name: str) -> str | int | None:
        """What a design's field is bound to: a shown value, ``number``, ``page`` (the address of the card's own page), ``stamps_text``,
        ``contact.*`` or ``text.<string key>`` (its key)."""
        room, _, rest = name.partition(".")
        if room == "contact" and rest:
            return str(getattr(self.contact, rest)) or None
        if room == "text" and rest:
            return rest
        if name == "stamps_text" and self.design.stamps and name not in self.values:
            return f"{self.stamp_count}/{self.design.stamps.total}"
        if name == "page":
            return self.web_url or None
        return self.number if name == "number" else self.values.get(name)


def face(session: Session, card: Card, program: Program | None = None) -> CardFace:
    """Raises ConfigurationError when the program's design or palette is not there, NoTicketDesign for a ticket without its design."""
    program = program or programs.get(session, card.program_id)
    venues = programs.venues(session, program.id)
    settings = config.current()
    # A code that changes is for what spends points.
    rotates = program.rotating_codes and not card.is_ticket
    design = load_design(program.design)
    if program.palette not in design.palettes:
        raise ConfigurationError(f"Program {program.id}: design {program.design} has no palette {program.palette!r}.")
    return CardFace(
        program_id=program.id,
        organization=program.name,
        pass_type_identifier=program.pass_type_identifier,
        team_identifier=program.team_identifier,
        google_issuer_id=program.google_issuer_id,
        card_id=card.id,
        serial_number=card.serial_number,
        authentication_token=authentication_token(card),
        version=card.version,
        changed_at=card.changed_at,
        voided=card.state == "voided",
        code=card_code(program.id, card.key_id, card.token),
        number=f"{card.number[:4]} {card.number[4:]}",
        currency=program.currency,
        language=program.language,
        values=card.shown,
        contact=Contact(program.phone, program.email, program.website, program.terms, "\n".join(v.address for v in venues if v.address)),
        places=tuple(Place(v.name, v.latitude, v.longitude) for v in venues if v.latitude is not None and v.longitude is not None),
        design=_its_part(design, card),
        palette=design.palettes[program.palette],
        base_url=settings.base_url,
        web_url=web_url(card),
        country=program.country,
        google_names=program.google_names,
        rotation_key=rotation.key_of(card) if rotates else "",
        rotating_prefix=rotation.prefix(card) if rotates else "",
        kind=card.kind,
    )


def _its_part(design: Design, card: Card) -> Design:
    if not card.is_ticket:
        return design
    if design.ticket is None:
        raise NoTicketDesign(f"Design {design.slug} has no coat ticket. Give it a [ticket], or choose another design for the program.")
    return design.ticket


def web_url(card: Card) -> str:
    """The address of the card's own page, which is the key to it."""
    return f"{config.current().base_url}/c/{card.program_id}/{card.link}"


def authentication_token(card: Card) -> str:
    """43 characters that never change for a card; derived, so that no table holds them."""
    digest = hmac.digest(derive(card.key_id, "apple token", card.program_id), card.serial_number.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
