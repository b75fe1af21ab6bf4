"""Push notifications to Apple: HTTP/2 over one long-lived connection for each pass certificate.

A push for a pass has an empty body; it only says "ask us". Status 200 means that Apple took it, no more.
"""

import json
import socket
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import certifi
import pycurl

from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.gate import gate

BODY = b"{}"
KEPT_FOR = 86_400  # seconds in which Apple tries a phone that is switched off
CONNECT_SECONDS, STREAM_SECONDS, IDLE_SECONDS = 8, 15, 3_600
LONGEST_ANSWER = 4_096
# A new connection carries one stream until its first answer: by then it has said how many it takes, which may be one. Then it
# begins with few, and takes one more for each answer once it has carried what another one lost: if it dies as well, nothing
# dies twice.
FIRST_IN_FLIGHT = 10
HTTP2_STREAM = 92  # CURLE_HTTP2_STREAM, which pycurl does not name

NO_CONNECTION = frozenset(
    {pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_CONNECT, pycurl.E_SSL_CONNECT_ERROR, pycurl.E_OPERATION_TIMEDOUT}
)
CONNECTION_LOST = frozenset(
    {
        pycurl.E_COULDNT_CONNECT,
        pycurl.E_HTTP2,
        HTTP2_STREAM,
        pycurl.E_PARTIAL_FILE,
        pycurl.E_GOT_NOTHING,
        pycurl.E_SEND_ERROR,
        pycurl.E_RECV_ERROR,
        pycurl.E_SSL_CONNECT_ERROR,
    }
)


@dataclass(frozen=True)
class Push:
    token: str
    apns_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Result:
    """Apple's answer. ``timestamp`` (milliseconds) is since when a token is dead.

    Without an answer ``status`` is 0 and ``error`` says what happened to the connection; the push may have arrived.
    """

    token: str
    apns_id: str
    status: int = 0
    reason: str = ""
    timestamp: int | None = None
    error: str = ""


class Client:
    """One connection for one certificate. Not for two threads at once."""

    def __init__(self, identity: SigningIdentity, url: str, ca_file: str = "", in_flight: int = 100) -> None:
        self.identity, self.in_flight = identity, in_flight
        self._url, self._ca_file = url.rstrip("/"), ca_file or certifi.where()
        self._multi = self._new_multi()
        self._idle: list[_Stream] = []
        self._window = 1
        self._opener: _Stream | None = None

    def send(self, pushes: Iterable[Push], seconds: float = 40.0) -> Generator[Result]:
        """One Result for each push, in the order of the answers; closing the iterator leaves the rest unsent.

        A push whose connection died is sent once more, on a new one. Where connections fail twice in a row and nothing
        is answered in between, the rest is given up at once; so is all that has no answer after ``seconds``.
        """
        run = _Run(iter(pushes), time.monotonic() + seconds)
        try:
            while self._fill(run):
                while True:
                    code, _ = self._multi.perform()
                    if code != pycurl.E_CALL_MULTI_PERFORM:
                        break
                finished = list(self._finished())
                for stream, code, message in finished:
                    yield from self._settle(run, stream, code, message)
                self._hold_back(run)
                if run.hopeless:
                    break
                if not finished:
                    self._wait()
            yield from self._give_up(run)
        finally:
            self._drop(run)
            if run.failures:
                self._hang_up()

    def close(self) -> None:
        for stream in self._idle:
            stream.curl.close()
        self._idle.clear()
        self._multi.close()

    def _fill(self, run: "_Run") -> bool:
        """Start as many as may be in flight. False when there is nothing left to wait for."""
        while len(run.flying) < self._window and run.left() > 0 and (push := run.next()):
            stream = self._idle.pop() if self._idle else _Stream(self._new_curl(), self._open)
            stream.start(push, f"{self._url}/3/device/{push.token}", self.identity.pass_type_identifier, run.left())
            self._multi.add_handle(stream.curl)
            run.flying[stream.curl] = stream
        return bool(run.flying)

    def _open(self, stream: "_Stream", address: Any) -> int:
        """libcurl asks for a socket."""
        gate.wait(self._url, address.family)
        self._opener, self._window = stream, 1
        return socket.socket(address.family, address.socktype, address.protocol).detach()

    def _hold_back(self, run: "_Run") -> None:
        """Of all that waits for a new connection, leave one: libcurl would open a hundred streams before it is told the limit."""
        opener, self._opener = self._opener, None
        if opener is None:
            return
        # Last answers of the old connection may have widened it since; they say nothing of the new one.
        self._window = 1
        for stream in [waiting for waiting in run.flying.values() if waiting is not opener]:
            del run.flying[stream.curl]
            self._multi.remove_handle(stream.curl)
            self._idle.append(stream)
            run.again.append(stream.push)

    def _wait(self) -> None:
        """Until there is something to read or write, or curl wants to look at a timer."""
        milliseconds = self._multi.timeout()
        seconds = 1.0 if milliseconds < 0 else min(1.0, milliseconds / 1000)
        if self._multi.select(seconds) < 0:
            time.sleep(min(seconds, 0.01))

    def _finished(self) -> "Iterator[tuple[_Stream, int, str]]":
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            for curl in good:
                yield curl.walletpass_stream, 0, ""
            for curl, code, message in bad:
                yield curl.walletpass_stream, code, message

    def _settle(self, run: "_Run", stream: "_Stream", code: int, message: str) -> Iterator[Result]:
        push = run.flying.pop(stream.curl).push
        status = int(stream.curl.getinfo(pycurl.RESPONSE_CODE))
        self._multi.remove_handle(stream.curl)
        self._idle.append(stream)
        if code == 0 and status:
            run.failures = 0
            run.sent_again.discard(push.apns_id)
            self._window = min(max(self._window if run.sent_again else self._window + 1, FIRST_IN_FLIGHT), self.in_flight)
            yield _answer(push, status, bytes(stream.answer))
            return
        self._window = 1
        second = push.apns_id in run.sent_again
        run.failures += second or code in NO_CONNECTION
        run.error = f"{message or 'no answer'} ({code})"
        if code in CONNECTION_LOST and not second:
            run.sent_again.add(push.apns_id)
            run.again.append(push)
        else:
            run.sent_again.discard(push.apns_id)
            yield Result(push.token, push.apns_id, error=run.error)

    def _give_up(self, run: "_Run") -> Iterator[Result]:
        flying = self._drop(run)
        error = run.error if run.hopeless else "no time was left"
        for push in (*flying, *run.again, *run.source):
            yield Result(push.token, push.apns_id, error=error)

    def _drop(self, run: "_Run") -> list[Push]:
        """Take everything in flight off the connection."""
        dropped = [stream.push for stream in run.flying.values()]
        for curl in run.flying:
            self._multi.remove_handle(curl)
            curl.close()
        run.flying.clear()
        return dropped

    def _hang_up(self) -> None:
        """A connection that failed last is not one to go on with."""
        self.close()
        self._multi = self._new_multi()

    def _new_multi(self) -> Any:
        multi = pycurl.CurlMulti()
        multi.setopt(pycurl.M_PIPELINING, pycurl.PIPE_MULTIPLEX)
        multi.setopt(pycurl.M_MAX_HOST_CONNECTIONS, 1)
        multi.setopt(pycurl.M_MAXCONNECTS, 1)
        multi.setopt(pycurl.M_MAX_CONCURRENT_STREAMS, self.in_flight)
        return multi

    def _new_curl(self) -> Any:
        curl = pycurl.Curl()
        for option, value in (
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
            (pycurl.PIPEWAIT, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTPS),
            (pycurl.NOPROXY, "*"),
            (pycurl.NOSIGNAL, 1),
            (pycurl.POST, 1),
            (pycurl.POSTFIELDS, BODY),
            (pycurl.CONNECTTIMEOUT, CONNECT_SECONDS),
            (pycurl.MAXAGE_CONN, IDLE_SECONDS),
            (pycurl.TCP_KEEPALIVE, 1),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
            (pycurl.CAINFO, self._ca_file),
            (pycurl.SSLCERT_BLOB, self.identity.certificate_pem),
            (pycurl.SSLKEY_BLOB, self.identity.key_pem),
        ):
            curl.setopt(option, value)
        return curl


