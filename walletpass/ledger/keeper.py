"""Whoever looks after accounts that nobody touches: points ripen and end, tiers are reviewed, and the cards say so.

Every process may have one: what two find at once is done once, under the account's lock.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlmodel import Session, col, select

from walletpass import cards, programs
from walletpass.database import now, reading, retrying, transaction
from walletpass.ledger import due, tiers
from walletpass.ledger.models import Lot
from walletpass.ledger.telling import tell
from walletpass.programs import Program
from walletpass.rounds import Rounds

log = structlog.get_logger(__name__)

AT_ONCE = 100
# A clock that runs away from the machine's own counter by more than this was set, and may be wrong.
JUMP = 300.0


class Keeper(Rounds):
    name = "ledger-keeper"
    every = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._began = time.time() - time.monotonic()
        self._warned: dict[str, str] = {}

    def round(self) -> None:
        drift = time.time() - time.monotonic() - self._began
        if abs(drift) > JUMP:
            log.critical(
                "ledger-keeper.clock", seconds=round(drift), what="the clock was set; no points end until it is right or we start anew"
            )
            return
        with reading() as session:
            found = [program.id for program in programs.every(session)]
        for program_id in found:
            self.keep(program_id)

    def keep(self, program_id: str) -> None:
        """All that is due in a program, a few cards a transaction."""
        while retrying(lambda: _swept(program_id)) and not self.stopping.is_set():
            pass
        while retrying(lambda: _reviewed(program_id)) and not self.stopping.is_set():
            pass
        today = now().date().isoformat()
        if self._warned.get(program_id) != today:
            _warn(program_id)
            self._warned[program_id] = today


def _swept(program_id: str) -> int:
    with transaction() as session:
        program = programs.get(session, program_id)
        behind = due.sweep(session, program_id, AT_ONCE)
        _tell(session, program, behind)
    return len(behind)


def _reviewed(program_id: str) -> int:
    with transaction() as session:
        program = programs.get(session, program_id)
        if program.tier_by == "none":
            return 0
        found = tiers.due_for_review(session, program, AT_ONCE)
        for card_id in found:
            due.locked(session, program_id, card_id)
            tiers.review(session, program, cards.get(session, program_id, card_id), now())
        _tell(session, program, found)
    return len(found)


def _warn(program_id: str) -> None:
    """Cards of which points end soon say so; those that say it already are left alone."""
    reached = ""
    while True:
        with transaction() as session:
            program = programs.get(session, program_id)
            soon = col(Lot.expires_at) <= now() + timedelta(days=program.expiry_warning_days)
            open_lots = col(Lot.program_id) == program_id, col(Lot.remaining) > 0, col(Lot.state) == "active", col(Lot.expires_at) > now()
            found = session.exec(
                select(Lot.card_id).where(*open_lots, soon, col(Lot.card_id) > reached).distinct().order_by(col(Lot.card_id)).limit(AT_ONCE)
            ).all()
            _tell(session, program, found)
        if len(found) < AT_ONCE:
            return
        reached = found[-1]


def _tell(session: Session, program: Program, card_ids: Sequence[str]) -> None:
    for card_id in sorted(card_ids):
        card = cards.survivor(session, program.id, card_id)
        if card is not None:
            tell(session, program, card, bulk=True)
