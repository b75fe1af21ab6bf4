"""How long things last on the board."""

from datetime import datetime, timedelta

from walletpass.database import now
from walletpass.errors import Malformed

# A visit ends by itself when nobody said that the guest has gone.
VISIT = timedelta(hours=8)
# A phone passes the door's reader on its way out as well.
LINGER = timedelta(minutes=15)
# How far from the booked hour its guest is taken for the one who booked. Later, the booking is missed.
NEAR = timedelta(hours=3)
# A call stays on the board.
RINGS = timedelta(minutes=5)
# A wrong tap is seen soon.
TAKES_BACK = timedelta(minutes=15)
CLOCKS_DIFFER = timedelta(minutes=5)


def lately(at: datetime | None) -> datetime:
    """When it happened: now, where nobody says; a clock ahead of ours by some minutes counts as now.

    Raises Malformed for what is longer ago than a visit lasts, and for what has not happened.
    """
    moment = now()
    if at is None:
        return moment
    if at > moment + CLOCKS_DIFFER:
        raise Malformed("This has not happened yet. Check the sender's clock.")
    if at < moment - VISIT:
        raise Malformed("This is too long ago to be on the board.")
    return min(at, moment)