class _Stream:
    """A handle that sends one push after the other."""

    def __init__(self, curl: Any, open_socket: "Callable[[_Stream, Any], int]") -> None:
        self.curl, self.answer, self.push = curl, bytearray(), Push("", "")
        curl.walletpass_stream = self
        curl.setopt(pycurl.OPENSOCKETFUNCTION, lambda purpose, address: open_socket(self, address))
        curl.setopt(pycurl.WRITEFUNCTION, self._read)

    def start(self, push: Push, url: str, topic: str, seconds: float) -> None:
        self.push = push
        self.answer.clear()
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.TIMEOUT_MS, int(min(seconds, STREAM_SECONDS) * 1000) + 1)
        self.curl.setopt(
            pycurl.HTTPHEADER,
            [
                f"apns-topic: {topic}",
                "apns-push-type: background",
                "apns-priority: 5",
                f"apns-expiration: {int(time.time()) + KEPT_FOR}",
                f"apns-id: {push.apns_id}",
                "content-type: application/json",
            ],
        )

    def _read(self, data: bytes) -> None:
        self.answer += data[: LONGEST_ANSWER - len(self.answer)]


class _Run:
    """One call of `Client.send`: what is left to do and what went wrong."""

    def __init__(self, source: Iterator[Push], until: float) -> None:
        self.source, self.until = source, until
        self.again: deque[Push] = deque()
        self.sent_again: set[str] = set()
        self.flying: dict[Any, _Stream] = {}
        self.failures, self.error = 0, ""

    @property
    def hopeless(self) -> bool:
        return self.failures >= 2

    def next(self) -> Push | None:
        return self.again.popleft() if self.again else next(self.source, None)

    def left(self) -> float:
        return self.until - time.monotonic()


def _answer(push: Push, status: int, body: bytes) -> Result:
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    timestamp = said.get("timestamp")
    return Result(push.token, push.apns_id, status, str(said.get("reason", ""))[:100], timestamp if isinstance(timestamp, int) else None)
