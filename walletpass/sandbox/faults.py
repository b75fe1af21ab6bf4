"""The switches of the fault panel."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from walletpass.sandbox import shelf
from walletpass.sandbox.apnsrules import REASONS
from walletpass.sandbox.apnswire import Weather
from walletpass.sandbox.board import Board
from walletpass.sandbox.googleanswers import ANSWERS
from walletpass.sandbox.googlecalls import FORGERIES

# The four that are always shown, then those that are told of when they are turned. The first position is that of a good day.
MAIN: dict[str, tuple[str, ...]] = {
    "apns": ("ok", "410", "503", "off"),
    "google": ("ok", "503", "off"),
    "iphone": ("on", "off"),
    "android": ("on", "off"),
}
FORGED = "forged: "
POSITIONS: dict[str, tuple[str, ...]] = {
    **MAIN,
    "google_rate": ("any", "strict"),  # strict: twenty requests in a second, and a 429 for the next
    "google_quota": ("three", "none"),  # notices of a kind for a pass in a day
    "google_images": ("ok", "dead"),  # dead: no picture can be fetched, so a write that names one is a 400
    "google_mode": ("live", "demo"),  # demo: cards say [TEST ONLY], and only a test account saves one
    "android_account": ("guest", "tester"),
    "sms_gateway": ("ok", "503"),
    "mail_server": ("ok", "451"),
    "google_calls": ("once", "twice", "swapped", "never", *(FORGED + kind for kind in FORGERIES)),
}
# What is turned like a knob: the name, the most, and what it does. Zero is as on a good day.
KNOBS: dict[str, int] = {
    "apns_goaway": 100_000,  # requests after which each connection says goodbye
    "apns_drop": 100_000,  # requests after which each connection is cut
    "apns_streams": 1_000,  # streams that a connection takes at a time
    "apns_delay": 60_000,  # milliseconds before an answer
    "apns_slow": 1,  # reads in small sips
    "iphone_lag": 3_600,  # seconds between a push and the phone's question
    "android_lag": 3_600,  # seconds between a write at Google and the phone's next look
    "google_delay": 60_000,  # milliseconds before an answer, the work being done
    "google_retry_after": 3_600,  # seconds that a 429 or 503 asks to wait
    "google_calls_delay": 3_600,  # seconds before a restaurant is told of a save or a removal
}
# Every answer there is, and the short names of some.
SPOKEN: dict[str, Collection[str]] = {"apns": {*REASONS, "200"}, "google": {*ANSWERS, "200"}}
SHORT = {
    "apns": {"410": (410, "Unregistered"), "503": (503, "ServiceUnavailable")},
    "google": {"503": (503, "backendError")},
}
SCRIPT = "script"
LONGEST_SCRIPT = 1_000


class BadSwitch(ValueError):
    """A switch or a position that does not exist; the message is a sentence."""


class Faults:
    def __init__(self, path: Path, board: Board) -> None:
        self._path, self._board = path, board
        self._lock = Lock()
        self._now = {name: positions[0] for name, positions in POSITIONS.items()}
        self._knobs = dict.fromkeys(KNOBS, 0)
        self._scripts: dict[str, list[tuple[int, str, int]]] = {}
        self._watchers: dict[str, list[Callable[[str], None]]] = {name: [] for name in POSITIONS}
        stored = shelf.load(path, {})
        for name, position in stored.items():
            if (name in POSITIONS or name in KNOBS) and _wrong(name, position) is None:
                self._put(name, position)

    def __getitem__(self, name: str) -> str:
        return self._now[name]

    def knob(self, name: str) -> int:
        return self._knobs[name]

    def all(self) -> dict[str, Any]:
        """The main switches, and whatever else is turned."""
        turned = {name: position for name, position in self._now.items() if name in MAIN or position != POSITIONS[name][0]}
        return {**turned, **{name: value for name, value in self._knobs.items() if value}}

    def watch(self, name: str, call: Callable[[str], None]) -> None:
        """Call ``call(position)`` after each change of ``name``."""
        self._watchers[name].append(call)

    def turn(self, wanted: Mapping[str, object]) -> None:
        """Set some switches: all of them or, on a bad value, none."""
        for name, position in wanted.items():
            if problem := _wrong(name, position):
                raise BadSwitch(problem)
        before = {**self._now, **self._knobs}
        with self._lock:
            for name, position in wanted.items():
                self._put(name, position)
        shelf.save(self._path, {name: position for name, position in self.all().items() if position != SCRIPT})
        after = {**self._now, **self._knobs}
        for name in wanted:
            position = after[name]
            if position == before[name] and position != SCRIPT:
                continue
            self._board.say(name.partition("_")[0], _sentence(name, position), wrong=bool(position) and position != _good(name))
            for call in self._watchers.get(name, ()):
                call(str(position))

    def next_answer(self, name: str = "apns") -> tuple[int, str] | None:
        """What APNs or Google says to the next request whatever it is; None lets it judge. A script that is played out is over."""
        position = self._now[name]
        if position == "ok":
            return None
        if position != SCRIPT:
            code, _, words = position.partition(" ")
            return SHORT[name].get(position) or (int(code), words)
        with self._lock:
            script = self._scripts.get(name, [])
            if not script:
                return None
            status, reason, left = script[0]
            script[0] = (status, reason, left - 1)
            if left <= 1:
                script.pop(0)
        if not script:
            self.turn({name: "ok"})
        return status, reason

    def weather(self) -> Weather:
        knobs = self._knobs
        return Weather(
            knobs["apns_streams"] or Weather.streams,
            knobs["apns_goaway"],
            knobs["apns_drop"],
            knobs["apns_delay"] / 1000,
            bool(knobs["apns_slow"]),
        )

    def lag(self, phone: str = "iphone") -> float:
        """Seconds that a phone takes before it asks."""
        return float(self._knobs[f"{phone}_lag"])

    def _put(self, name: str, position: Any) -> None:
        if name in KNOBS:
            self._knobs[name] = int(position)
        elif isinstance(position, list):
            self._now[name] = SCRIPT
            self._scripts[name] = [(one["status"], one.get("reason", ""), one.get("times", 1)) for one in position]
        else:
            self._now[name] = str(position)


def _good(name: str) -> object:
    return POSITIONS[name][0] if name in POSITIONS else 0


def _wrong(name: str, position: object) -> str | None:
    """The sentence that says what is wrong with a position."""
    if name in KNOBS:
        right = isinstance(position, int) and 0 <= position <= KNOBS[name]
        return None if right else f"{name} can be a whole number from 0 to {KNOBS[name]}, not {position!r}."
    if name not in POSITIONS:
        return f"There is no switch {name!r}. The switches are {', '.join([*POSITIONS, *KNOBS])}."
    if position in POSITIONS[name] or (name in SPOKEN and (_is_spoken(name, position) or _is_script(name, position))):
        return None
    return f"{name} can be {', '.join(POSITIONS[name])}, not {position!r}."


def _is_spoken(name: str, position: object) -> bool:
    return isinstance(position, str) and position != "200" and position in SPOKEN[name]


def _is_script(name: str, position: object) -> bool:
    if not isinstance(position, list) or not 0 < len(position) <= LONGEST_SCRIPT:
        return False
    return all(
        isinstance(one, dict)
        and isinstance(one.get("times", 1), int)
        and one.get("times", 1) > 0
        and f"{one.get('status')} {one.get('reason', '')}".strip() in SPOKEN[name]
        for one in position
    )


def _sentence(name: str, position: object) -> str:
    return f"Switched to {position}." if name in MAIN else f"{name.partition('_')[2].replace('_', ' ').capitalize()}: {position}."
