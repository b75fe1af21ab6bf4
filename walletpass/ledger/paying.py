"""What points do to a check: what stands of it as paid, as promised, and as earned, in one look."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, func, select, text, true
from sqlmodel import Session

from walletpass.database import now, prepared, table
from walletpass.ledger.models import EarnedCheck, Hold, Payment
from walletpass.ledger.worth import Paid


@dataclass(frozen=True)
class Standing:
    """``paid`` has not come back, ``promised`` is kept by open holds, whatever card they are on; ``earned`` is the id of the entry."""

    paid: Paid
    promised: Paid
    earned: str | None = None

    @property
    def taken(self) -> Paid:
        """Paid and promised together."""
        one, other = self.paid, self.promised
        return Paid(one.points + other.points, one.worth + other.worth, one.off_base)


def standing(session: Session, program_id: str, check_id: str, but: str = "") -> Standing:
    """As it is at this moment; the hold ``but`` is not counted."""
    asked = {"program": program_id, "check": check_id, "moment": now(), "but": but}
    points, worth, off_base, held, held_worth, card_id, seq = session.execute(_look(session), asked).one()
    promised = Paid(int(held), int(held_worth))
    return Standing(Paid(int(points), int(worth), int(off_base)), promised, None if seq is None else f"{card_id}-{seq}")


@prepared
def _look(dialect: Any) -> Executable:
    earned = table(EarnedCheck)
    paid, promised = _paid().subquery(), _promised().subquery()
    ours = (earned.c.program_id == bindparam("program")) & (earned.c.check_id == bindparam("check"))
    both = paid.join(promised, true()).outerjoin(earned, ours)
    return select(*paid.c, *promised.c, earned.c.card_id, earned.c.seq).select_from(both)


def _paid() -> Any:
    rows = table(Payment).c
    left = rows.points - rows.returned
    sums = [func.coalesce(func.sum(part), 0) for part in (left, rows.worth * left // rows.points, rows.off_base * left // rows.points)]
    return select(*sums).where(rows.program_id == bindparam("program"), rows.check_id == bindparam("check"))


def _promised() -> Any:
    rows = table(Hold).c
    sums = [func.coalesce(func.sum(part), 0) for part in (rows.points, rows.worth)]
    return select(*sums).where(
        rows.program_id == bindparam("program"),
        rows.check_id == bindparam("check"),
        # In so many words: with a parameter no database knows that the index of open holds will do.
        text("hold.state = 'open'"),
        rows.expires_at > bindparam("moment"),
        rows.id != bindparam("but"),
    )
