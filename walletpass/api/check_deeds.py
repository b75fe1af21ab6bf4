"""What is done with checks, and told: to the card, to the till. Tills, other systems' events and the staff's page come here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from walletpass import checks, ledger, programs
from walletpass.api.checks_shapes import CheckDone, CheckStands
from walletpass.api.finding import find
from walletpass.api.once import tell
from walletpass.api.schemas import BalanceOut, EntryOut
from walletpass.checks import Check, Ordered, Payment
from walletpass.database import new_id, now
from walletpass.errors import Malformed, NotAllowed
from walletpass.ledger import Answer, Entry, Origin
from walletpass.programs import Program
from walletpass.staff import Actor


@dataclass(frozen=True)
class Desk:
    """Where checks are handled: a transaction, and who acts in it. ``anytime``: also long after a check was closed."""

    session: Session
    program: Program
    actor: Actor
    origin: Origin
    anytime: bool

    @classmethod
    def of(cls, session: Session, program: Program, actor: Actor, key: str, reason: str = "") -> "Desk":
        origin = Origin(actor.source, key, actor.venue_id, actor.staff_id, actor.till_id, reason, own_card=actor.own_card)
        return cls(session, program, actor, origin, actor.may("undo_any"))

    def open(self, check_id: str | None, *, venue_id: str = "", place: str = "", waiter: str = "") -> Check:
        """Raises Conflict for an id that was opened before, Malformed for a venue that is none."""
        if venue_id and all(venue.id != venue_id for venue in programs.venues(self.session, self.program.id)):
            raise Malformed("There is no such venue here.")
        return checks.open_check(
            self.session, self.program.id, check_id or new_id(), venue_id=venue_id or self.actor.venue_id, place=place,
            waiter=waiter or self.actor.staff_id, source=self.actor.source, at=self.origin.event_at,
        )  # fmt: skip

    def add(self, check_id: str, lines: Sequence[Ordered], *, instead: bool = False) -> Answer:
        added = checks.add_lines(self.session, self.program, check_id, lines, instead=instead, at=self.origin.event_at)
        return self.told(check_id, positions=[line.position for line in added])

    def take_off(self, check_id: str, position: int) -> Answer:
        checks.take_off(self.session, self.program, check_id, position)
        return self.told(check_id)

    def attach(self, check_id: str, card: str) -> Answer:
        found = find(self.session, self.actor, card)
        _, entry = checks.attach(self.session, self.program, check_id, found, self.origin, anytime=self.anytime)
        return self.told(check_id, [entry] if entry else [])

    def detach(self, check_id: str) -> Answer:
        checks.detach(self.session, self.program, check_id)
        return self.told(check_id)

    def bill(self, check_id: str) -> Answer:
        checks.bill(self.session, self.program, check_id, self.origin.event_at)
        return self.told(check_id)

    def close(self, check_id: str, payment: Payment) -> Answer:
        _, entry = checks.close(self.session, self.program, check_id, payment, self.origin)
        return self.told(check_id, [entry] if entry else [])

    def refund(self, check_id: str, *, positions: Collection[int] = (), amount: int | None = None) -> Answer:
        self._must_be_in_time(check_id)
        done = checks.refund(self.session, self.program, check_id, self.origin, positions=positions, amount=amount)
        return self.told(check_id, done.entries, amount=done.amount, money=done.money)

    def void(self, check_id: str) -> Answer:
        self._must_be_in_time(check_id)
        done = checks.void(self.session, self.program, check_id, self.origin)
        return self.told(check_id, done.entries, amount=done.amount, money=done.money)

    def told(
        self, check_id: str, entries: Iterable[Entry] = (), *, positions: Sequence[int] = (), amount: int = 0, money: int = 0
    ) -> Answer:
        """Tell the cards, and then the till."""
        check, entries = checks.get(self.session, self.program.id, check_id), list(entries)
        for card_id in sorted({entry.card_id for entry in entries}):
            tell(self.session, self.program.id, card_id)
        done = CheckDone(
            check=CheckStands.model_validate(check),
            positions=list(positions),
            entries=[EntryOut.model_validate(entry) for entry in entries],
            points=sum(entry.delta for entry in entries if entry.card_id == check.card_id),
            balance=self._balance(check.card_id) if check.card_id else None,
            amount=amount,
            money=money,
        )
        return Answer(200, done.model_dump(mode="json"))

    def _balance(self, card_id: str) -> BalanceOut:
        return BalanceOut.model_validate(ledger.balance(self.session, self.program.id, card_id))

    def _must_be_in_time(self, check_id: str) -> None:
        """A cashier gives money back for some minutes, a manager at any time."""
        check = checks.get(self.session, self.program.id, check_id)
        paid = [entry.recorded_at for entry in checks.payments(self.session, self.program.id, check_id)]
        closed_at = min([*filter(None, (check.closed_at,)), *paid], default=None)
        if closed_at is not None and not self.anytime and now() - closed_at > timedelta(minutes=self.program.undo_minutes):
            raise NotAllowed(f"This check was closed more than {self.program.undo_minutes} minutes ago. A manager can give money back.")
