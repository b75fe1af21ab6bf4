"""How soon a connection may follow another: Apple takes opening and closing them quickly for an attack."""

import threading
import time

# Seconds between two connections to one host.
CONNECT_EVERY = 1.0


class Gate:
    """Lets one connection through in `CONNECT_EVERY` seconds, for each host and all threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: dict[tuple[str, int], float] = {}

    def wait(self, host: str, family: int) -> None:
        """IPv6 and IPv4 are two hosts: a client that tries the one and takes the other is in no hurry."""
        with self._lock:
            turn = max(time.monotonic(), self._free_at.get((host, family), 0.0))
            self._free_at[host, family] = turn + CONNECT_EVERY
        while (left := turn - time.monotonic()) > 0:
            time.sleep(left)


gate = Gate()
