"""The Android phone: Google Wallet with the cards its owner saved."""

from collections.abc import Callable
from pathlib import Path
from threading import RLock, Timer
from time import time
from typing import Any

from walletpass.sandbox import googletotp, shelf
from walletpass.sandbox.androidface import card
from walletpass.sandbox.androidwords import localized, news, text
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.faults import Faults
from walletpass.sandbox.googlecalls import REMOVED, SAVED
from walletpass.sandbox.googlerules import Resource
from walletpass.sandbox.googlestore import Store, class_kind
from walletpass.sandbox.memory import SHOWN, Banner, banner


class Nothing(LookupError):
    """Asked for a card or a sheet that is not there; the message is a sentence."""


class Android:
    """Shows what it had at its last sync: with the phone off, Google's changes wait until it is on again.

    ``happened(kind, id, event)`` is told of each save and removal.
    """

    def __init__(
        self,
        path: Path,
        store: Store,
        board: Board,
        language: Callable[[], str],
        faults: Faults,
        happened: Callable[[str, str, str], None],
    ) -> None:
        self._path, self._store, self._board, self._language, self._faults = path, store, board, language, faults
        self._happened = happened
        self._lock = RLock()
        self._timers: list[Timer] = []
        stored = shelf.load(path, {})
        self._cards: dict[str, dict[str, Any]] = stored.get("cards", {})
        self._notices = [Banner(**notice) for notice in stored.get("notices", [])]
        self._waiting: dict[str, tuple[str, str]] = {id: (title, words) for id, (title, words) in stored.get("waiting", {}).items()}
        self._sheet: list[tuple[str, str]] = []  # (kind, object id)
        self._error = ""
        store.watch(self._changed)
        self.switched()

    def stop(self) -> None:
        with self._lock:
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()

    # ---- what a finger does

    def offer(self, wanted: list[tuple[str, str]]) -> None:
        """Show the save sheet for (kind, object id) pairs."""
        with self._lock:
            self._sheet, self._error = wanted, ""
        self._board.changed()

    def refuse(self, sentence: str) -> None:
        """Show why a save link does not work."""
        with self._lock:
            self._sheet, self._error = [], sentence
        self._board.say("android", sentence, wrong=True)

    def cancel(self) -> None:
        with self._lock:
            self._sheet, self._error = [], ""
        self._board.changed()

    def add(self, wanted: list[tuple[str, str]] | None = None) -> list[str]:
        """Save the sheet's cards, or ``wanted``; the ids."""
        with self._lock:
            wanted = wanted or self._sheet
            if not wanted:
                raise Nothing("There is no card on the screen to add.")
            self._sheet, self._error = [], ""
            for kind, id in wanted:
                self._cards[id] = {"kind": kind, "addedAt": stamp()}
                self._store.mark_users(kind, id, True)
                self._sync(id)
                self._board.say("android", f"Saved the card of {self._title(id)}.")
        self._remember()
        for kind, id in wanted:
            self._happened(kind, id, SAVED)
        return [id for _, id in wanted]

    def delete(self, id: str = "") -> None:
        with self._lock:
            if not id and len(self._cards) == 1:
                id = next(iter(self._cards))
            if id not in self._cards:
                raise Nothing(f"There is no card {id!r} on this phone." if id else "Say which card: id.")
            title, kept = self._title(id), self._cards.pop(id)
            self._waiting.pop(id, None)
            self._store.mark_users(kept["kind"], id, False)
        self._board.say("android", f"Removed the card of {title}.")
        self._remember()
        self._happened(kept["kind"], id, REMOVED)

    def dismiss_notices(self) -> None:
        with self._lock:
            self._notices = []
        self._remember()

    # ---- what the world does

    def switched(self) -> None:
        """Switched on: fetch every card and show the notices that waited, the last of each card."""
        if not self._is_on():
            return
        with self._lock:
            for id in self._cards:
                self._sync(id)
            for id, (title, words) in self._waiting.items():
                self._notify(id, title, words)
            self._waiting = {}
        self._remember()

    def _is_on(self) -> bool:
        return self._faults["android"] == "on"

    def _changed(self, kind: str, before: Resource | None, after: Resource, notify: bool) -> None:
        """A write at Google. Cards of the written object or class are synced, at once or with the lag; some changes notify."""
        kind, _, message = kind.partition(".")
        id, language = after["owner"] if message else after["id"], self._language()
        words = (
            (localized(after, "header", language) or localized(after, "body", language)) if message else news(before or {}, after, language)
        )
        with self._lock:
            mine = [one for one, kept in self._cards.items() if id in (one, kept.get("object", {}).get("classId"))]
        if not mine:
            return
        told = words if notify else ""
        if lag := self._faults.lag("android"):
            timer = Timer(lag, self._learn, (mine, told))
            timer.daemon = True
            with self._lock:
                self._timers = [one for one in self._timers if one.is_alive()] + [timer]
            timer.start()
        else:
            self._learn(mine, told)

    def _learn(self, ids: list[str], words: str) -> None:
        with self._lock:
            for id in ids:
                if id not in self._cards:
                    continue
                if words and self._is_on():
                    self._notify(id, self._title(id), words)
                elif words:
                    self._waiting[id] = (self._title(id), words)
                if self._is_on():
                    self._sync(id)
        self._remember()

    def _title(self, id: str) -> str:
        group, object = self._cards[id].get("class", {}), self._cards[id].get("object", {})
        return localized(group, "issuerName", self._language()) or text(object.get("cardTitle"), self._language())

    def _notify(self, id: str, title: str, words: str) -> None:
        self._notices = [*self._notices, banner(self._notices, id, title, words)][-SHOWN:]
        self._board.say("android", f"Notice: {words}")

    def _sync(self, id: str) -> None:
        kept = self._cards[id]
        object = self._store.get(kept["kind"], id)
        kept["class"] = object.pop("classReference") or self._store.get(class_kind(kept["kind"]), object["classId"])
        kept["object"] = object
        kept["test"] = self._is_test()

    def _is_test(self) -> bool:
        return self._faults["google_mode"] == "demo"

    # ---- reading

    def state(self) -> dict[str, Any]:
        language = self._language()
        with self._lock:
            cards = [
                {**card(kept["object"], kept["class"], language, test=kept.get("test", False)), "addedAt": kept["addedAt"]}
                for kept in self._cards.values()
                if "object" in kept
            ]
            offered = [self._offered(kind, id, language) for kind, id in self._sheet]
            return {
                "sheet": {"error": self._error, "cards": offered} if self._error or offered else None,
                "cards": cards,
                "notices": [vars(notice) for notice in self._notices],
            }

    def _offered(self, kind: str, id: str, language: str) -> dict[str, Any]:
        object = self._store.get(kind, id)
        return {**card(object, object["classReference"], language, test=self._is_test()), "replaces": id in self._cards}

    def code(self, id: str) -> dict[str, Any]:
        """What the barcode of a card, or of an offered one, says now; ``until`` is when it says something else, in Unix milliseconds."""
        with self._lock:
            kinds = {**{one: kind for kind, one in self._sheet}, **{one: kept["kind"] for one, kept in self._cards.items()}}
            if id not in kinds:
                raise Nothing(f"There is no card {id!r} on this phone.")
            object = self._cards.get(id, {}).get("object") or self._store.get(kinds[id], id)
        if rotating := object.get("rotatingBarcode"):
            now, every = int(time() * 1000), googletotp.period(rotating)
            until = (now // every + 1) * every
            return {"message": googletotp.message(rotating, now), "type": rotating["type"], "until": until, "period": every}
        barcode = object.get("barcode", {})
        if not barcode.get("value"):
            raise Nothing("The card has no barcode.")
        return {"message": str(barcode["value"]), "type": barcode["type"], "until": 0, "period": 0}

    def _remember(self) -> None:
        with self._lock:
            stored = {
                "cards": self._cards,
                "notices": [vars(notice) for notice in self._notices],
                "waiting": self._waiting,
            }
            shelf.save(self._path, stored)
        self._board.changed()
