"""An iPhone keeping its passes up to date: the web service calls in Apple's order and what comes of them."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from walletpass.sandbox.board import Board
from walletpass.sandbox.face import changes, differences, face
from walletpass.sandbox.memory import Held, Memory
from walletpass.sandbox.refusal import WontOpen
from walletpass.sandbox.verify import Opened, Trust, open_pass
from walletpass.sandbox.webservice import Failed, WebService


class Updates:
    """To be used by one thread. ``again`` is called when a call failed in a way that time may mend."""

    def __init__(self, memory: Memory, trust: Trust, board: Board, language: Callable[[], str], again: Callable[[], None]) -> None:
        self._memory, self._trust, self._board, self._language, self._again = memory, trust, board, language, again

    def connect(self, held: Held) -> bool:
        """Register, list without a tag, fetch: what iOS does after Add. Whether all of it worked."""
        if not self.register(held):
            return False
        return self.list(held, "")

    def register(self, held: Held) -> bool:
        token = next((token for token, kind in self._memory.tokens.items() if kind == held.type), None) or secrets.token_hex(32)
        with self._memory.lock:
            self._memory.tokens[token] = held.type
        task = self._task("Register", held, f"serial number {held.serial}")

        def call(service: WebService) -> None:
            new = service.register(self._memory.device, held.type, held.serial, held.token, token)
            self._board.say("iphone", "Registered for updates." if new else "Was registered for updates already.")

        done = self._try(held, task, call)
        self._memory.keep(replace(self._memory.passes[held.identity], registered=done))
        return done

    def list(self, held: Held, tag: str | None = None) -> bool:
        """One list call for the pass type, since the last tag or ``tag``, then a fetch per serial number.

        The tag moves only when every fetch worked.
        """
        pass_type = held.type
        tag = self._memory.tags.get(pass_type, "") if tag is None else tag
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
        fetched = [self.fetch(one) for one in mine]  # one failing does not keep the others waiting
        if not all(fetched):
            return False
        with self._memory.lock:
            self._memory.tags[pass_type] = new
        self._memory.save()
        return True

    def fetch(self, held: Held) -> bool:
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
        self._memory.keep(
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
            self._memory.show(held.serial, face(new, language)["organization"], text)

    def unregister(self, held: Held) -> None:
        task = self._task("Unregister", held, f"serial number {held.serial}")
        self._try(held, task, lambda service: service.unregister(self._memory.device, held.type, held.serial, held.token))

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
                self._again()
        if held.identity in self._memory.passes:
            self._memory.keep(replace(self._memory.passes[held.identity], problem=problem))
        return not problem

    def _task(self, name: str, held: Held, facts: str) -> str:
        """A task as iOS names it in the log it sends."""
        return f"{name} task (for device {self._memory.device}, pass type {held.type}, {facts}; with web service url {held.url})"


def _same_pass(old: Opened, new: Opened) -> None:
    for key in ("passTypeIdentifier", "serialNumber", "authenticationToken"):
        if old.content.get(key) != new.content.get(key):
            raise WontOpen(f"An update must not change {key}.")
