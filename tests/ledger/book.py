"""What a house does with points, each deed in a transaction of its own."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from tests.cast import House, issue_card
from walletpass import cards, database, guests, ledger, programs
from walletpass.cards import Card
from walletpass.ledger import Account, Allocation, Balance, Bill, Entry, Hold, Lot, Origin, Refund
from walletpass.programs import Tier

# Nobody shares a number.
_numbers = itertools.count(30_000_000)
TILL = Origin("till", staff_id="bruno", device_id="counter", reason="a test")


def earn(house: House, amount: int | Bill = 10_000, check: str = "A1", *, card: Card | None = None) -> Entry:
    bill = amount if isinstance(amount, Bill) else Bill.of(check, amount)
    with database.transaction() as session:
        return ledger.earn(session, programs.get(session, house.id), card or house.ana, bill, TILL)


def redeem(house: House, points: int, check: str = "B1", *, amount: int | Bill = 100_000, card: Card | None = None) -> Entry:
    bill = amount if isinstance(amount, Bill) else Bill.of(check, amount)
    with database.transaction() as session:
        return ledger.redeem(session, programs.get(session, house.id), card or house.ana, bill, points, TILL)


def hold(house: House, points: int, check: str = "B1", *, amount: int | Bill = 100_000, card: Card | None = None) -> Hold:
    bill = amount if isinstance(amount, Bill) else Bill.of(check, amount)
    with database.transaction() as session:
        return ledger.hold(session, programs.get(session, house.id), card or house.ana, bill, points, TILL)


def capture(house: House, held: Hold, points: int | None = None, *, amount: int = 100_000) -> Entry:
    with database.transaction() as session:
        bill = Bill.of(held.check_id, amount)
        return ledger.capture(session, programs.get(session, house.id), held.id, bill, held.points if points is None else points, TILL)


def release(house: House, held: Hold) -> Entry:
    with database.transaction() as session:
        return ledger.release(session, programs.get(session, house.id), held.id, TILL)


def sweep(house: House) -> list[str]:
    with database.transaction() as session:
        return list(ledger.sweep(session, house.id, 100))


def wait_until(house: House, entry: Entry, moment: datetime) -> None:
    """The lot that an entry opened is not to be spent before ``moment``."""
    with database.transaction() as session:
        ours = col(Lot.program_id) == house.id, col(Lot.card_id) == entry.card_id, col(Lot.seq) == entry.seq
        session.execute(update(Lot).where(*ours).values(state="pending", active_from=moment))
        account = col(Account.program_id) == house.id, col(Account.card_id) == entry.card_id
        moved = {"pending": col(Account.pending) + entry.delta, "available": col(Account.available) - entry.delta}
        session.execute(update(Account).where(*account).values(**moved))


def undo(house: House, entry: Entry) -> Entry:
    with database.transaction() as session:
        return ledger.undo(session, programs.get(session, house.id), entry, TILL)


def refund(house: House, amount: int, check: str = "A1", *, remaining: Bill | None = None) -> Refund:
    with database.transaction() as session:
        return ledger.refund(session, programs.get(session, house.id), check, amount, TILL, remaining=remaining)


def adjust(house: House, points: int, *, card: Card | None = None, origin: Origin = TILL) -> Entry:
    with database.transaction() as session:
        return ledger.adjust(session, programs.get(session, house.id), card or house.ana, points, origin)


def balance(house: House, card: Card | None = None) -> Balance:
    with database.reading() as session:
        return ledger.balance(session, house.id, (card or house.ana).id)


def lots(house: House) -> dict[int, int]:
    """What is left of each lot, by its number."""
    with database.reading() as session:
        rows = session.exec(select(Lot).where(col(Lot.program_id) == house.id, col(Lot.card_id) == house.ana.id).order_by(col(Lot.seq)))
        return {lot.seq: lot.remaining for lot in rows}


def paid_by(house: House, entry: Entry) -> dict[int, int]:
    """Which lots an entry moved, and by how much."""
    ours = col(Allocation.program_id) == house.id, col(Allocation.card_id) == entry.card_id, col(Allocation.entry_seq) == entry.seq
    with database.reading() as session:
        return {row.lot_seq: row.amount for row in session.exec(select(Allocation).where(*ours))}


def expire_at(house: House, entry: Entry, moment: datetime) -> None:
    """Give the lot that an entry opened an end."""
    with database.transaction() as session:
        ours = col(Lot.program_id) == house.id, col(Lot.card_id) == entry.card_id, col(Lot.seq) == entry.seq
        session.execute(update(Lot).where(*ours).values(expires_at=moment))


def faults(house: House) -> list[str]:
    with database.reading() as session:
        return list(ledger.verify(session, house.id))


def use_rules(house: House, **values: Any) -> None:
    """From now on the restaurant has these rules."""
    with database.transaction() as session:
        program = programs.get(session, house.id)
        for name, value in values.items():
            setattr(program, name, value)
        session.add(program)


def add_tiers(house: House, *steps: tuple[str, int, int, int]) -> None:
    """Each a name, a threshold, a rate and a discount."""
    with database.transaction() as session:
        for position, (name, threshold, earn_bps, discount) in enumerate(steps, 1):
            session.add(
                Tier(program_id=house.id, position=position, name=name, threshold=threshold, earn_bps=earn_bps, discount_percent=discount)
            )


def another_card(house: House, name: str = "Bohdan", **guest: Any) -> Card:
    with database.transaction() as session:
        card = issue_card(session, programs.get(session, house.id), name, f"+49 151 {next(_numbers)}")
        known = guests.get(session, house.id, card.guest_id)
        for column, value in guest.items():
            setattr(known, column, value)
        session.add(known)
        return card


def done(house: House, verb: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """A deed of the ledger in a transaction of its own, with the cards as they stand."""
    with database.transaction() as session:
        fresh = [cards.get(session, house.id, one.id) if isinstance(one, Card) else one for one in arguments]
        return verb(session, programs.get(session, house.id), *fresh, **options)


def seen(house: House, card: Card | None = None) -> dict[str, Any]:
    """What the card says once it was told."""
    with database.transaction() as session:
        own = cards.get(session, house.id, (card or house.ana).id)
        ledger.tell(session, programs.get(session, house.id), own)
        return dict(own.shown)
