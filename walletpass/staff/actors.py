"""Whoever stands behind a request."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass.database import now, transaction
from walletpass.errors import NotAllowed
from walletpass.staff import secrets
from walletpass.staff.models import ApiKey, Staff, StaffSession, Till

IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=14)
SEEN_EVERY = timedelta(minutes=5)

CASHIER = frozenset({"look_up", "earn", "redeem", "undo"})
MAY = {
    "cashier": CASHIER,
    "manager": CASHIER | {"undo_any", "redeem_unproved", "adjust", "manage"},
    "owner": CASHIER | {"undo_any", "redeem_unproved", "adjust", "manage"},
    "integration": CASHIER | {"undo_any"},
}


@dataclass(frozen=True)
class Actor:
    """``source`` is till or api. Names are for the screen; ids go into the ledger."""

    program_id: str
    source: str
    role: str
    name: str
    staff_id: str = ""
    till_id: str = ""
    venue_id: str = ""
    key_hash: str = ""

    @property
    def bearer(self) -> str:
        """Who a proof is given to: this person at this till, or whoever has this API key; labels need not differ."""
        return ":".join((self.source, self.till_id, self.staff_id, self.key_hash))

    def may(self, deed: str) -> bool:
        return deed in MAY[self.role]

    def must(self, deed: str) -> None:
        """Raises NotAllowed."""
        if not self.may(deed):
            raise NotAllowed("A manager has to do this.")


def signed_in(session: Session, program_id: str, till: Till, secret: str) -> Actor | None:
    """The person signed in on this till; None for an ended, idle or overlong session."""
    found = session.exec(
        select(StaffSession, Staff).where(
            col(StaffSession.program_id) == program_id,
            col(StaffSession.token_hash) == secrets.digest(secret),
            col(StaffSession.till_id) == till.id,
            col(StaffSession.ended_at).is_(None),
            col(Staff.program_id) == program_id,
            col(Staff.id) == col(StaffSession.staff_id),
        )
    ).first()
    if found is None:
        return None
    visit, staff = found
    moment = now()
    if not staff.active or moment - visit.seen_at > IDLE or moment - visit.started_at > LONGEST:
        return None
    if moment - visit.seen_at > SEEN_EVERY:
        _seen(visit)
    return Actor(program_id, "till", staff.role, staff.name, staff.id, till.id, till.venue_id)


def _seen(visit: StaffSession) -> None:
    with transaction() as session:
        row = session.get(StaffSession, (visit.program_id, visit.token_hash))
        if row is not None:
            row.seen_at = now()
            session.add(row)


def make_api_key(session: Session, program_id: str, label: str) -> str:
    """``wp_<program>_<secret>``, shown once."""
    secret, digest = secrets.make()
    session.add(ApiKey(program_id=program_id, key_hash=digest, label=label))
    return f"wp_{program_id}_{secret}"


def actor_by_api_key(session: Session, key: str) -> Actor | None:
    prefix, _, rest = key.partition("_")
    program_id, _, secret = rest.partition("_")
    row = session.get(ApiKey, (program_id, secrets.digest(secret))) if prefix == "wp" else None
    if row is None or row.revoked_at is not None:
        return None
    return Actor(program_id, "api", "integration", row.label, key_hash=row.key_hash)
