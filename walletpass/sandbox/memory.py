"""What an iPhone keeps: passes, its identity, the tags of its last list calls, and the banners not yet wiped away."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from time import time
from typing import Any

from walletpass.sandbox import shelf
from walletpass.sandbox.board import stamp
from walletpass.sandbox.face import face
from walletpass.sandbox.refusal import WontOpen
from walletpass.sandbox.verify import Opened, reopen

SPENT = 100  # dead push tokens remembered
SHOWN = 20  # banners kept


@dataclass(frozen=True)
class Held:
    """A pass in the Wallet and what the phone remembers about its web service. ``file`` is its archive on disk."""

    opened: Opened
    file: str
    added_at: str
    registered: bool = False
    last_modified: str = ""
    problem: str = ""

    @property
    def identity(self) -> str:
        return self.opened.identity

    @property
    def serial(self) -> str:
        return str(self.opened.content["serialNumber"])

    @property
    def type(self) -> str:
        return str(self.opened.content["passTypeIdentifier"])

    @property
    def token(self) -> str:
        return str(self.opened.content.get("authenticationToken", ""))

    @property
    def url(self) -> str:
        return str(self.opened.content.get("webServiceURL", ""))

    def state(self, language: str) -> dict[str, Any]:
        return {
            **face(self.opened, language),
            "addedAt": self.added_at,
            "registered": self.registered,
            "lastModified": self.last_modified,
            "problem": self.problem,
            "webServiceURL": self.url,
        }


@dataclass(frozen=True)
class Sheet:
    """What slides up when a pass was opened: the pass, or the sentence why it would not open."""

    opened: Opened | None
    data: bytes
    error: str = ""

    def state(self, language: str, present: set[str]) -> dict[str, Any]:
        if self.opened is None:
            return {"error": self.error, "pass": None, "replaces": False}
        return {"error": "", "pass": face(self.opened, language), "replaces": self.opened.identity in present}


@dataclass(frozen=True)
class Banner:
    number: int
    at: str
    serial: str
    title: str
    text: str


def banner(before: list[Banner], serial: str, title: str, text: str) -> Banner:
    """The next banner. Numbers grow even when all earlier ones were wiped away: they begin at the clock."""
    number = max(int(time() * 1000), before[-1].number + 1 if before else 0)
    return Banner(number, stamp(), serial, title, text)


class Memory:
    """One JSON file and one archive per pass, under ``folder``.

    Whoever reads or changes the attributes holds ``lock``; the methods take it themselves and tell ``changed`` afterwards.
    """

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder, self._changed = folder, changed
        self.lock = Lock()
        stored = shelf.load(folder / "iphone.json", {})
        self.device: str = stored.get("device") or secrets.token_hex(16)
        self.tokens: dict[str, str] = stored.get("tokens", {})  # push token -> pass type
        self.spent: list[str] = stored.get("spent", [])  # tokens APNs has called dead
        self.tags: dict[str, str] = stored.get("tags", {})
        self.banners = [Banner(**banner) for banner in stored.get("banners", [])]
        self.passes: dict[str, Held] = {}
        for one in stored.get("passes", []):
            if opened := self._archive(one["file"]):
                self.passes[opened.identity] = Held(opened, **one)

    def keep_archive(self, data: bytes) -> str:
        """Write a .pkpass; the name to remember it by."""
        name = f"{hashlib.sha256(data).hexdigest()[:24]}.pkpass"
        if not (self._folder / "passes" / name).exists():
            shelf.write(self._folder / "passes" / name, data, private=True)
        return name

    def keep(self, held: Held) -> None:
        """Put a pass in the Wallet, in the place of an older version of it."""
        with self.lock:
            self.passes[held.identity] = held
        self.save()

    def show(self, serial: str, title: str, text: str) -> None:
        """A banner, on top of those that are there."""
        with self.lock:
            self.banners = [*self.banners, banner(self.banners, serial, title, text)][-SHOWN:]
        self.save()

    def save(self) -> None:
        with self.lock:
            self._write()
        self._changed()

    def _write(self) -> None:
        passes = [
            {key: getattr(held, key) for key in ("file", "added_at", "registered", "last_modified", "problem")}
            for held in self.passes.values()
        ]
        banners = [asdict(banner) for banner in self.banners]
        shelf.save(
            self._folder / "iphone.json",
            {
                "device": self.device,
                "tokens": self.tokens,
                "spent": self.spent[-SPENT:],
                "tags": self.tags,
                "banners": banners,
                "passes": passes,
            },
        )
        needed = {held.file for held in self.passes.values()}
        for path in (self._folder / "passes").glob("*.pkpass"):
            if path.name not in needed:
                path.unlink(missing_ok=True)

    def _archive(self, name: str) -> Opened | None:
        try:
            return reopen((self._folder / "passes" / name).read_bytes())
        except (OSError, WontOpen):
            return None
