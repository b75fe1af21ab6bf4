"""Somebody who looks at the certificates every hour, so that no guest is the first to find out."""

import structlog
from sqlmodel import Session

from walletpass import programs
from walletpass.apple.guardian import mail
from walletpass.apple.guardian.standing import State, state
from walletpass.database import reading
from walletpass.rounds import Rounds

log = structlog.get_logger(__name__)


def warnings(session: Session, program_id: str | None = None) -> list[str]:
    """A sentence for each certificate that ends within 60 days, has ended, or cannot sign; of one program, or of all."""
    every = (found for name, found in states(session).items() if program_id in (None, name))
    return [sentence for found in every if (sentence := mail.sentence(found))]


def states(session: Session) -> dict[str, State]:
    """Of each program that has certificates."""
    return {program.id: found for program in programs.every(session) if (found := state(program))}


class Watch(Rounds):
    """Writes warnings to the log and mails what is due."""

    name, every = "certificates", 3600.0

    def round(self) -> None:
        with reading() as session:
            for sentence in warnings(session):
                log.warning("certificates.warning", reason=sentence)
        for mailed in mail.warn():
            log.warning("certificates.mail", program=mailed.program_id, stage=mailed.stage, sent=mailed.sent, reason=mailed.reason)
