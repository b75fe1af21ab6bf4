"""Whoever does a deed at the coats, where, and how they knew whose it is."""

from dataclasses import dataclass
from datetime import datetime

from walletpass.coatcheck.kinds import How
from walletpass.database import now


@dataclass(frozen=True)
class Hand:
    """``at`` is the device's time, None for this moment. ``approved_by`` is the manager of an override, who has been proven."""

    staff_id: str = ""
    till_id: str = ""
    source: str = ""
    how: How = How.SCAN
    at: datetime | None = None
    reason: str = ""
    approved_by: str = ""

    @property
    def moment(self) -> datetime:
        return self.at or now()
