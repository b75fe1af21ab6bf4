"""The Android phone: Google Wallet with the cards its owner saved."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from threading import RLock
from typing import Any

from walletpass.sandbox import shelf
from walletpass.sandbox.androidface import card, points, short, text
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.googlerules import Resource
from walletpass.sandbox.googlestore import Store, class_kind
from walletpass.sandbox.memory import SHOWN, Banner, banner


class Nothing(LookupError):
    """Asked for a card or a sheet that is not there; the message is a sentence."""


class Android:
    """Shows what it had at its last sync: with the phone off, Google's changes wait until it is on again."""

    def __init__(self, path: Path, store: Store, board: Board, language: Callable[[], str], is_on: Callable[[], bool]) -> None:
        self._path, self._store, self._board, self._language, self._is_on = path, store, board, language, is_on
        self._lock = RLock()
        stored = shelf.load(path, {})
        self._cards: dict[str, dict[str, Any]] = stored.get("cards", {})
        self._notices = [Banner(**notice) for notice in stored.get("notices", [])]
        self._waiting: dict[str, tuple[str, str]] = {id: (title, words) for id, (title, words) in stored.get("waiting", {}).items()}
        self._sheet: list[tuple[str, str]] = []  # (kind, object id)
        self._error = ""
        store.watch(self._changed)
        self.switched()

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
        return [id for _, id in wanted]

    def delete(self, id: str = "") -> None:
        with self._lock:
            if not id and len(self._cards) == 1:
                id = next(iter(self._cards))
            if id not in self._cards:
                raise Nothing(f"There is no card {id!r} on this phone." if id else "Say which card: id.")
            title, kept = self._title(id), self._cards.pop(id)
            self._store.mark_users(kept["kind"], id, False)
        self._board.say("android", f"Removed the card of {title}.")
        self._remember()

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

    def _changed(self, kind: str, before: Resource | None, after: Resource, notify: bool) -> None:
        """A write at Google. Cards of the written object or class are synced; some changes notify."""
        kind, _, message = kind.partition(".")
        id = after["owner"] if message else after["id"]
        with self._lock:
            mine = [one for one, kept in self._cards.items() if one == id or kept.get("object", {}).get("classId") == id]
            for one in mine:
                words = after.get("header", "") or after.get("body", "") if message else _balance_change(before, after, self._language())
                if notify and words:
                    self._later_or_now(one, words)
                if self._is_on():
                    self._sync(one)
        if mine:
            self._remember()

    def _later_or_now(self, id: str, words: str) -> None:
        title = self._title(id)
        if self._is_on():
            self._notify(id, title, words)
        else:
            self._waiting[id] = (title, words)

    def _title(self, id: str) -> str:
        group, object = self._cards[id].get("class", {}), self._cards[id].get("object", {})
        return str(group.get("issuerName") or text(object.get("cardTitle"), self._language()))

    def _notify(self, id: str, title: str, words: str) -> None:
        self._notices = [*self._notices, banner(self._notices, id, title, words)][-SHOWN:]
        self._board.say("android", f"Notice: {words}")

    def _sync(self, id: str) -> None:
        kept = self._cards[id]
        object = self._store.get(kept["kind"], id)
        kept["class"] = object.pop("classReference") or self._store.get(class_kind(kept["kind"]), object["classId"])
        kept["object"] = object

    # ---- reading

    def state(self) -> dict[str, Any]:
        language = self._language()
        with self._lock:
            cards = [
                {**card(kept["object"], kept["class"], language), "addedAt": kept["addedAt"]}
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
        return {**card(object, object["classReference"], language), "replaces": id in self._cards}

    def message(self, id: str) -> str:
        """What the barcode of a card, or of an offered one, says."""
        with self._lock:
            kinds = {**{one: kind for kind, one in self._sheet}, **{one: kept["kind"] for one, kept in self._cards.items()}}
            if id not in kinds:
                raise Nothing(f"There is no card {id!r} on this phone.")
            object = self._cards.get(id, {}).get("object") or self._store.get(kinds[id], id)
        if not object.get("barcode", {}).get("value"):
            raise Nothing("The card has no barcode.")
        return str(object["barcode"]["value"])

    def pictures(self) -> dict[str, str]:
        """Short name -> address of every picture on the screen."""
        state = self.state()
        shown = [*state["cards"], *(state["sheet"] or {"cards": []})["cards"]]
        return {short(url): url for one in shown for url in (one["logo"], one["hero"]) if url}

    def _remember(self) -> None:
        with self._lock:
            stored = {
                "cards": deepcopy(self._cards),
                "notices": [vars(notice) for notice in self._notices],
                "waiting": self._waiting,
            }
            shelf.save(self._path, stored)
        self._board.changed()


def _balance_change(before: Resource | None, after: Resource, language: str) -> str:
    """``Points: 120 → 130`` when a balance changed; only balances notify."""
    for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        old, new = points((before or {}).get(name), language), points(after.get(name), language)
        if before and new and old and old["value"] != new["value"]:
            return f"{new['label']}: {old['value']} → {new['value']}".lstrip(": ")
    return ""
