from sqlalchemy import update
from sqlmodel import Session, col

from walletpass.ledger.models import Entry


def forget(session: Session, program_id: str, card_id: str) -> None:
    """Empty the reasons on a card's entries: they may name a person. Nothing else of an entry can be changed, and the chain of
    hashes does not cover a reason."""
    ours = col(Entry.program_id) == program_id, col(Entry.card_id) == card_id, col(Entry.reason) != ""
    session.execute(update(Entry).where(*ours).values(reason=""))
