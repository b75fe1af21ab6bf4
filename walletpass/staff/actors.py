"""Whoever stands behind a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass.database import now, transaction
from walletpass.errors import NotAllowed
from walletpass.staff import secrets
from walletpass.staff.models import Staff, StaffSession, Till

IDLE = timedelta(hours=4)
LONGEST = timedelta(hours=14)
SEEN_EVERY = timedelta(minutes=5)

COATS = frozenset({"coats", "coats_release"})
HOSTESS = frozenset({"look_up", "signal", "board"})
CASHIER = COATS | HOSTESS | {"earn", "redeem", "undo", "refund", "move", "enrol", "checks"}
MANAGER = CASHIER | {
    "undo_any", "redeem_unproved", "adjust", "writeoff", "merge", "activate", "manage", "integrate", "members", "coats_override",
}  # fmt: skip
MAY = {"coats": COATS, "hostess": HOSTESS, "cashier": CASHIER, "manager": MANAGER, "owner": MANAGER | {"rules"}}

INTEGRATION = "integration"
# What no scope of a key opens.
PEOPLE_ONLY = ("manage", "redeem_unproved", "rules", "coats_release", "coats_override", "board")
# Which scope of an API key a deed asks for, where it is not called like the deed.
SCOPE_OF = {
    "look_up": "read",
    "undo": "refund",
    "undo_any": "refund",
    "move": "refund",
    "writeoff": "adjust",
    "merge": "adjust",
    "activate": "earn",
    "integrate": "events",
    "review": "earn",
    "signal": "signals",
    "enrol": "members",
}


@dataclass(frozen=True)
class Actor:
    """``source`` is till or api. Names are for the screen; ids go into the ledger. ``own_card`` is theirs as a guest."""

    program_id: str
    source: str
    role: str
    name: str
    staff_id: str = ""
    till_id: str = ""
    venue_id: str = ""
    key_hash: str = ""
    scopes: frozenset[str] = frozenset()
    own_card: str = ""

    @property
    def bearer(self) -> str:
        """Who a proof is given to: this person at this till, or whoever has this API key; labels need not differ."""
        return ":".join((self.source, self.till_id, self.staff_id, self.key_hash))

    def may(self, deed: str) -> bool:
        if self.role == INTEGRATION:
            return SCOPE_OF.get(deed, deed) in self.scopes
        return deed in MAY[self.role]

    def must(self, deed: str) -> None:
        """Raises NotAllowed; to an API key it names the ``scope`` that is missing."""
        if self.may(deed):
            return
        if self.role == INTEGRATION:
            scope = SCOPE_OF.get(deed, deed)
            if scope in PEOPLE_ONLY:
                raise NotAllowed("Somebody at a till has to do this." if scope == "board" else "A manager at a till has to do this.")
            raise NotAllowed(f"This API key has no scope {scope}. A manager can make one that has it.", scope=scope)
        others = deed in COATS | HOSTESS | CASHIER
        raise NotAllowed("This is not for your role. Somebody else has to sign in." if others else "A manager has to do this.")


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
    return Actor(program_id, "till", staff.role, staff.name, staff.id, till.id, till.venue_id, own_card=staff.card_id)


def on_shift(session: Session, program_id: str) -> Sequence[Staff]:
    """Who is signed in on some till at this moment."""
    moment = now()
    signed = select(StaffSession.staff_id).where(
        col(StaffSession.program_id) == program_id,
        col(StaffSession.ended_at).is_(None),
        col(StaffSession.seen_at) >= moment - IDLE,
        col(StaffSession.started_at) >= moment - LONGEST,
    )
    ours = col(Staff.program_id) == program_id, col(Staff.active).is_(True), col(Staff.id).in_(signed)
    return session.exec(select(Staff).where(*ours).order_by(col(Staff.name))).all()


def _seen(visit: StaffSession) -> None:
    with transaction() as session:
        row = session.get(StaffSession, (visit.program_id, visit.token_hash))
        if row is not None:
            row.seen_at = now()
            session.add(row)
