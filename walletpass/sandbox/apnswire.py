"""The wire of an APNs: HTTP/2 over TLS, on a thread of its own, with the bad days of a connection.

What a push means is decided by whoever starts it; here requests come in, answers go out, and connections end well or badly.
"""

import asyncio
import socket
import ssl
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings

GOODBYE = b'{"reason":"Shutdown"}'
SIP = 0.005  # seconds a slow reader rests between two reads
LINGER = 1.0  # seconds for a client to read the last answers before the line is cut


@dataclass(frozen=True)
class Request:
    topic: str  # the UID in the subject of the client's certificate
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    content: bytes = b""


@dataclass(frozen=True)
class Weather:
    """How connections fare. Counts are requests on one connection; 0 means never.

    After ``goaway_after`` the last request is answered, those behind it are not, and the client is told which was the last;
    at ``drop_after`` the line is cut with answers still owed.
    """

    streams: int = 1000
    goaway_after: int = 0
    drop_after: int = 0
    delay: float = 0.0  # seconds before an answer
    slow: bool = False  # read in small sips


@dataclass
class Tally:
    """What the wire has seen. ``impolite`` counts connections on which a client broke the rules of HTTP/2."""

    connected: list[float] = field(default_factory=list)
    requests: Counter[int] = field(default_factory=Counter)
    goodbyes: int = 0
    drops: int = 0
    impolite: int = 0
    most_open: int = 0


class Wire:
    """Start it, stop it; it may be started again on the same port. ``answer`` and ``weather`` are asked for each request."""

    def __init__(
        self, address: tuple[str, int], context: ssl.SSLContext, answer: Callable[[Request], Reply], weather: Callable[[], Weather]
    ) -> None:
        self._host, self._context, self.answer, self.weather = address[0], context, answer, weather
        self.port = address[1] or _free_port(address[0])
        self.tally = Tally()
        self.lines: set[Line] = set()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None

    def start(self) -> None:
        listener = _listen(self._host, self.port)
        ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(listener, ready)), name="sandbox-apns", daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the sandbox APNs did not start")

    def stop(self) -> None:
        """Close the listener and cut every line."""
        thread, loop, self._thread, self._loop = self._thread, self._loop, None, None
        if thread is not None and loop is not None:
            loop.call_soon_threadsafe(self._over.set)
            thread.join(10)

    async def _serve(self, listener: socket.socket, ready: Event) -> None:
        self._over, self._loop = asyncio.Event(), asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: Line(self), sock=listener, ssl=self._context)
        ready.set()
        await self._over.wait()
        server.close()
        for line in list(self.lines):
            line.cut()
        for _ in range(200):
            if not self.lines:
                break
            await asyncio.sleep(0.01)


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._weather = wire, wire.weather()
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._asked: dict[int, tuple[dict[str, str], bytearray]] = {}
        self._owed: dict[int, tuple[Reply, str]] = {}
        self._count = 0
        self._leaving = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._topic = _user_id(transport.get_extra_info("peercert") or {})
        self._wire.lines.add(self)
        self._wire.tally.connected.append(monotonic())
        self._number = len(self._wire.tally.connected)
        # In force from the first byte: whoever opens more streams breaks the connection.
        self._h2.local_settings = Settings(client=False, initial_values={SettingCodes.MAX_CONCURRENT_STREAMS: self._weather.streams})
        self._h2.initiate_connection()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._wire.lines.discard(self)

    def data_received(self, data: bytes) -> None:
        if self._leaving:
            return
        try:
            events = self._h2.receive_data(data)
        except ProtocolError:
            self._wire.tally.impolite += 1
            self._leave()
            return
        tally = self._wire.tally
        tally.most_open = max(tally.most_open, self._h2.open_inbound_streams)
        for event in events:
            if self._leaving:
                return
            if isinstance(event, RequestReceived):
                self._asked[event.stream_id] = (dict(event.headers), bytearray())  # type: ignore[arg-type]
            elif isinstance(event, DataReceived):
                self._asked[event.stream_id][1].extend(event.data)
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self._request(event.stream_id)
        self._flush()
        if self._weather.slow:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(SIP, self._read_on)

    def cut(self) -> None:
        self._transport.abort()

    def _request(self, stream: int) -> None:
        headers, body = self._asked.pop(stream)
        self._count += 1
        self._wire.tally.requests[self._number] += 1
        weather = self._weather = self._wire.weather()
        if self._count == weather.drop_after:
            self._wire.tally.drops += 1
            self._leaving = True
            self.cut()
            return
        headers.setdefault("apns-id", str(uuid.uuid4()))
        reply = self._wire.answer(Request(self._topic, headers.pop(":method"), headers.pop(":path"), headers, bytes(body)))
        self._owed[stream] = (reply, headers["apns-id"])
        if self._count == weather.goaway_after:
            self._goodbye(stream)
        elif weather.delay:
            asyncio.get_running_loop().call_later(weather.delay, self._pay, stream)
        else:
            self._pay(stream)

    def _pay(self, stream: int) -> None:
        owed = self._owed.pop(stream, None)
        if owed is None or self._transport.is_closing():
            return
        reply, apns_id = owed
        headers = [(":status", str(reply.status)), ("content-length", str(len(reply.content))), ("apns-id", apns_id)]
        headers += [("content-type", "application/json")] if reply.content else []
        try:
            self._h2.send_headers(stream, headers, end_stream=not reply.content)
            if reply.content:
                self._h2.send_data(stream, reply.content, end_stream=True)
        except (StreamClosedError, ProtocolError):
            return  # the client has given it up
        self._flush()

    def _goodbye(self, last: int) -> None:
        """What came up to ``last`` is answered; the client resends the rest elsewhere."""
        for stream in list(self._owed):
            self._pay(stream)
        self._wire.tally.goodbyes += 1
        self._h2.close_connection(ErrorCodes.NO_ERROR, GOODBYE, last)
        self._leave()

    def _leave(self) -> None:
        self._leaving = True
        self._flush()
        asyncio.get_running_loop().call_later(LINGER, self._transport.close)

    def _read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._transport.write(data)


def tls_context(certificate: Any, key: Any, *authorities: Any) -> ssl.SSLContext:
    """A server that speaks h2 only, and only to holders of a certificate of these authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    for authority in authorities:
        context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    return context


def _user_id(peer: dict[str, Any]) -> str:
    """The UID in the subject of a certificate as ``ssl`` gives it."""
    return next((value for part in peer.get("subject", ()) for name, value in part if name in ("userId", "UID")), "")


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(100)
    listener.setblocking(False)
    return listener


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
