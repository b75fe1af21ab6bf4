"""An APNs: HTTP/2 over TLS with a client certificate, on a port of its own.

As with Apple, the pass type certificate is the ticket: a connection without one issued by the sandbox's chain is refused in the
handshake, and ``apns-topic`` has to be the UID of the certificate. Hypercorn does not tell an application who the peer is, so
connections are accepted here and handed to its protocol with the certificate already read.
"""

import asyncio
import socket
import ssl
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Protocol

from walletpass.sandbox.apnsrules import answer, wrong_request
from walletpass.sandbox.board import Board, stamp

REMEMBERED = 1000


@dataclass(frozen=True)
class Push:
    """A request that reached the sandbox, and the answer it got."""

    at: str
    token: str
    topic: str
    push_type: str
    priority: str
    expiration: str
    status: int
    reason: str
    apns_id: str


class Directory(Protocol):
    """The phones, as APNs knows them: by push token."""

    def owner_of(self, push_token: str) -> str | None:
        """The pass type of a token that is in use."""

    def is_spent(self, push_token: str) -> bool:
        """Whether a token was in use once and is dead now."""

    def spend(self, push_token: str) -> None:
        """The token is dead from now on."""

    def pushed(self, pass_type: str) -> None:
        """A push was delivered."""


class Apns:
    """Start it, turn it off and on, stop it. What APNs knows about phones it asks a ``Directory``."""

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext,
        board: Board,
        fault: Callable[[], str],
        phones: "Directory",
    ) -> None:
        self._address, self._context, self._board = address, context, board
        self._fault, self._phones = fault, phones
        self._pushes: deque[Push] = deque(maxlen=REMEMBERED)
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = address[1] or _free_port(address[0])

    def pushes(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(push) for push in self._pushes]

    def follow(self, position: str) -> None:
        """The fault switch: ``off`` closes the listener and every connection, anything else listens."""
        if position == "off":
            self.stop()
        elif self._thread is None:
            self.start()

    def start(self) -> None:
        listener = _listen(self._address[0], self.port)
        ready = Event()
        self._thread = Thread(target=self._serve, args=(listener, ready), name="sandbox-apns", daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the sandbox APNs did not start")

    def stop(self) -> None:
        thread, loop, self._thread, self._loop = self._thread, self._loop, None, None
        if thread is not None and loop is not None:
            loop.call_soon_threadsafe(self._over.set)
            thread.join(10)

    # ---- the loop of the listener

    def _serve(self, listener: socket.socket, ready: Event) -> None:
        asyncio.run(self._listen(listener, ready))

    async def _listen(self, listener: socket.socket, ready: Event) -> None:
        from hypercorn.config import Config

        config = Config()
        config.h2_max_concurrent_streams = 1000
        config.keep_alive_timeout = 3600
        config.include_server_header = False
        config.accesslog = config.errorlog = None
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(
            lambda reader, writer: self._connection(config, reader, writer), sock=listener, ssl=self._context
        )
        ready.set()
        await self._over.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._emptied(), 2)

    async def _emptied(self) -> None:
        while self._writers:
            await asyncio.sleep(0.01)

    async def _connection(self, config: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from hypercorn.app_wrappers import ASGIWrapper
        from hypercorn.asyncio.tcp_server import TCPServer
        from hypercorn.asyncio.worker_context import WorkerContext

        topic = _user_id(writer.get_extra_info("peercert") or {})

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self._request(topic, scope, receive, send)

        self._writers.add(writer)
        try:
            await TCPServer(ASGIWrapper(app), asyncio.get_running_loop(), config, WorkerContext(None), {}, reader, writer)
        finally:
            self._writers.discard(writer)

    async def _request(self, topic: str, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        status, reason = self._judge(scope["method"], scope["path"], headers, body, topic)
        content = answer(status, reason)
        apns_id = headers.get("apns-id") or str(uuid.uuid4())
        reply = [(b"apns-id", apns_id.encode()), (b"content-length", str(len(content)).encode())]
        self._record(scope["path"].removeprefix("/3/device/"), headers, status, reason, apns_id)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": reply + ([(b"content-type", b"application/json")] if content else []),
            }
        )
        await send({"type": "http.response.body", "body": content})

    # ---- what Apple would say

    def _judge(self, method: str, path: str, headers: dict[str, str], body: bytes, certificate_topic: str) -> tuple[int, str]:
        if not path.startswith("/3/device/"):
            return 404, "BadPath"
        if method != "POST":
            return 405, "MethodNotAllowed"
        token = path.removeprefix("/3/device/")
        fault = self._fault()
        if fault == "503":
            return 503, "ServiceUnavailable"
        if reason := wrong_request(headers, body, certificate_topic):
            return (413, reason) if reason == "PayloadTooLarge" else (400, reason)
        owner = self._phones.owner_of(token)
        if owner is None:
            return (410, "Unregistered") if self._phones.is_spent(token) else (400, "BadDeviceToken")
        if owner != headers.get("apns-topic", certificate_topic):
            return 400, "DeviceTokenNotForTopic"
        if fault == "410":
            self._phones.spend(token)
            return 410, "Unregistered"
        return 200, ""

    def _record(self, token: str, headers: dict[str, str], status: int, reason: str, apns_id: str) -> None:
        header = headers.get
        topic = header("apns-topic", "")
        push = Push(
            stamp(),
            token,
            topic,
            header("apns-push-type", ""),
            header("apns-priority", ""),
            header("apns-expiration", ""),
            status,
            reason,
            apns_id,
        )
        with self._lock:
            self._pushes.append(push)
        self._board.say("apns", f"Push for {topic}: {status} {reason}".rstrip(), wrong=status != 200)
        if status == 200:
            self._phones.pushed(topic)


def tls_context(certificate: Path, key: Path, root: Path, intermediate: Path) -> ssl.SSLContext:
    """A server that speaks h2 only, and only to holders of a pass certificate of this chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(root)
    context.load_verify_locations(intermediate)
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
