"""What is on the menu, by the names that the POS gives it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from walletpass.checks.models import Item
from walletpass.checks.words import plain
from walletpass.errors import Malformed, NotFound

if TYPE_CHECKING:
    from walletpass.checks.lines import Ordered

MOST_AT_ONCE = 2_000


def put_items(session: Session, program_id: str, items: Sequence[Item]) -> int:
    """Add items, or change those whose sku is known. Returns how many were new. Raises Malformed."""
    if len({item.sku for item in items}) != len(items) or not all(item.sku and plain(item.name, 120) for item in items):
        raise Malformed("Every item needs a name and a sku of its own.")
    known = {item.sku: item for item in items_of(session, program_id, [item.sku for item in items])}
    for item in items:
        row = known.get(item.sku) or Item(program_id=program_id, sku=item.sku, name="")
        row.name, row.category = plain(item.name, 120), plain(item.category, 40)
        row.drink, row.available = item.drink, item.available
        session.add(row)
    session.flush()
    return len(items) - len(known)


def set_available(session: Session, program_id: str, sku: str, available: bool) -> Item:
    """Whether it can be had today: what cannot is offered to nobody. Raises NotFound."""
    item = session.get(Item, (program_id, sku))
    if item is None:
        raise NotFound("This is not on the menu.")
    item.available = available
    session.add(item)
    session.flush()
    return item


def items(session: Session, program_id: str) -> Sequence[Item]:
    return session.exec(select(Item).where(col(Item.program_id) == program_id).order_by(col(Item.name), col(Item.sku))).all()


def items_of(session: Session, program_id: str, skus: Iterable[str]) -> Sequence[Item]:
    return session.exec(select(Item).where(col(Item.program_id) == program_id, col(Item.sku).in_(sorted(set(skus))))).all()


def named(session: Session, program_id: str, lines: "Sequence[Ordered]", *, new: bool = True) -> "list[Ordered]":
    """The lines with what the menu knows of them: an item is found by its sku or, without one, by its exact name. With ``new``, one
    that is not there comes on the menu."""
    if not lines:
        return []
    skus, names = {line.sku for line in lines if line.sku}, {line.name for line in lines if line.name and not line.sku}
    by_sku = {item.sku: item for item in items_of(session, program_id, skus)}
    found = session.exec(select(Item).where(col(Item.program_id) == program_id, col(Item.name).in_(sorted(names)))).all() if names else []
    by_name = {item.name: item for item in found}
    done = []
    for line in lines:
        name = plain(line.name, 120)
        item = by_sku.get(line.sku) if line.sku else by_name.get(name)
        if new and item is None and line.sku and name and line.kind == "item":
            item = by_sku[line.sku] = _new(session, program_id, line, name)
        done.append(
            replace(line, name=name, category=plain(line.category, 40))
            if item is None
            else replace(line, sku=item.sku, name=name or item.name, category=plain(line.category, 40) or item.category)
        )
    return done


def _new(session: Session, program_id: str, line: "Ordered", name: str) -> Item:
    item = Item(program_id=program_id, sku=line.sku, name=name, category=plain(line.category, 40), drink=line.drink)
    session.add(item)
    session.flush()
    return item
