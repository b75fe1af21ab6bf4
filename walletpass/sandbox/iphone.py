"""The iPhone: Wallet and the daemon behind it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from walletpass.sandbox.actor import Actor
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.memory import Held, Memory, Sheet
from walletpass.sandbox.refusal import WontOpen
from walletpass.sandbox.updates import Updates
from walletpass.sandbox.verify import Trust, open_pass

LONGEST_WAIT = 60.0


class NoSuchThing(LookupError):
    """Asked for a pass or a sheet that is not there; the message is a sentence."""


class IPhone(Actor):
    """Everything that talks to the server happens on the phone's own thread; reading its state is safe from any."""

    def __init__(
        self,
        folder: Path,
        trust: Trust,
        board: Board,
        language: Callable[[], str],
        is_on: Callable[[], bool],
        retry_after: float,
        lag: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._trust, self._board, self._language, self._is_on = trust, board, language, is_on
        self._first_retry = self._retry = retry_after
        self._lag = lag
        self._memory = Memory(folder, board.changed)
        self._lock = self._memory.lock
        self._updates = Updates(self._memory, trust, board, language, self._try_again)
        self._sheet: Sheet | None = None
        self._poll_waiting: set[str] = set()
        super().__init__("sandbox-iphone")
        self.switched()

    # ---- what a finger does

    def receive(self, data: bytes) -> Sheet:
        """Open a .pkpass: the sheet with the pass, or with the sentence why it will not open."""
        return self.ask(lambda: self._open(data))

    def add(self) -> Held:
        """The sheet's Add button: keep the pass, register, list, fetch."""
        return self.ask(self._add)

    def cancel(self) -> None:
        with self._lock:
            self._sheet = None
        self._board.changed()

    def delete(self, serial: str) -> None:
        self.ask(lambda: self._delete(serial))

    def refresh(self) -> None:
        """Pull down on the back of every pass: fetch each one now."""
        self.ask(self._refresh)

    def dismiss_banners(self) -> None:
        with self._lock:
            self._memory.banners = []
        self._memory.save()

    # ---- what the world does

    def owner_of(self, push_token: str) -> str | None:
        """The pass type a push token of this phone belongs to."""
        with self._lock:
            return self._memory.tokens.get(push_token)

    def is_spent(self, push_token: str) -> bool:
        with self._lock:
            return push_token in self._memory.spent

    def spend(self, push_token: str) -> None:
        """APNs called the token dead: its passes are registered again, with a new one, when the phone next has a reason to."""
        with self._lock:
            pass_type = self._memory.tokens.pop(push_token, None)
            self._memory.spent.append(push_token)
            for identity, held in self._memory.passes.items():
                if held.type == pass_type:
                    self._memory.passes[identity] = replace(held, registered=False)
        self._memory.save()

    def pushed(self, pass_type: str) -> None:
        """A push arrived: ask for changes, soon. Pushes that wait anyway are one, and a phone that is off hears nothing."""
        if not self._is_on():
            return
        with self._lock:
            if pass_type in self._poll_waiting:
                return
            self._poll_waiting.add(pass_type)
        self.tell_after(self._lag(), lambda: self._poll(pass_type))

    def switched(self) -> None:
        """Switched on (or started): make up for what was missed, as the daily poll does."""
        if self._is_on():
            self.tell(self._catch_up)

    def come_back(self) -> None:
        """APNs takes pushes again: passes whose token it had called dead are registered with a new one."""
        if self._is_on():
            self.tell(self._register_again)

    # ---- reading

    def state(self) -> dict[str, Any]:
        language = self._language()
        with self._lock:
            passes, sheet, banners = list(self._memory.passes.values()), self._sheet, list(self._memory.banners)
            tokens = dict(self._memory.tokens)
        return {
            "device": self._memory.device,
            "pushTokens": tokens,
            "sheet": sheet.state(language, {held.identity for held in passes}) if sheet else None,
            "passes": [held.state(language) for held in passes],
            "banners": [asdict(banner) for banner in banners],
        }

    def file(self, serial: str, name: str) -> bytes:
        """A picture of a pass, or of the sheet's pass when ``serial`` is ``sheet``."""
        with self._lock:
            opened = self._sheet.opened if serial == "sheet" and self._sheet else self._held(serial).opened
        if opened is None or name not in opened.files:
            raise NoSuchThing(f"The pass has no file {name!r}.")
        return opened.files[name]

    def message(self, serial: str) -> str:
        """What the barcode of a pass says."""
        with self._lock:
            opened = self._sheet.opened if serial == "sheet" and self._sheet else self._held(serial).opened
        codes = opened.content.get("barcodes", []) if opened else []
        if not codes:
            raise NoSuchThing("The pass has no barcode.")
        return str(codes[0]["message"])

    # ---- on the phone's thread

    def _open(self, data: bytes) -> Sheet:
        try:
            opened = open_pass(data, self._trust)
            sheet = Sheet(opened, data)
            self._board.say("iphone", f"Opened a pass of {opened.content['organizationName']}; signature and manifest are right.")
        except WontOpen as error:
            sheet = Sheet(None, data, error.sentence)
            self._board.say("iphone", f"The pass will not open. {error.sentence}", wrong=True)
        with self._lock:
            self._sheet = sheet
        self._board.changed()
        return sheet

    def _add(self) -> Held:
        with self._lock:
            sheet, self._sheet = self._sheet, None
        if sheet is None or sheet.opened is None:
            self._board.changed()
            raise NoSuchThing("There is no pass on the screen to add.")
        known = self._memory.passes.get(sheet.opened.identity)
        held = Held(sheet.opened, self._memory.keep_archive(sheet.data), stamp(), registered=bool(known and known.registered))
        self._memory.keep(held)
        self._board.say("iphone", f"Added the card of {held.opened.content['organizationName']}.")
        if held.url and self._is_on():
            self._updates.connect(held)
        return self._memory.passes[held.identity]

    def _poll(self, pass_type: str) -> None:
        with self._lock:
            self._poll_waiting.discard(pass_type)
        held = next((one for one in self._memory.passes.values() if one.type == pass_type and one.url), None)
        if held is None or not self._is_on():
            return
        self._settle(self._updates.list(held))

    def _register_again(self) -> None:
        for held in list(self._memory.passes.values()):
            if held.url and not held.registered:
                self._updates.connect(held)

    def _catch_up(self) -> None:
        """Registrations that did not work before, then one list call per pass type."""
        if not self._is_on():
            return
        results = [self._updates.register(held) for held in list(self._memory.passes.values()) if held.url and not held.registered]
        for pass_type in {held.type for held in self._memory.passes.values() if held.registered}:
            held = next(one for one in self._memory.passes.values() if one.type == pass_type)
            results.append(self._updates.list(held))
        self._settle(all(results))

    def _try_again(self) -> None:
        self.wake_after(self._retry, self._catch_up)
        self._retry = min(self._retry * 2, LONGEST_WAIT)

    def _settle(self, good: bool) -> None:
        if good:
            self._retry = self._first_retry
            self.cancel_alarm()

    def _refresh(self) -> None:
        for held in list(self._memory.passes.values()):
            if held.url and self._is_on():
                self._updates.fetch(held)

    def _delete(self, serial: str) -> None:
        held = self._held(serial)
        with self._lock:
            del self._memory.passes[held.identity]
            if not any(one.type == held.type for one in self._memory.passes.values()):
                self._memory.tags.pop(held.type, None)
        self._memory.save()
        self._board.say("iphone", f"Deleted the card of {held.opened.content['organizationName']}.")
        if held.url and self._is_on():
            self._updates.unregister(held)

    def _held(self, serial: str) -> Held:
        held = next((one for one in self._memory.passes.values() if one.serial == serial), None)
        if held is None:
            raise NoSuchThing(f"There is no pass {serial!r} in this Wallet.")
        return held

    def failed(self, error: Any) -> None:
        self._board.say("iphone", f"The phone stumbled: {error!r}", wrong=True)
