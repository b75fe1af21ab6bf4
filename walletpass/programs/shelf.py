"""Looking programs up."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass.errors import NotFound
from walletpass.programs.models import Channel, Program, Venue


def get(session: Session, program_id: str) -> Program:
    """Raises NotFound."""
    program = session.get(Program, program_id)
    if program is None:
        raise NotFound("There is no such restaurant here.")
    return program


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


def first_channel(session: Session, program_id: str) -> Channel | None:
    return session.exec(select(Channel).where(col(Channel.program_id) == program_id).order_by(Channel.code)).first()
