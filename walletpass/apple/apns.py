"""Push notifications to Apple: HTTP/2 over one long-lived connection for each pass certificate.

A push for a pass has an empty body; it only says "ask us". Status 200 means that Apple took it, no more.
"""

import json
import ssl
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

import certifi
import structlog

from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.frames import TABLE, Broken
from walletpass.apple.line import CONNECT_SECONDS, Answer, Line, Push
from walletpass.apple.secured import NoLine, Refused

log = structlog.get_logger(__name__)

KEPT_FOR = 86_400  # seconds in which Apple tries a phone that is switched off
# Seconds without a word after which we look whether the other side has closed, ask it, and rather begin anew.
QUIET_AFTER, DOUBTED_AFTER, IDLE_SECONDS = 1.0, 60.0, 3_600.0
# A new connection begins with few, and takes one more for each answer once it has carried what another one lost: if it dies as
# well, nothing dies twice.
FIRST_IN_FLIGHT = 10
# Seconds: how often we look whether the time is over, and how long a server may be silent while pushes wait for it.
LOOK_EVERY, SILENCE = 1.0, 5.0


class Result(NamedTuple):
    """Apple's answer. ``timestamp`` (milliseconds) is since when a token is dead.

    Without an answer ``status`` is 0 and ``error`` says what happened to the connection; the push may have arrived, but for
    ``refused``: then the certificate did not open the door.
    """

    token: str
    apns_id: str
    status: int = 0
    reason: str = ""
    timestamp: int | None = None
    error: str = ""
    refused: bool = False


