"""The root keys that Google publishes, and when to look at them again.

Keys are fetched because they are old and for no other reason: a call that does not verify, or finds no keys, fetches
nothing, or whoever sends forged ones would make us knock at Google's door. The lists in use are kept in this process.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import requests
import structlog

from walletpass import config
from walletpass.errors import Unavailable
from walletpass.google.ecv2 import PROTOCOL, RootKey, millis, public_key, strict_json

log = structlog.get_logger(__name__)

# Seconds to connect, between two bytes, and for all of an answer.
TIMEOUT = (3.0, 5.0)
PATIENCE = 15.0
LARGEST = 64 * 1024
MOST_KEYS = 32
# Milliseconds: a list is asked for again before its first key ends, but not within a minute nor after half an hour.
MARGIN, SOONEST, LATEST = 300_000, 60_000, 1_800_000


@dataclass
class Shelf:
    """The keys of one address."""

    keys: Sequence[RootKey] = ()
    asked_ms: int = 0
    due_ms: int = 0
    failures: int = 0

    def is_due(self, moment: int) -> bool:
        # Also when the clock was set back.
        return moment >= self.due_ms or moment < self.asked_ms


class RootKeys:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelves: dict[str, Shelf] = {}

    def usable(self, now_ms: int) -> list[RootKey]:
        """The keys of all addresses that have not ended. Raises Unavailable when there are none."""
        shelves = [self._shelves.get(url, Shelf()) for url in config.current().key_urls]
        found = [key for shelf in shelves for key in shelf.keys if key.is_usable(now_ms)]
        if not found:
            raise Unavailable("The keys that Google signs with are not here yet.")
        return found

    def is_due(self, now_ms: int) -> bool:
        return any(self._shelves.get(url, Shelf()).is_due(now_ms) for url in config.current().key_urls)

    def refresh(self, now_ms: int) -> None:
        """Fetch the lists whose time has come; one thread at a time. What was there stays when an address does not answer."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            for url in config.current().key_urls:
                shelf = self._shelves.setdefault(url, Shelf())
                if shelf.is_due(now_ms):
                    _renew(shelf, url, now_ms)
        finally:
            self._lock.release()


def _renew(shelf: Shelf, url: str, now_ms: int) -> None:
    shelf.asked_ms = now_ms
    try:
        shelf.keys = keys_of(_fetched(url))
    except (requests.RequestException, ValueError) as error:
        shelf.due_ms = now_ms + min(SOONEST * 2**shelf.failures, LATEST)
        shelf.failures = min(shelf.failures + 1, 10)
        log.warning("google.keys_failed", url=url, reason=f"{type(error).__name__}: {error}"[:300])
        return
    shelf.failures = 0
    ends = min((key.expires_ms for key in shelf.keys if key.expires_ms is not None and key.is_usable(now_ms)), default=now_ms + LATEST)
    shelf.due_ms = now_ms + max(SOONEST, min(ends - MARGIN - now_ms, LATEST))


def keys_of(content: bytes) -> list[RootKey]:
    """The keys of our protocol in a published list; a kind of key that we do not know is passed over. ValueError for none."""
    found: list[RootKey] = []
    try:
        rows = strict_json(content.decode())["keys"]
    except (LookupError, RecursionError) as error:
        raise ValueError("this is no list of keys") from error
    for row in rows[:MOST_KEYS] if isinstance(rows, list) else ():
        try:
            if row["protocolVersion"] == PROTOCOL:
                expires_ms = millis(row["keyExpiration"]) if "keyExpiration" in row else None
                found.append(RootKey(public_key(row["keyValue"]), expires_ms))
        except (ValueError, LookupError, TypeError):
            continue
    if not found:
        raise ValueError(f"there is no key for {PROTOCOL} in it")
    return found


def _fetched(url: str) -> bytes:
    """The answer of an address, which leads nowhere else. ValueError for one that is no 200, too long or too slow."""
    until = time.monotonic() + PATIENCE
    content = bytearray()
    with requests.get(url, headers={"Accept": "application/json"}, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
        if answer.status_code != 200:
            raise ValueError(f"it answered {answer.status_code}")
        # Byte by byte: a larger piece that drips would outlast our patience.
        for piece in answer.iter_content(1):
            content += piece
            if len(content) > LARGEST:
                raise ValueError(f"it is larger than {LARGEST} bytes")
            if time.monotonic() > until:
                raise ValueError("it is too slow")
    return bytes(content)


roots = RootKeys()
