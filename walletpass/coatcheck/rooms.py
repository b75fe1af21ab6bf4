"""Cloakrooms, the hooks in them, and what it costs to leave a thing."""

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from walletpass import programs
from walletpass.coatcheck.kinds import ItemKind
from walletpass.coatcheck.models import Cloakroom, Hook, Price
from walletpass.coatcheck.words import seen
from walletpass.errors import Malformed, NotFound
from walletpass.programs import Program, Venue

ZONE = re.compile(r"[A-Z]{1,2}")
LONGEST_NAME, MOST_HOOKS, MOST_ON_ONE = 40, 999, 50
MOST_PRICE = 1_000_000


def add_room(session: Session, venue: Venue, name: str) -> Cloakroom:
    """Raises Malformed for a name that is none."""
    said = _name(name)
    last = session.exec(select(func.max(col(Cloakroom.position))).where(col(Cloakroom.program_id) == venue.program_id)).one()
    room = Cloakroom(program_id=venue.program_id, venue_id=venue.id, name=said, position=(last or 0) + 1)
    session.add(room)
    session.flush()
    return room


def rename_room(session: Session, room: Cloakroom, name: str) -> None:
    """Raises Malformed for a name that is none."""
    room.name = _name(name)
    session.add(room)
    session.flush()


def _name(text: str) -> str:
    said = seen(text)
    if not 0 < len(said) <= LONGEST_NAME:
        raise Malformed(f"A cloakroom needs a name, of {LONGEST_NAME} letters at most.", field="name")
    return said


def add_zone(
    session: Session, room: Cloakroom, zone: str, count: int, *, capacity: int = 1, kinds: Collection[str] = ()
) -> Sequence[Hook]:  # fmt: skip
    """``count`` more hooks named ``zone`` and a number, counted on from those that are there; the lowest is nearest to the counter.

    ``kinds`` are what they take, none: anything. Raises Malformed.
    """
    if not ZONE.fullmatch(zone):
        raise Malformed("A zone is one or two capital letters, like A.", field="zone")
    if not 1 <= capacity <= MOST_ON_ONE:
        raise Malformed(f"A hook takes 1 to {MOST_ON_ONE} things.", field="capacity")
    if wrong := sorted(set(kinds) - set(ItemKind)):
        raise Malformed(f"{wrong[0]} is no kind of thing; there are {', '.join(ItemKind)}.", field="kinds")
    there = session.exec(select(func.max(col(Hook.number))).where(*of_room(room), col(Hook.zone) == zone)).one() or 0
    if count < 1 or there + count > MOST_HOOKS:
        raise Malformed(f"A zone has 1 to {MOST_HOOKS} hooks.", field="count")
    made = [
        Hook(
            program_id=room.program_id, cloakroom_id=room.id, zone=zone, number=number, label=f"{zone}{number}", capacity=capacity,
            kinds=[kind for kind in ItemKind if kind in kinds],
        )
        for number in range(there + 1, there + count + 1)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return made


def get(session: Session, program_id: str, room_id: str, venue_id: str = "") -> Cloakroom:
    """A cloakroom of the venue, or of any. Raises NotFound."""
    room = session.get(Cloakroom, (program_id, room_id))
    if room is None or (venue_id and room.venue_id != venue_id):
        raise NotFound("There is no such cloakroom here.")
    return room


def rooms(session: Session, program_id: str, venue_id: str = "") -> Sequence[Cloakroom]:
    """Those in use, of a venue or of all."""
    ours = [col(Cloakroom.program_id) == program_id, col(Cloakroom.in_use).is_(True)]
    if venue_id:
        ours.append(col(Cloakroom.venue_id) == venue_id)
    return session.exec(select(Cloakroom).where(*ours).order_by(col(Cloakroom.position), col(Cloakroom.id))).all()


def hooks(session: Session, room: Cloakroom) -> Sequence[Hook]:
    """Those in use, zone by zone, from the counter outwards, as they are now."""
    ours = select(Hook).where(*of_room(room), col(Hook.in_use).is_(True))
    return session.exec(ours.order_by(col(Hook.zone), col(Hook.number)).execution_options(populate_existing=True)).all()


def hook(session: Session, room: Cloakroom, label: str, *, in_use: bool = True) -> Hook:
    """Raises Malformed for a label that no hook in use, or out of use, has."""
    wanted = label.strip().upper()
    found = session.exec(select(Hook).where(*of_room(room), col(Hook.label) == wanted, col(Hook.in_use).is_(in_use))).first()
    if found is None:
        raise Malformed(f"There is no hook {wanted[:8]} in {room.name}.", field="hook")
    return found


def prices(session: Session, program_id: str) -> dict[str, int]:
    """Minor units by kind; what is not in it is free."""
    return {price.kind: price.amount for price in session.exec(select(Price).where(col(Price.program_id) == program_id)).all()}


def set_prices(session: Session, program: Program, amounts: Mapping[str, int]) -> None:
    """Change some prices; 0 makes a kind free. What hangs already costs what it cost. Raises Malformed."""
    for kind, amount in sorted(amounts.items()):
        if kind not in set(ItemKind) or not 0 <= amount <= MOST_PRICE:
            raise Malformed(f"A price is 0 to {MOST_PRICE} for one of {', '.join(ItemKind)}.", field=kind)
    programs.lock(session, program.id)
    session.execute(delete(Price).where(col(Price.program_id) == program.id, col(Price.kind).in_(amounts)))
    session.add_all([Price(program_id=program.id, kind=kind, amount=amount) for kind, amount in amounts.items() if amount])
    session.flush()


def of_room(room: Cloakroom) -> tuple[bool, bool]:
    return col(Hook.program_id) == room.program_id, col(Hook.cloakroom_id) == room.id  # type: ignore[return-value]
