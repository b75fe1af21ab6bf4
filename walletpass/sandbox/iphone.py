"""The iPhone: Wallet and the daemon behind it."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from walletpass.sandbox.actor import Actor
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.face import changes, differences, face
from walletpass.sandbox.memory import Banner, Held, Memory, Sheet
from walletpass.sandbox.refusal import WontOpen
from walletpass.sandbox.verify import Opened, Trust, open_pass
from walletpass.sandbox.webservice import Failed, WebService

LONGEST_WAIT = 60.0


class NoSuchThing(LookupError):
    """Asked for a pass or a sheet that is not there; the message is a sentence."""


class IPhone(Actor):
    """Everything that talks to the server happens on the phone's own thread; reading its state is safe from any."""

    def __init__(
        self, folder: Path, trust: Trust, board: Board, language: Callable[[], str], is_on: Callable[[], bool], retry_after: float
    ) -> None:
        self._trust, self._board, self._language, self._is_on = trust, board, language, is_on
        self._lock = Lock()
        self._first_retry = self._retry = retry_after
        self._memory = Memory(folder)
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
        self._remember()

    # ---- what the world does

    def owner_of(self, push_token: str) -> str | None:
        """The pass type a push token of this phone belongs to."""
        with self._lock:
            return self._memory.tokens.get(push_token)

    def pushed(self, pass_type: str) -> None:
        """A push arrived: ask for changes, soon. Pushes that wait anyway are one, and a phone that is off hears nothing."""
        if not self._is_on():
            return
        with self._lock:
            if pass_type in self._poll_waiting:
                return
            self._poll_waiting.add(pass_type)
        self.tell(lambda: self._poll(pass_type))

    def switched(self) -> None:
        """Switched on (or started): make up for what was missed, as the daily poll does."""
        if self._is_on():
            self.tell(self._catch_up)

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
        self._keep(held)
        self._board.say("iphone", f"Added the pass {held.serial}.")
        if held.url and self._is_on():
            self._connect(held)
        return self._memory.passes[held.identity]

    def _connect(self, held: Held) -> bool:
        """Register, list without a tag, fetch: what iOS does after Add. Whether all of it worked."""
        if not self._register(held):
            return False
        return self._list(held.type, "", held)

    def _register(self, held: Held) -> bool:
        token = next((token for token, kind in self._memory.tokens.items() if kind == held.type), None) or secrets.token_hex(32)
        with self._lock:
            self._memory.tokens[token] = held.type
        task = self._task("Register", held, f"serial number {held.serial}")

        def call(service: WebService) -> None:
            new = service.register(self._memory.device, held.type, held.serial, held.token, token)
            self._board.say("iphone", "Registered for updates." if new else "Was registered for updates already.")

        done = self._try(held, task, call)
        self._keep(replace(self._memory.passes[held.identity], registered=done))
        return done

    def _list(self, pass_type: str, tag: str, held: Held) -> bool:
        """One list call, then a fetch per serial number; the tag moves only when every fetch worked."""
        task = self._task("Get serial #s", held, f"last updated {tag or '(null)'}")
        answer: list[tuple[list[str], str]] = []
        if not self._try(held, task, lambda service: answer.append(service.updated(self._memory.device, pass_type, tag))):
            return False
        serials, new = answer[0]
        if serials and new == tag:
            WebService(held.url, self._language()).log(
                f"Web service error for {pass_type} ({held.url}): the lastUpdated tag remained the same ({tag})"
            )
        mine = [self._memory.passes[key] for serial in serials if (key := f"{pass_type}/{serial}") in self._memory.passes]
        fetched = [self._fetch(one) for one in mine]  # one failing does not keep the others waiting
        if not all(fetched):
            return False
        with self._lock:
            self._memory.tags[pass_type] = new
        self._remember()
        return True

    def _fetch(self, held: Held) -> bool:
        since = held.last_modified
        task = self._task("Get pass", held, f"serial number {held.serial}, if-modified-since {since or '(null)'}")

        def call(service: WebService) -> None:
            fetched = service.fetch(held.type, held.serial, held.token, since)
            if fetched.data is None:
                self._board.say("iphone", "Asked for the pass: not modified.")
            else:
                self._replace(held, fetched.data, fetched.last_modified, service)

        return self._try(held, task, call)

    def _replace(self, held: Held, data: bytes, last_modified: str, service: WebService) -> None:
        """Put a fetched version in the place of the old one and tell the guest what changed."""
        try:
            new = open_pass(data, self._trust)
            _same_pass(held.opened, new)
        except WontOpen as error:
            raise Failed(f"The new version will not open. {error.sentence}", again=False) from error
        if not last_modified:
            service.log(
                f"Web service error for {held.type} ({held.url}): Server returned pass data but did not provide a last-modified header."
            )
        language = self._language()
        told = differences(held.opened, new)
        self._keep(
            replace(
                self._memory.passes[held.identity],
                opened=new,
                file=self._memory.keep_archive(data),
                last_modified=last_modified,
                problem="",
            )
        )
        if told:
            self._board.say("iphone", f"Updated: {', '.join(told)}.")
        for text in changes(held.opened, new, language):
            self._show(held.serial, face(new, language)["organization"], text)

    def _show(self, serial: str, title: str, text: str) -> None:
        with self._lock:
            number = self._memory.banners[-1].number + 1 if self._memory.banners else 1
            self._memory.banners = [*self._memory.banners, Banner(number, stamp(), serial, title, text)][-20:]
        self._remember()

    def _poll(self, pass_type: str) -> None:
        with self._lock:
            self._poll_waiting.discard(pass_type)
        held = next((one for one in self._memory.passes.values() if one.type == pass_type and one.url), None)
        if held is None or not self._is_on():
            return
        self._settle(self._list(pass_type, self._memory.tags.get(pass_type, ""), held))

    def _catch_up(self) -> None:
        """Registrations that did not work before, then one list call per pass type."""
        if not self._is_on():
            return
        results = [self._register(held) for held in list(self._memory.passes.values()) if held.url and not held.registered]
        for pass_type in {held.type for held in self._memory.passes.values() if held.registered}:
            held = next(one for one in self._memory.passes.values() if one.type == pass_type)
            results.append(self._list(pass_type, self._memory.tags.get(pass_type, ""), held))
        self._settle(all(results))

    def _settle(self, good: bool) -> None:
        if good:
            self._retry = self._first_retry
            self.cancel_alarm()

    def _refresh(self) -> None:
        for held in list(self._memory.passes.values()):
            if held.url and self._is_on():
                self._fetch(held)

    def _delete(self, serial: str) -> None:
        held = self._held(serial)
        with self._lock:
            del self._memory.passes[held.identity]
            if not any(one.type == held.type for one in self._memory.passes.values()):
                self._memory.tags.pop(held.type, None)
        self._remember()
        self._board.say("iphone", f"Deleted the pass {serial}.")
        if held.url and self._is_on():
            task = self._task("Unregister", held, f"serial number {serial}")
            self._try(held, task, lambda service: service.unregister(self._memory.device, held.type, serial, held.token))

    def _try(self, held: Held, task: str, call: Callable[[WebService], None]) -> bool:
        """Make a call; a failure is remembered with the pass, told to the server's log, and tried again where that can help."""
        service = WebService(held.url, self._language())
        problem = ""
        try:
            call(service)
        except Failed as error:
            problem = str(error)
            self._board.say("iphone", f"{task.partition(' (')[0]}: {error}", wrong=True)
            service.log(f"{task} encountered error: {error}")
            if error.again:
                self.wake_after(self._retry, self._catch_up)
                self._retry = min(self._retry * 2, LONGEST_WAIT)
        if held.identity in self._memory.passes:
            self._keep(replace(self._memory.passes[held.identity], problem=problem))
        return not problem

    def _task(self, name: str, held: Held, facts: str) -> str:
        """A task as iOS names it in the log it sends."""
        return f"{name} task (for device {self._memory.device}, pass type {held.type}, {facts}; with web service url {held.url})"

    def _held(self, serial: str) -> Held:
        held = next((one for one in self._memory.passes.values() if one.serial == serial), None)
        if held is None:
            raise NoSuchThing(f"There is no pass {serial!r} in this Wallet.")
        return held

    def failed(self, error: Any) -> None:
        self._board.say("iphone", f"The phone stumbled: {error!r}", wrong=True)

    # ---- memory

    def _keep(self, held: Held) -> None:
        with self._lock:
            self._memory.passes[held.identity] = held
        self._remember()

    def _remember(self) -> None:
        with self._lock:
            self._memory.save()
        self._board.changed()


def _same_pass(old: Opened, new: Opened) -> None:
    for key in ("passTypeIdentifier", "serialNumber", "authenticationToken"):
        if old.content.get(key) != new.content.get(key):
            raise WontOpen(f"An update must not change {key}.")
