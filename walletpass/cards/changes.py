"""What bumps a card."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from walletpass import delivery, events
from walletpass.cards.models import Card, UpdateTag
from walletpass.database import now, prepared, table
from walletpass.events import Kind


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
    _bump(session, card, bulk, shown=merged)
    return True


def touch(session: Session, card: Card, *, bulk: bool = False) -> None:
    """A new version of a card that says what it said: what it is drawn with has changed."""
    _lock(session, card)
    _bump(session, card, bulk)


def void(session: Session, card: Card) -> None:
    """End a card, or a coat ticket whose last coat is gone: its code is refused from now on, and the phones are told.

    A card that has ended says neither whose it was nor what was on it: it may be in a stranger's phone.
    """
    _lock(session, card)
    if card.state == "voided":
        return
    _bump(session, card, state="voided", shown=card.shown if card.is_ticket else {})
    if not card.is_ticket:
        events.happened(session, card.program_id, Kind.CARD_VOIDED, card_id=card.id)


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
    return int(session.execute(_count_on(session), {"program_id": program_id, "value": 1}).scalar_one())


def _lock(session: Session, card: Card) -> None:
    """From now on it is ours, and as it stands at this moment."""
    session.execute(_refresh(session), {"program": card.program_id, "card": card.id}).one()


def _bump(session: Session, card: Card, bulk: bool = False, **said: Any) -> None:
    second = max(now().replace(microsecond=0), card.changed_at + timedelta(seconds=1))
    said = {"shown": card.shown, "state": card.state, **said}
    said |= {"version": card.version + 1, "tag": next_tag(session, card.program_id), "changed_at": second}
    session.execute(_write(session), {"of": card.program_id, "named": card.id, **said})
    for name, value in said.items():
        set_committed_value(card, name, value)
    delivery.enqueue(session, card.program_id, card.id, card.version, card.wallets, bulk=bulk)


@prepared
def _refresh(dialect: Any) -> Executable:
    ours = col(Card.program_id) == bindparam("program"), col(Card.id) == bindparam("card")
    return select(Card).where(*ours).with_for_update().execution_options(populate_existing=True)


@prepared
def _write(dialect: Any) -> Executable:
    """What a change touches. The flush of one card costs as much as three such statements."""
    cards = table(Card)
    ours = cards.c.program_id == bindparam("of"), cards.c.id == bindparam("named")
    changed = ("shown", "state", "version", "tag", "changed_at")
    return update(cards).where(*ours).values({name: bindparam(name) for name in changed})


@prepared
def _count_on(dialect: Any) -> Executable:
    tags = table(UpdateTag)
    first = dialect.insert(tags)
    upsert = first.on_conflict_do_update(index_elements=["program_id"], set_={"value": tags.c.value + first.excluded.value})
    statement: Executable = upsert.returning(tags.c.value)
    return statement
