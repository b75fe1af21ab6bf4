"""How often a guest's phone may be made to ring: Google takes three notices of a kind for a pass in 24 hours.

Changes and messages are counted apart. One of the three is kept for what happens at a till; many cards that change together
do not use it up. A pass that Google says has had enough stays silent for a day. Moments are in ISO 8601, the newest last.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from walletpass.database import now
from walletpass.google.models import GoogleObject

DAY = timedelta(hours=24)
MOST, RESERVE = 3, 1


def left(moments: Sequence[str], *, bulk: bool = False) -> bool:
    since = now() - DAY
    return sum(datetime.fromisoformat(moment) > since for moment in moments) < MOST - (RESERVE if bulk else 0)


def counted(moments: Sequence[str], rang: bool | None) -> tuple[str, ...]:
    """With what has just been: a notice, none, or one (None) that Google would not take because there were enough."""
    moment = now()
    fresh = {True: 1, False: 0, None: MOST}[rang]
    return merged(moments, ((moment - timedelta(microseconds=back)).isoformat() for back in range(fresh)))


def merged(*counts: Iterable[str]) -> tuple[str, ...]:
    """What two writers have counted."""
    return tuple(sorted({moment for moments in counts for moment in moments}, key=datetime.fromisoformat)[-MOST:])


def may_ring(row: GoogleObject | None) -> bool:
    """Whether somebody holds the card. A guest who was given the save link, and of whom Google has said nothing yet, may."""
    return row is not None and (row.saved or (row.asked_at is not None and row.saved_at is None and row.removed_at is None))
