"""Ana's card in Google Wallet, with a code that changes, and her phone that shows it."""

import hmac
import time

from sqlmodel import col, update

from tests.cast import House
from walletpass import cards, database, google
from walletpass.cards import Card
from walletpass.programs import Program


def rotating(house: House, *, saved: bool = True) -> Card:
    """From now on the restaurant has changing codes, and Ana's card one of them; without ``saved`` she has only pressed the button."""
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == house.id).values(rotating_codes=True))
        card = cards.get(session, house.id, house.ana.id)
        cards.put_on(session, card, "google")
        cards.rotation.begin(session, card, session.get_one(Program, house.id, populate_existing=True))
        session.add(at_google(card, saved=saved))
        return card


def at_google(card: Card, *, saved: bool) -> google.GoogleObject:
    """What Google was told of the card, and has told us."""
    row = google.GoogleObject(program_id=card.program_id, card_id=card.id, pushed_hash="", pushed_points=0, saved=saved)
    row.pushed_at = row.asked_at = database.now()
    return row


def shown(card: Card, *, later: float = 0) -> str:
    """What the phone shows in so many seconds, computed as a phone does (RFC 4226, RFC 6238)."""
    key = bytes.fromhex(cards.rotation.key_of(card))
    digest = hmac.new(key, int((time.time() + later) // 30).to_bytes(8, "big"), "sha1").digest()
    number = int.from_bytes(digest[digest[19] % 16 :][:4], "big") % 2**31 % 10**8
    return f"{cards.rotation.prefix(card)}{number:08d}"