class Client:
    """One connection for one certificate. Not for two threads at once."""

    def __init__(self, identity: SigningIdentity, url: str, ca_file: str = "", in_flight: int = 100) -> None:
        self.identity, self.in_flight = identity, in_flight
        self._url, self._ca_file = url.rstrip("/"), ca_file or certifi.where()
        self._context: ssl.SSLContext | None = None
        self._line: Line | None = None
        self._window, self._table = FIRST_IN_FLIGHT, 0

    def send(self, pushes: Iterable[Push], seconds: float = 40.0) -> Generator[Result]:
        """One Result for each push, in the order of the answers; closing the iterator leaves the rest unsent.

        A push whose connection died is sent once more, on a new one; one that the server had not begun, as often as it takes.
        Where connections fail twice in a row and nothing is answered in between, the rest is given up at once; so is all
        that has no answer after ``seconds``.
        """
        run = _Run(iter(pushes), time.monotonic() + seconds)
        try:
            while run.failures < 2 and run.left() > 0:
                line = self._standing(run)
                if line is None:
                    if not run.more():
                        return
                    continue
                self._fill(run, line)
                if not line.flying and not run.more():
                    return
                for answer in line.pump(min(LOOK_EVERY, run.left())):
                    if result := self._settle(run, answer):
                        yield result
                yield from self._recover(run, line)
            yield from self._give_up(run)
        finally:
            self._rest(run)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _standing(self, run: "_Run") -> Line | None:
        """The open connection, or a new one where there is something to send. None when there is none."""
        if self._line is not None and self._line.over:
            self.close()
        if self._line is None and run.more():
            try:
                seconds = min(CONNECT_SECONDS, run.left())
                self._line = Line(self._url, self._trust(), self.identity.pass_type_identifier, self._table, seconds)
            except (NoLine, Broken) as error:
                run.fail(str(error), refused=isinstance(error, Refused))
            self._window, run.answered = FIRST_IN_FLIGHT, False
        elif self._line is not None and not self._line.flying and not _stands(self._line):
            self.close()
            return self._standing(run)
        return self._line

    def _fill(self, run: "_Run", line: Line) -> None:
        """Start as many as may be in flight. They leave in bunches, which costs both sides less than one by one."""
        free = min(self._window - len(line.flying), line.room)
        if free < max(1, min(self._window, self.in_flight) // 4) and line.flying:
            return
        expiration = int(time.time()) + KEPT_FOR
        for _ in range(free):
            if not run.more():
                return
            line.post(run.again.popleft(), expiration)

    def _settle(self, run: "_Run", answer: Answer) -> Result | None:
        push = answer.push
        if answer.status == 0:
            return self._once_more(run, push, answer.error)
        run.failures, run.answered = 0, True
        run.sent_again.discard(push.apns_id)
        if not run.sent_again and self._window < self.in_flight:
            self._window += 1
        return _result(answer)

    def _recover(self, run: "_Run", line: Line) -> Iterator[Result]:
        """What a connection did not begin goes to the next one; what died with it is sent once more."""
        run.again.extend(line.unsent)
        line.unsent.clear()
        if not line.over:
            return
        if line.refused or not run.answered:
            run.fail(line.lost, refused=line.refused)
        for push, _ in line.flying.values():
            if result := self._once_more(run, push, line.lost):
                yield result
        line.flying.clear()
        if line.unreadable:
            # Against the rules, it keeps a table of header fields for us: then so do we.
            log.warning("apple.apns_keeps_a_table", url=self._url)
            self._table = TABLE

    def _once_more(self, run: "_Run", push: Push, error: str) -> Result | None:
        if push.apns_id in run.sent_again:
            run.sent_again.discard(push.apns_id)
            return Result(push.token, push.apns_id, error=error)
        run.sent_again.add(push.apns_id)
        run.again.append(push)
        return None

    def _give_up(self, run: "_Run") -> Iterator[Result]:
        flying = [push for push, _ in self._line.flying.values()] if self._line else []
        self._rest(run)
        error = run.error if run.failures >= 2 else "no time was left"
        for push in (*flying, *run.again, *run.source):
            yield Result(push.token, push.apns_id, error=error, refused=run.refused)

    def _rest(self, run: "_Run") -> None:
        """Leave the connection in order for the next batch. One that failed last, or was silent, is not one to go on with."""
        if self._line is not None:
            silent = run.waiting(self._line) and time.monotonic() - max(self._line.heard_at, run.began) > SILENCE
            self._line.forget()
            if run.failures or silent or self._line.over:
                self.close()

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            context = ssl.create_default_context(cafile=self._ca_file)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.set_alpn_protocols(["h2"])
            # The library takes a key from a file alone; this one is ours to read and gone at once.
            with tempfile.NamedTemporaryFile() as pem:
                pem.write(self.identity.key_pem + b"\n" + self.identity.certificate_pem)
                pem.flush()
                context.load_cert_chain(pem.name)
            self._context = context
        return self._context


class _Run:
    """One call of `Client.send`: what is left to do and what went wrong."""

    def __init__(self, source: Iterator[Push], until: float) -> None:
        self.source, self.until, self.began = source, until, time.monotonic()
        self.again: deque[Push] = deque()
        self.sent_again: set[str] = set()
        self.failures, self.error, self.answered, self.refused = 0, "", False, False

    def fail(self, error: str, *, refused: bool = False) -> None:
        """A connection has ended without an answer. Who is refused need not come again."""
        self.failures += 2 if refused else 1
        self.error, self.refused = error or self.error, refused

    def more(self) -> bool:
        """Whether there is a push to send: it stands in ``again``."""
        if not self.again and (push := next(self.source, None)) is not None:
            self.again.append(push)
        return bool(self.again)

    def waiting(self, line: Line) -> bool:
        return bool(line.flying or self.again)

    def left(self) -> float:
        return self.until - time.monotonic()


def _stands(line: Line) -> bool:
    """A server may have said goodbye since, and a firewall forgets a quiet connection without a word."""
    idle = time.monotonic() - line.heard_at
    if idle > QUIET_AFTER:
        line.pump(0)
    return not line.over and idle < IDLE_SECONDS and (idle < DOUBTED_AFTER or line.ping())


def _result(answer: Answer) -> Result:
    push, status, body, _ = answer
    if not body:
        return Result(push.token, push.apns_id, status)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = {}
    said = said if isinstance(said, dict) else {}
    reason = "".join(char for char in str(said.get("reason", "")) if char.isascii() and char.isprintable())[:100]
    timestamp = said.get("timestamp")
    return Result(push.token, push.apns_id, status, reason, timestamp if isinstance(timestamp, int) else None)
