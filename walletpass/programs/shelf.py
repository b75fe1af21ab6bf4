"""Looking programs up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlmodel import Session, col, func, select

from walletpass.database import prepared
from walletpass.errors import NotFound
from walletpass.programs.models import Channel, Program, RuleChange, Venue


def get(session: Session, program_id: str) -> Program:
    """Raises NotFound."""
    held: Program | None = session.info.get("program")
    if held is not None and held.id == program_id and held in session:
        return held
    program: Program | None = session.execute(_look(session), {"program": program_id}).scalar()
    if program is None:
        raise NotFound("There is no such restaurant here.")
    # A session forgets what nobody holds, and everybody asks for this.
    session.info["program"] = program
    return program


@prepared
def _look(dialect: Any) -> Executable:
    return select(Program).where(col(Program.id) == bindparam("program"))


def lock(session: Session, program_id: str) -> Program:
    """As `get`, and ours until commit: of two who change the rules at once the second sees what the first did.

    Deeds at the tills go on: they only need the row to stay.
    """
    found = select(Program).where(col(Program.id) == program_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    program = session.exec(found).first()
    if program is None:
        raise NotFound("There is no such restaurant here.")
    return program


def edition(session: Session, program_id: str) -> int:
    """How many changes its rules have seen: a form that was filled in before the last one speaks of other rules."""
    return session.exec(select(func.count()).select_from(RuleChange).where(col(RuleChange.program_id) == program_id)).one()


def changes(session: Session, program_id: str, limit: int = 20) -> Sequence[RuleChange]:
    """Who changed which rule, the newest first."""
    newest = select(RuleChange).where(col(RuleChange.program_id) == program_id).order_by(col(RuleChange.id).desc())
    return session.exec(newest.limit(limit)).all()


def by_pass_type(session: Session, pass_type_identifier: str) -> Program | None:
    return session.exec(select(Program).where(col(Program.pass_type_identifier) == pass_type_identifier)).first()


def every(session: Session) -> Sequence[Program]:
    return session.exec(select(Program).order_by(Program.name)).all()


def venues(session: Session, program_id: str) -> Sequence[Venue]:
    return session.exec(select(Venue).where(col(Venue.program_id) == program_id).order_by(Venue.id)).all()


def channel_by_code(session: Session, code: str) -> Channel:
    """Raises NotFound."""
    channel = session.exec(select(Channel).where(col(Channel.code) == code)).first()
    if channel is None:
        raise NotFound("This invitation is not known here. Please ask the staff for a new one.")
    return channel


def channels(session: Session, program_id: str) -> Sequence[Channel]:
    return session.exec(select(Channel).where(col(Channel.program_id) == program_id).order_by(Channel.code)).all()


def first_channel(session: Session, program_id: str) -> Channel | None:
    return session.exec(select(Channel).where(col(Channel.program_id) == program_id).order_by(Channel.code)).first()
