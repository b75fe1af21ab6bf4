"""What was written to the phones: SMS and mail, of every number and mailbox there is."""

from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from walletpass.sandbox import shelf
from walletpass.sandbox.board import Board, stamp

KEPT = 60
LONGEST = 4_000


@dataclass(frozen=True)
class Received:
    """``way`` is sms or email, ``sender`` and ``subject`` what a mail says of itself."""

    number: int
    at: str
    way: str
    to: str
    text: str
    sender: str = ""
    subject: str = ""


class Inbox:
    """The last messages, oldest first, kept on disk as a phone keeps them."""

    def __init__(self, path: Path, board: Board) -> None:
        self._path, self._board, self._lock = path, board, Lock()
        self._received: deque[Received] = deque((Received(**row) for row in shelf.load(path, [])), maxlen=KEPT)

    def receive(self, way: str, to: str, text: str, sender: str = "", subject: str = "") -> Received:
        with self._lock:
            number = self._received[-1].number + 1 if self._received else 1
            one = Received(number, stamp(), way, to[:254], text[:LONGEST], sender[:254], subject[:254])
            self._received.append(one)
            shelf.save(self._path, [asdict(kept) for kept in self._received])
        self._board.say("sms" if way == "sms" else "mail", f"{'An SMS' if way == 'sms' else 'A mail'} for {one.to}.")
        return one

    def all(self, to: str = "") -> list[dict[str, Any]]:
        """Those of one number or mailbox, or of all."""
        with self._lock:
            return [asdict(one) for one in self._received if to in ("", one.to)]

    def forget(self) -> None:
        with self._lock:
            self._received.clear()
            shelf.save(self._path, [])
        self._board.changed()
