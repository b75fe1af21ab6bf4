from sqlalchemy import delete
from sqlmodel import Session, col

from walletpass.codes.models import Code


def forget(session: Session, program_id: str, subject: str) -> None:
    """No code for this subject is good any more; how often its number was written to is forgotten within a day anyway."""
    session.execute(delete(Code).where(col(Code.program_id) == program_id, col(Code.subject) == subject))
