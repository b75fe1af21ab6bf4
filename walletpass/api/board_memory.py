"""Boards as text, made once for all who look at the same one."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from sqlmodel import Session

from walletpass import events, hostess, programs
from walletpass.api.board_view import shaped
from walletpass.database import reading
from walletpass.errors import Gone, Unavailable
from walletpass.events import Event, Kind, following
from walletpass.rounds import Rounds

# What changes a board; the rest of an evening's events, and there are many, do not.
TELLS = frozenset(
    {
        Kind.GUEST_ARRIVED, Kind.GUEST_SEATED, Kind.GUEST_GONE, Kind.GUEST_NOTED, Kind.SENTENCE_SAID, Kind.TABLE_GIVEN, Kind.BOOKING_MADE,
        Kind.BOOKING_CHANGED, Kind.BOOKING_CANCELLED, Kind.BOOKING_MISSED, Kind.CALL_INCOMING, Kind.CALL_ANSWERED, Kind.CARD_MERGED,
        Kind.GUEST_ERASED, Kind.GUEST_NOT_HERE, Kind.GUEST_NOT_SEATED, Kind.GUEST_NOT_GONE,
    }
)  # fmt: skip
# What changes a board on which the guest stands.
OF_A_GUEST = frozenset(
    {Kind.CHECK_CLOSED, Kind.REVIEW_WRITTEN, Kind.COAT_HUNG, Kind.COAT_RETURNED, Kind.COAT_KEPT, Kind.COAT_LOST, Kind.COAT_DISPOSED}
)
# Calls fade and guests become late without an event.
FRESH = 10.0
# What happens in one moment is looked at once.
PACE = 0.1


@dataclass(frozen=True)
class Place:
    program_id: str
    venue_id: str
    language: str


@dataclass(frozen=True)
class Seen:
    """``id`` is the same for the same board; ``number`` is the newest event it was made after, ``cards`` those of the guests on it."""

    id: str
    number: int
    text: str
    cards: frozenset[str]
    made_at: float


class Boards:
    """The newest board of each place that somebody follows."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.watches: dict[Place, Watch] = {}

    @contextmanager
    def watching(self, place: Place) -> Iterator["Watch"]:
        with following.listening(place.program_id):
            with self.lock:
                watch = self.watches.get(place)
                if watch is None:
                    watch = self.watches[place] = Watch(place)
                    watch.start()
                watch.streams += 1
            try:
                yield watch
            finally:
                self._left(watch)

    def _left(self, watch: "Watch") -> None:
        with self.lock:
            watch.streams -= 1
            if watch.streams:
                return
            del self.watches[watch.place]
        watch.stop()


class Watch(Rounds):
    """Looks after one board: of many who follow it nobody else asks the database, or is woken by what does not change it."""

    name: ClassVar[str] = "board.watch"
    every: ClassVar[float] = 1.0

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.streams = place, 0
        self.news = threading.Condition()
        self.seen: Seen | None = None

    def wait(self, known: str, timeout: float) -> Seen | None:
        """The board, as soon as it is another than ``known``; None after ``timeout`` seconds, and when the process stops."""
        with self.news:
            self.news.wait_for(lambda: self._newer(known) or following.over, timeout)
            return self._newer(known)

    def _newer(self, known: str) -> Seen | None:
        return self.seen if self.seen is not None and self.seen.id != known else None

    def stop(self, timeout: float = 1.0) -> None:
        self.stopping.set()
        following.nudge()
        super().stop(timeout)

    def round(self) -> None:
        """As long as it is followed; after a fault it is begun anew."""
        while not self.stopping.is_set() and not following.over:
            with reading() as session:
                self._show(_look(session, self.place, self.seen))
            self.stopping.wait(PACE)
            following.wait(self.place.program_id, self.seen.number if self.seen else 0, FRESH, self.stopping.is_set)
        with self.news:
            self.news.notify_all()

    def _show(self, seen: Seen) -> None:
        with self.news:
            changed = self.seen is None or self.seen.id != seen.id
            self.seen = seen
            if changed:
                self.news.notify_all()


def _look(session: Session, place: Place, last: Seen | None) -> Seen:
    number = events.last(session, place.program_id)
    if last is not None and time.monotonic() - last.made_at < FRESH and not _changed(session, place, last, number):
        return Seen(last.id, max(number, last.number), last.text, last.cards, last.made_at)
    program = programs.get(session, place.program_id)
    board = hostess.board(session, program, place.venue_id, place.language)
    shown = shaped(program, place.venue_id, board)
    text = json.dumps(shown.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    guests = [
        *(one.guest for one in shown.calls),
        *(one.booking.guest for one in shown.calls if one.booking),
        *(one.guest for one in shown.expected),
        *(one.guest for one in (*shown.door, *shown.inside)),
    ]
    cards = frozenset(guest.card for guest in guests if guest is not None)
    return Seen(hashlib.sha256(text.encode()).hexdigest()[:16], board.number, text, cards, time.monotonic())


def _changed(session: Session, place: Place, last: Seen, newest: int) -> bool:
    if newest == last.number:
        return False
    try:
        page = events.after(session, place.program_id, last.number, 100, TELLS | OF_A_GUEST)
    except Gone:
        return True
    return newest < last.number or page.more or any(_tells(event, place, last) for event in page.events)


def _tells(event: Event, place: Place, last: Seen) -> bool:
    if event.kind in OF_A_GUEST:
        # The review of an evening, and the coat that came with it, may be another house's.
        return event.card_id in last.cards
    return event.venue_id in ("", place.venue_id)


class Seats:
    """Streams hold a thread each, so there are so many of them and no more."""

    def __init__(self, most: int) -> None:
        self.free = threading.Semaphore(most)

    def take(self) -> None:
        """Raises Unavailable."""
        if not self.free.acquire(blocking=False):
            raise Unavailable("Too many boards are open on this server. Close one, or look again by hand.")

    def leave(self) -> None:
        self.free.release()
