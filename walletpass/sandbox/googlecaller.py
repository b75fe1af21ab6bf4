"""Google tells a restaurant that a card was saved or removed: a signed call to the address in the card's class."""

import json
from collections import deque
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from walletpass.sandbox import wire
from walletpass.sandbox.actor import Actor
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.faults import FORGED, Faults
from walletpass.sandbox.googlecalls import SAVED, Call, Signer
from walletpass.sandbox.googlestore import Missing, Store, class_kind

AGENT = "Googlebot"
TRIES = 6
REMEMBERED = 500
WORTH_ANOTHER = (408, 429, 500, 502, 503, 504)


class Caller(Actor):
    """Calls are signed when the thing happens and posted in their own time, the same bytes again after a 5xx."""

    def __init__(self, signer: Signer, store: Store, board: Board, faults: Faults, first_retry: float) -> None:
        self._signer, self._store, self._board, self._faults, self._first_retry = signer, store, board, faults, first_retry
        self._lock = Lock()
        self._asked_for_keys = 0
        self._last_nonce = ""
        self._held: tuple[str, Call, str] | None = None
        self._made: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        super().__init__("sandbox-google-caller")

    def keys(self) -> dict[str, Any]:
        """The root keys, as Google publishes them."""
        with self._lock:
            self._asked_for_keys += 1
        return self._signer.keys()

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {"asked_for_keys": self._asked_for_keys, "made": list(self._made)}

    def happened(self, kind: str, id: str, event: str) -> None:
        """The phone saved or removed a card: tell the restaurant, as the switch says."""
        way = self._faults["google_calls"]
        if way == "never":
            return
        url, call = self._made_out(kind, id, event, way.removeprefix(FORGED) if way.startswith(FORGED) else "")
        if not url:
            return
        what = "save" if event == SAVED else "removal"
        if way == "swapped" and self._held is None:
            self._held = (url, call, what)
            return
        after = float(self._faults.knob("google_calls_delay"))
        held, self._held = self._held, None
        for one in ((url, call, what), *([(url, call, what)] if way == "twice" else ()), *([held] if held else ())):
            self.tell_after(after, lambda one=one: self._post(*one))  # type: ignore[misc]

    def call_now(self, id: str, event: str, forged: str = "") -> int:
        """Post one call at once, good or forged; the status the restaurant answered."""
        kind = "loyaltyObject" if self._knows("loyaltyObject", id) else "genericObject"
        url, call = self._made_out(kind, id, event, forged)
        if not url:
            raise Missing(f"The class of {id} has no callbackOptions.url.")
        return self.ask(lambda: self._answer(url, call))

    def _knows(self, kind: str, id: str) -> bool:
        try:
            return bool(self._store.get(kind, id))
        except Missing:
            return False

    def _made_out(self, kind: str, id: str, event: str, forged: str) -> tuple[str, Call]:
        object = self._store.get(kind, id)
        group = self._store.get(class_kind(kind), object["classId"])
        url = str(group.get("callbackOptions", {}).get("url", ""))
        about = (id.partition(".")[0], str(object["classId"]), id, event)
        if forged:
            return url, self._signer.forged(forged, *about, nonce=self._last_nonce or "00000000-0000-4000-8000-000000000000")
        call = self._signer.call(*about)
        self._last_nonce = nonce_of(call)
        return url, call

    def _post(self, url: str, call: Call, what: str, tried: int = 1) -> None:
        if not self._is_allowed(url):
            self._board.say("google", f"robots.txt keeps {AGENT} away: the {what} is not told.", wrong=True)
            return
        status = self._answer(url, call)
        good = 200 <= status < 300
        self._board.say("google", f"Told the restaurant of a {what}: {status or 'no answer'}.", wrong=not good)
        if (not status or status in WORTH_ANOTHER) and tried < TRIES:
            self.tell_after(self._first_retry * 2 ** (tried - 1), lambda: self._post(url, call, what, tried + 1))

    def _answer(self, url: str, call: Call) -> int:
        body = wire_form(call)
        try:
            status = wire.request("POST", url, {"Content-Type": "application/json", "User-Agent": AGENT}, body).status
        except wire.Unreachable:
            status = 0
        with self._lock:
            self._made.append({"at": stamp(), "url": url, "status": status, "message": call["signedMessage"], "body": call})
        self._board.changed()
        return status

    def _is_allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        try:
            reply = wire.request("GET", f"{parts.scheme}://{parts.netloc}/robots.txt", {"User-Agent": AGENT})
        except wire.Unreachable:
            return True
        rules = RobotFileParser()
        rules.parse(reply.body.decode("utf-8", "replace").splitlines() if reply.status == 200 else [])
        return rules.can_fetch(AGENT, url)

    def failed(self, error: Any) -> None:
        self._board.say("google", f"The caller stumbled: {error!r}", wrong=True)


def nonce_of(call: Call) -> str:
    return str(json.loads(call["signedMessage"])["nonce"])


def wire_form(call: Call) -> bytes:
    return json.dumps(call).encode()
