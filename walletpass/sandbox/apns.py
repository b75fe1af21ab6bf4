"""An APNs: HTTP/2 over TLS with a client certificate, on a port of its own.

As with Apple, the pass type certificate is the ticket: a connection without one issued by the sandbox's chain is refused in the
handshake, and ``apns-topic`` has to be the UID of the certificate.
"""

import ssl
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from walletpass.sandbox import apnswire
from walletpass.sandbox.apnsrules import answer, wrong_request
from walletpass.sandbox.apnswire import Reply, Request, Wire
from walletpass.sandbox.board import Board, stamp
from walletpass.sandbox.faults import Faults

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

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext, board: Board, faults: Faults, phones: Directory) -> None:
        self._board, self._faults, self._phones = board, faults, phones
        self._pushes: deque[Push] = deque(maxlen=REMEMBERED)
        self._lock = Lock()
        self._wire = Wire(address, context, self._answer, faults.weather)

    @property
    def port(self) -> int:
        return self._wire.port

    @property
    def connects(self) -> int:
        """How many connections were opened since it was made."""
        return len(self._wire.tally.connected)

    def pushes(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(push) for push in self._pushes]

    def follow(self, position: str) -> None:
        """The fault switch: ``off`` closes the listener and every connection, anything else listens."""
        if position == "off":
            self.stop()
        elif not self._wire.running:
            self._wire.start()

    def stop(self) -> None:
        self._wire.stop()

    # ---- what Apple would say; on the thread of the wire

    def _answer(self, request: Request) -> Reply:
        status, reason = self._judge(request)
        self._record(request, status, reason)
        return Reply(status, answer(status, reason))

    def _judge(self, request: Request) -> tuple[int, str]:
        if not request.path.startswith("/3/device/"):
            return 404, "BadPath"
        if request.method != "POST":
            return 405, "MethodNotAllowed"
        token = request.path.removeprefix("/3/device/")
        scripted = self._faults.next_answer()
        if scripted and scripted[0] not in (200, 410):
            return scripted
        if reason := wrong_request(request.headers, request.body, request.topic):
            return (413, reason) if reason == "PayloadTooLarge" else (400, reason)
        owner = self._phones.owner_of(token)
        if owner is None:
            return (410, "Unregistered") if self._phones.is_spent(token) else (400, "BadDeviceToken")
        if owner != request.headers.get("apns-topic", request.topic):
            return 400, "DeviceTokenNotForTopic"
        if scripted and scripted[0] == 410:
            self._phones.spend(token)
            return scripted
        return 200, ""

    def _record(self, request: Request, status: int, reason: str) -> None:
        header = request.headers.get
        topic = header("apns-topic", "")
        push = Push(
            stamp(),
            request.path.removeprefix("/3/device/"),
            topic,
            header("apns-push-type", ""),
            header("apns-priority", ""),
            header("apns-expiration", ""),
            status,
            reason,
            header("apns-id", ""),
        )
        with self._lock:
            self._pushes.append(push)
        self._board.say("apns", f"Push for {topic}: {status} {reason}".rstrip(), wrong=status != 200)
        if status == 200:
            self._phones.pushed(topic)


def tls_context(certificate: Path, key: Path, root: Path, intermediate: Path) -> ssl.SSLContext:
    """A server that speaks h2 only, and only to holders of a pass certificate of this chain."""
    return apnswire.tls_context(certificate, key, root, intermediate)
