"""What bumps a card."""

from datetime import timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from walletpass import delivery
from walletpass.cards.models import Card, UpdateTag
from walletpass.database import now


def show(session: Session, card: Card, *, bulk: bool = False, **values: Any) -> bool:
    """Change what the card says (``points=120``, ``coat="A17"``; None takes a value off) and put it on its way.

    The newest state leaves with the caller's transaction, for every wallet that holds the card; with ``bulk``, which is for one
    of many cards that change together, after those of guests at a till. False, and nothing is sent, when the card says all
    this already.
    """
    _lock(session, card)
    merged = {key: value for key, value in {**card.shown, **values}.items() if value is not None}
    if merged == card.shown:
        return False
    card.shown = merged
    _bump(session, card, bulk)
    return True


def touch(session: Session, card: Card, *, bulk: bool = False) -> None:
    """A new version of a card that says what it said: what it is drawn with has changed."""
    _lock(session, card)
    _bump(session, card, bulk)


def void(session: Session, card: Card) -> None:
    """End a card: its code is refused from now on, and the phones are told."""
    _lock(session, card)
    if card.state != "voided":
        card.state = "voided"
        _bump(session, card)


def put_on(session: Session, card: Card, wallet: str, *, seen: int | None = None) -> None:
    """From now on changes of this card travel through the channel ``wallet``.

    ``seen`` is the version that the wallet was just given: a newer one that came meanwhile is put on its way.
    """
    _lock(session, card)
    if wallet not in card.wallets:
        card.wallets = sorted([*card.wallets, wallet])
        session.add(card)
        session.flush()
    if seen is not None and card.version > seen:
        delivery.enqueue(session, card.program_id, card.id, card.version, [wallet])


def take_off(session: Session, card: Card, wallet: str) -> None:
    _lock(session, card)
    card.wallets = [name for name in card.wallets if name != wallet]
    session.add(card)
    session.flush()


def next_tag(session: Session, program_id: str) -> int:
    """The program's next update tag. Its row stays locked until commit: a lower tag never appears after a higher one."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(UpdateTag).values(program_id=program_id, value=1)
    upsert = first.on_conflict_do_update(index_elements=["program_id"], set_={"value": col(UpdateTag.value) + 1})
    return int(session.execute(upsert.returning(col(UpdateTag.value))).scalar_one())


def _lock(session: Session, card: Card) -> None:
    session.refresh(card, with_for_update=True)


def _bump(session: Session, card: Card, bulk: bool = False) -> None:
    card.version += 1
    card.tag = next_tag(session, card.program_id)
    card.changed_at = max(now().replace(microsecond=0), card.changed_at + timedelta(seconds=1))
    session.add(card)
    session.flush()
    delivery.enqueue(session, card.program_id, card.id, card.version, card.wallets, bulk=bulk)
