from collections.abc import Sequence

from argon2 import PasswordHasher
from sqlalchemy import update
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.errors import Malformed, NotFound
from walletpass.guests import clean_name
from walletpass.staff.models import Staff, StaffSession

ROLES = ("cashier", "hostess", "manager", "owner", "coats")

# OWASP's smaller profile: a PIN is guarded by the count of tries, and a till must not wait.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hire(session: Session, program_id: str, *, name: str, role: str, pin: str) -> Staff:
    """Raises Malformed for a PIN that is not 4-6 digits, or an unknown role."""
    if not (4 <= len(pin) <= 6 and pin.isascii() and pin.isdigit()):
        raise Malformed("A PIN is 4 to 6 digits.")
    if role not in ROLES:
        raise Malformed(f"A role is one of {', '.join(ROLES)}.")
    staff = Staff(program_id=program_id, name=clean_name(name), role=role, pin_hash=hasher.hash(pin))
    session.add(staff)
    session.flush()
    return staff


def dismiss(session: Session, staff: Staff) -> None:
    """Ends every session of theirs at once."""
    staff.active = False
    session.add(staff)
    session.execute(
        update(StaffSession)
        .where(col(StaffSession.program_id) == staff.program_id, col(StaffSession.staff_id) == staff.id)
        .values(ended_at=now())
    )


def give_card(session: Session, staff: Staff, card_id: str) -> None:
    """Say which card is theirs as a guest, so that they cannot give points to it; an empty id takes that back."""
    staff.card_id = card_id
    session.add(staff)
    session.flush()


def team(session: Session, program_id: str) -> Sequence[Staff]:
    return session.exec(
        select(Staff).where(col(Staff.program_id) == program_id, col(Staff.active).is_(True)).order_by(col(Staff.name))
    ).all()


def person(session: Session, program_id: str, staff_id: str) -> Staff:
    """Raises NotFound."""
    staff = session.get(Staff, (program_id, staff_id))
    if staff is None:
        raise NotFound("This person is not on the team.")
    return staff
