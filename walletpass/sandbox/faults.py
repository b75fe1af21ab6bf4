"""The switches of the fault panel."""

from collections.abc import Callable, Mapping
from pathlib import Path

from walletpass.sandbox import shelf
from walletpass.sandbox.board import Board

POSITIONS: dict[str, tuple[str, ...]] = {
    "apns": ("ok", "410", "503", "off"),
    "google": ("ok", "503", "off"),
    "iphone": ("on", "off"),
    "android": ("on", "off"),
}


class BadSwitch(ValueError):
    """A switch or a position that does not exist; the message is a sentence."""


class Faults:
    def __init__(self, path: Path, board: Board) -> None:
        self._path, self._board = path, board
        self._now = {name: positions[0] for name, positions in POSITIONS.items()}
        self._watchers: dict[str, list[Callable[[str], None]]] = {name: [] for name in POSITIONS}
        stored = shelf.load(path, {})
        self._now.update({name: stored[name] for name in POSITIONS if stored.get(name) in POSITIONS[name]})

    def __getitem__(self, name: str) -> str:
        return self._now[name]

    def all(self) -> dict[str, str]:
        return dict(self._now)

    def watch(self, name: str, call: Callable[[str], None]) -> None:
        """Call ``call(position)`` after each change of ``name``."""
        self._watchers[name].append(call)

    def turn(self, wanted: Mapping[str, object]) -> None:
        """Set some switches: all of them or, on a bad value, none."""
        for name, position in wanted.items():
            if name not in POSITIONS:
                raise BadSwitch(f"There is no switch {name!r}. The switches are {', '.join(POSITIONS)}.")
            if position not in POSITIONS[name]:
                raise BadSwitch(f"{name} can be {', '.join(POSITIONS[name])}, not {position!r}.")
        changed = {name: str(position) for name, position in wanted.items() if self._now[name] != position}
        self._now.update(changed)
        shelf.save(self._path, self._now)
        for name, position in changed.items():
            self._board.say(name, f"Switched to {position}.", wrong=position not in ("ok", "on"))
            for call in self._watchers[name]:
                call(position)
