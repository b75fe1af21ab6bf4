"""Thanks for friends that wait for a manager: somebody has brought very many in one week."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass.errors import Conflict
from walletpass.ledger import accounts, due
from walletpass.ledger.adjust import activate
from walletpass.ledger.entries import Origin
from walletpass.ledger.models import Bonus, Entry, Lot
from walletpass.ledger.undo import undo
from walletpass.programs import Program


def to_review(session: Session, program_id: str) -> Sequence[tuple[Bonus, Lot]]:
    """What nobody has decided yet."""
    found = select(Bonus, Lot).where(
        col(Bonus.program_id) == program_id, col(Bonus.kind) == "referral",
        col(Lot.program_id) == program_id, col(Lot.card_id) == col(Bonus.card_id), col(Lot.seq) == col(Bonus.seq),
        col(Lot.state) == "pending", col(Lot.active_from) >= accounts.ON_ACTION, col(Lot.remaining) > 0,
    )  # fmt: skip
    return session.exec(found.order_by(col(Bonus.card_id), col(Bonus.seq))).all()


def decide_thanks(session: Session, program: Program, entry: Entry, give: bool, origin: Origin) -> Entry:
    """The guest gets these points now, or never. Raises Conflict for what does not wait, or not any more."""
    due.locked(session, program.id, entry.card_id)
    if all((bonus.card_id, bonus.seq) != (entry.card_id, entry.seq) for bonus, _ in to_review(session, program.id)):
        raise Conflict("These points do not wait for anybody.")
    return activate(session, program, entry, origin) if give else undo(session, program, entry, origin)
