"""A guest is forgotten; what hangs goes on hanging."""

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from walletpass.coatcheck.models import CoatItem, DeadCode, OfflineDeed, Photo, Step, Ticket


def forget(session: Session, program_id: str, card_id: str) -> None:
    """Descriptions, photos and reasons of a card's tickets; the tickets stay, with their hooks, and so does every step."""
    ours = col(Ticket.program_id) == program_id, col(Ticket.card_id) == card_id
    found = session.exec(select(Ticket.id).where(*ours)).all()
    if not found:
        return
    session.execute(update(Ticket).where(*ours).values(description="").execution_options(synchronize_session=False))
    for kind, values in ((CoatItem, {"description": ""}), (Step, {"reason": ""})):
        row = col(kind.program_id) == program_id, col(kind.ticket_id).in_(found)
        session.execute(update(kind).where(*row).values(**values).execution_options(synchronize_session=False))
    for gone in (Photo, DeadCode):
        session.execute(delete(gone).where(col(gone.program_id) == program_id, col(gone.ticket_id).in_(found)))
    told = col(OfflineDeed.program_id) == program_id, col(OfflineDeed.ticket_id).in_(found)
    for deed in session.exec(select(OfflineDeed).where(*told)).all():
        items = deed.body["items"]
        if deed.kind == "check_in":
            items = [{**one, "description": ""} for one in items]
        deed.body = {**deed.body, "items": items, "description": ""}
        session.add(deed)
    session.flush()
