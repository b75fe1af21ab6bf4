"""Points for something else than a check: a welcome, a birthday, a friend, a survey. Each once for its subject."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from walletpass import cards, guests
from walletpass.cards import Card
from walletpass.guests import Guest
from walletpass.ledger import accounts, due, expiry
from walletpass.ledger.entries import Origin, write
from walletpass.ledger.models import Bonus, EarnedCheck, Entry, EntryType
from walletpass.programs import Program

Kind = Literal["welcome", "birthday", "referral", "friend", "survey", "review"]
# Bonuses that stand and fall with their check.
OF_CHECK = ("birthday", "referral", "friend")
WEEK = timedelta(days=7)


def bonus(
    session: Session,
    program: Program,
    card: Card,
    kind: Kind,
    subject: str,
    points: int,
    origin: Origin,
    *,
    check_id: str = "",
    active_from: datetime | None = None,
) -> Entry | None:
    """Credit ``points`` once for (``kind``, ``subject``), which names no person. None where they were given before, or are none.

    The card's account is locked first, so of two at once the second finds the first; a subject that two cards claim is held
    apart by the primary key, and the loser's transaction fails and is tried again.
    """
    if points <= 0:
        return None
    account = due.locked(session, program.id, card.id)
    if session.get(Bonus, (program.id, kind, subject)) is not None:
        return None
    entry = write(session, account, EntryType.PROMO_EARN, points, origin, check_id=check_id)
    session.add(Bonus(program_id=program.id, kind=kind, subject=subject, card_id=card.id, seq=entry.seq, check_id=check_id))
    accounts.credit(
        session, account, entry, points,
        active_from=active_from, expires_at=expiry.ends(program, card.created_at, entry.event_at), rolls=program.expiry == "activity",
    )  # fmt: skip
    return entry


def with_check(session: Session, program: Program, card: Card, standing: EarnedCheck, origin: Origin) -> None:
    """What a check brings beside its own points: the guest's birthday, and thanks to whoever brought them."""
    if not (program.birthday_points or program.referral_points or program.referral_friend_points):
        return
    guest = guests.get(session, program.id, card.owner_id)
    if program.birthday_points and (year := birthday_year(program, guest, standing.closed_at)):
        bonus(session, program, card, "birthday", f"{guest.id}:{year}", program.birthday_points, origin, check_id=standing.check_id)
    if guest.referred_by:
        _thank(session, program, card, guest, standing, origin)


def birthday_year(program: Program, guest: Guest, at: datetime) -> int | None:
    """The year of the birthday that a check ``at`` this moment is near; None where there is none, or the date is too new.

    29 February is kept on the 28th in other years.
    """
    known_for = at - guest.birthday_at if guest.birthday_at else timedelta(-1)
    if not guest.birth_month or known_for < timedelta(days=program.birthday_on_file_days):
        return None
    today = at.astimezone(ZoneInfo(program.timezone)).date()
    for year in (today.year - 1, today.year, today.year + 1):
        day = guest.birth_day if (guest.birth_month, guest.birth_day) != (2, 29) or _leap(year) else 28
        if abs((date(year, guest.birth_month, day) - today).days) <= program.birthday_window_days:
            return year
    return None


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _thank(session: Session, program: Program, card: Card, guest: Guest, standing: EarnedCheck, origin: Origin) -> None:
    """The first paid check of a guest whom somebody brought, where it is large enough: both get points once the refund window is over."""
    if standing.spend < program.referral_minimum or not _is_first(session, program, card, standing):
        return
    friend = cards.survivor(session, program.id, guest.referred_by)
    if friend is None or friend.guest_id == guest.id or friend.state != "active":
        return
    # Somebody who was here before under this number is no new guest, whoever has proved it.
    if any(other.id != guest.id for other in guests.by_phone(session, program.id, guest.phone)):
        return
    later = standing.closed_at + timedelta(days=program.referral_wait_days)
    bonus(session, program, card, "friend", guest.id, program.referral_friend_points, origin, check_id=standing.check_id, active_from=later)
    # Too many of one person's friends in a week wait for a manager: "on an action".
    many = brought(session, program, friend.id, standing.closed_at - WEEK) >= program.referral_review_above
    when = accounts.ON_ACTION if many else later
    bonus(session, program, friend, "referral", guest.id, program.referral_points, origin, check_id=standing.check_id, active_from=when)


def _is_first(session: Session, program: Program, card: Card, standing: EarnedCheck) -> bool:
    others = select(func.count()).where(
        col(EarnedCheck.program_id) == program.id,
        col(EarnedCheck.card_id).in_(cards.ids_of(session, card)),
        col(EarnedCheck.check_id) != standing.check_id,
        col(EarnedCheck.spend) > 0,
    )
    return session.exec(others).one() == 0


def brought(session: Session, program: Program, card_id: str, since: datetime) -> int:
    """How many friends a card was thanked for since then."""
    found = select(func.count()).where(
        col(Bonus.program_id) == program.id, col(Bonus.kind) == "referral", col(Bonus.card_id) == card_id,
        col(Entry.program_id) == program.id, col(Entry.card_id) == col(Bonus.card_id), col(Entry.seq) == col(Bonus.seq),
        col(Entry.event_at) >= since,
    )  # fmt: skip
    return session.exec(found).one()


def of_check(session: Session, program_id: str, check_id: str) -> Sequence[Bonus]:
    found = select(Bonus).where(col(Bonus.program_id) == program_id, col(Bonus.check_id) == check_id, col(Bonus.kind).in_(OF_CHECK))
    return session.exec(found.order_by(col(Bonus.card_id), col(Bonus.seq))).all()
