from datetime import datetime, timedelta

from sqlmodel import Session

from walletpass.cards import Card
from walletpass.database import insert
from walletpass.errors import AlreadyEarned, Conflict
from walletpass.ledger import accounts, bonuses, due, expiry, tiers, velocity
from walletpass.ledger.bill import Bill
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Account, EarnedCheck, Entry, EntryType
from walletpass.ledger.paying import standing
from walletpass.ledger.worth import earning_base, points_for, rate
from walletpass.programs import Program


def earn(session: Session, program: Program, card: Card, bill: Bill, origin: Origin) -> Entry:
    """Credit a check. The part paid with points earns nothing; floored once, for the whole check.

    The rate is that of the tier before this check. Raises AlreadyEarned when an earn of this check stands, Malformed for a bill
    that cannot be, TooOften above a limit of the day, NotAllowed for one's own card.
    """
    velocity.not_their_own(card, origin)
    bill.check(program.max_amount)
    counted = bill.under(program)
    accounts.lock_check(session, program.id, bill.check_id)
    account = due.locked(session, program.id, card.id)
    before = standing(session, program.id, bill.check_id)
    if before.earned is not None:
        raise AlreadyEarned("This check has earned its points already.", entry=before.earned)
    if before.promised.points:
        raise Conflict("Points are still held for this check. Take them, or let them go, before it is closed.")
    at = origin.moment
    earning, rate_bps = earning_base(program, counted), rate(program, tiers.review(session, program, card, at))
    base = max(0, earning - before.paid.off_base)
    points = points_for(base, rate_bps)
    velocity.may_earn(session, program, card.id, points, origin)
    entry = write(session, account, EntryType.EARN, points, origin, check_id=bill.check_id, base=base)
    check = EarnedCheck(
        program_id=program.id, check_id=bill.check_id, card_id=card.id, seq=entry.seq, amount=bill.amount, earning=earning,
        spend=max(0, counted.earning_base - before.paid.worth), rate_bps=rate_bps, closed_at=at,
    )  # fmt: skip
    insert(session, check)
    _credit(session, program, card, account, entry)
    tiers.rise(session, program, card, at)
    bonuses.with_check(session, program, card, check, origin)
    return entry


def _credit(session: Session, program: Program, card: Card, account: Account, entry: Entry) -> None:
    expiry.live_on(session, program, account, entry.event_at)
    if entry.delta:
        accounts.credit(
            session, account, entry, entry.delta,
            active_from=ripe(program, entry.event_at),
            expires_at=expiry.ends(program, card.created_at, entry.event_at),
            rolls=program.expiry == "activity",
        )  # fmt: skip


def ripe(program: Program, at: datetime) -> datetime | None:
    """When points that were earned ``at`` can be spent; None for at once. So many days are so many times 24 hours."""
    if program.pending == "days":
        return at + timedelta(days=program.pending_days)
    return accounts.ON_ACTION if program.pending == "action" else None
