"""What happens to a check, for those who follow the feed."""

from datetime import datetime

from sqlmodel import Session

from walletpass import events
from walletpass.checks.models import Check
from walletpass.events import Kind
from walletpass.ledger import Origin

NOBODY = Origin("system")


def tell(session: Session, check: Check, kind: Kind, at: datetime | None, origin: Origin = NOBODY, **said: int) -> None:
    events.happened(
        session, check.program_id, kind, card_id=check.card_id, check_id=check.id, venue_id=check.venue_id or origin.venue_id,
        staff_id=origin.staff_id, device_id=origin.device_id, source=origin.source, at=at, data={"amount": check.amount, **said},
    )  # fmt: skip
