"""The pictures Google fetched: once per address, at the moment of the write.

They are kept, so a changed file behind the same address is not seen.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from time import sleep

from walletpass.sandbox import shelf, wire
from walletpass.sandbox.googlerules import Invalid

TRIES = 3


class Pictures:
    def __init__(self, folder: Path, *, fetches: bool, dead: Callable[[], bool] = lambda: False) -> None:
        self._folder, self._fetches, self._dead = folder, fetches, dead

    def fetch(self, url: str) -> None:
        """Keep the picture at ``url``, or raise Invalid: one dead picture fails a whole write."""
        if self._dead():
            raise Invalid(f"Image cannot be loaded: {url}.")
        if not self._fetches or self._path(url).exists():
            return
        reply = self._reply(url)
        if reply.status != 200 or not reply.content_type.startswith("image/"):
            raise Invalid(f"Image cannot be loaded: {url} answered {reply.status} {reply.content_type or 'without a content type'}.")
        shelf.write(self._path(url), reply.body)

    def read(self, url: str) -> bytes | None:
        path = self._path(url)
        return path.read_bytes() if path.exists() else None

    def _reply(self, url: str) -> wire.Reply:
        for attempt in range(TRIES):
            try:
                return wire.request("GET", url, {"User-Agent": "Google-Wallet-Sandbox-ImageFetcher"})
            except wire.Unreachable as error:
                if attempt == TRIES - 1:
                    raise Invalid(f"Image cannot be loaded: {url} ({error}).") from error
                sleep(0.5)  # a demo server may be a moment behind its worker
        raise AssertionError("unreachable")

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()[:32]
