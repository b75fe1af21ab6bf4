"""How often one place may knock: a bucket of tokens for each address or device, filled evenly over a minute.

Kept in the memory of one process: with several, each counts for itself.
"""

import threading
import time
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from walletpass.errors import TooMany

MINUTE = 60.0
REMEMBERED = 20_000  # places; the one that was quiet longest is forgotten


class Doorman:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def admit(self, door: str, who: str, per_minute: int) -> None:
        """Raises TooMany when ``who`` came more than ``per_minute`` times in a minute; 0 lets everybody in."""
        if not per_minute:
            return
        moment = time.monotonic()
        with self._lock:
            tokens, filled_at = self._buckets.pop((door, who), (float(per_minute), moment))
            tokens = min(per_minute, tokens + (moment - filled_at) * per_minute / MINUTE)
            admitted = tokens >= 1
            self._buckets[door, who] = (tokens - admitted, moment)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        if not admitted:
            raise TooMany("That was too often. Please wait a moment and try again.", after=1 + int((1 - tokens) * MINUTE / per_minute))

    def take_back(self, door: str, who: str) -> None:
        """The last time that ``who`` came does not count."""
        with self._lock:
            if found := self._buckets.get((door, who)):
                self._buckets[door, who] = (found[0] + 1, found[1])


def place(address: str | None) -> str:
    """Who a client is: its address; of IPv6 the network, as each of its billions of addresses would be a new one."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return address or ""
    return str(known) if not isinstance(known, IPv6Address) else known.exploded[:19]
