"""One connection to a receiver: to the address that was judged, within five seconds, and with no more read than is kept.

`http.client` and not requests: a proxy from the environment would look the name up again and call for us wherever it leads, and a
timeout there begins anew with every byte of a receiver that answers slowly.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType

import certifi

from walletpass.webhooks.addresses import Address, NotThere, Target, resolve

# Seconds from the first packet to the last byte that we read.
PATIENCE = 5.0
MOST_READ = 2_048
WORDS = 120
TOO_LATE = f"no answer within {PATIENCE:.0f} seconds"


@dataclass(frozen=True)
class Answer:
    """``status`` is 0 where there was no answer; ``said`` why, or the answer's first words."""

    status: int
    said: str = ""
    milliseconds: int = 0

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


class Line:
    """Kept open while there is more to say; made anew, and its address judged anew, when it broke."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send once. Never raises for what the other side does: whatever went wrong is the answer."""
        begun = time.monotonic()
        try:
            status, said = self._post(body, headers, begun + PATIENCE)
        except NotThere as refused:
            status, said = 0, refused.message
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= begun + PATIENCE
            status, said = 0, TOO_LATE if late else _why(error)
        answer = Answer(status, said, round((time.monotonic() - begun) * 1000))
        if not answer.taken or time.monotonic() >= begun + PATIENCE:
            self.close()
        return answer

    def _post(self, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
        """Raises NotThere, OSError, HTTPException."""
        kept = self._connection
        if kept is not None and kept.sock is not None:
            try:
                return self._ask(kept, body, headers, deadline)
            except (ConnectionError, http.client.BadStatusLine):
                # It was closed while nothing was said. If this was heard all the same, it is heard twice, with the same id.
                self.close()
        self._connection = self._connect(deadline)
        return self._ask(self._connection, body, headers, deadline)

    def _ask(self, connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
        hang_up = threading.Timer(max(0.0, deadline - time.monotonic()), _hang_up, (connection.sock,))
        hang_up.daemon = True
        hang_up.start()
        try:
            connection.request("POST", self.target.path, body, {"Host": self.target.host_header, **headers})
            with connection.getresponse() as response:
                said = response.read(MOST_READ)
                if response.read(1):
                    # The rest of it would be taken for the next answer.
                    self.close()
            return response.status, _words(response.status, said)
        finally:
            hang_up.cancel()

    def _connect(self, deadline: float) -> http.client.HTTPConnection:
        plain = _dial(self.target, resolve(self.target), deadline)
        connection = http.client.HTTPConnection(self.target.host, self.target.port)
        # It would call the name by itself, and nobody would have judged where that leads.
        connection.auto_open = 0
        connection.sock = plain if self.target.scheme == "http" else _secure(plain, self.target.host)
        return connection


def _dial(target: Target, addresses: Sequence[Address], deadline: float) -> socket.socket:
    """The first of the judged addresses that answers. Nothing is looked up here: `socket.create_connection` would."""
    failure: OSError = TimeoutError("no time is left")
    for address in addresses:
        made = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            made.connect((str(address), target.port))
        except OSError as error:
            made.close()
            failure = error
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failure


def _secure(plain: socket.socket, name: str) -> socket.socket:
    """The certificate must be the name's, whatever address was called."""
    try:
        secured = trust().wrap_socket(plain, server_hostname=name)
    except (OSError, ValueError):
        plain.close()
        raise
    return secured


@cache
def trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


def _hang_up(connected: socket.socket) -> None:
    """Wakes whoever reads. By the plain socket's method: an SSLSocket's would take the connection from under the reader."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"[:WORDS]
    if isinstance(error, TimeoutError):
        return TOO_LATE
    if isinstance(error, ConnectionRefusedError):
        return "it refuses connections"
    return f"the connection broke ({type(error).__name__})"


def _words(status: int, said: bytes) -> str:
    if 300 <= status < 400:
        return "it leads elsewhere, and is not followed: give the address where it ends"
    if 200 <= status < 300:
        return ""
    return "".join(char if char.isprintable() else " " for char in said[: 4 * WORDS].decode("utf-8", "replace"))[:WORDS].strip()
