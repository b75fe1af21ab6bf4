"""A TLS connection that never blocks longer than it is told to."""

import select
import socket
import ssl
import time
from urllib.parse import urlsplit

from walletpass.apple.gate import gate

CHUNK = 256 * 1024
LONGEST_QUEUE = 1024 * 1024  # bytes that wait for the other side to read
RECORD = 16 * 1024  # the most that TLS packs together
ABOUT_US = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")  # in what an alert is called by OpenSSL


class NoLine(OSError):
    """There is no connection, or no longer; the words say why."""


class Refused(NoLine):
    """The other side does not take our certificate: it is revoked, expired, or somebody else's."""


class Secured:
    """Bytes out and in. TLS works in memory, so that one look at the socket brings all the records that have come."""

    def __init__(self, url: str, context: ssl.SSLContext, seconds: float) -> None:
        """Connects and shakes hands; raises NoLine."""
        until = time.monotonic() + seconds
        address = urlsplit(url)
        self.authority = address.netloc
        self._socket = _connected(address.hostname or "", address.port or 443, until)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=address.hostname)
        self._buffer = bytearray(RECORD)
        self._unsent = b""
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        try:
            self._shake_hands(until)
        except BaseException:
            self._socket.close()
            raise

    @property
    def speaks_http2(self) -> bool:
        return self._tls.selected_alpn_protocol() == "h2"

    def send(self, data: bytes | bytearray = b"") -> None:
        """What the socket does not take now goes out with the next call, or while `receive` waits. Raises NoLine."""
        try:
            if data:
                self._tls.write(data)
            if self._out.pending:
                self._unsent += self._out.read()
            if len(self._unsent) > LONGEST_QUEUE:
                raise NoLine("the server reads nothing")
            if self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise _no_line(error) from error

    def receive(self, into: bytearray, seconds: float) -> None:
        """Wait up to ``seconds`` for something to come, and add all of it. Raises NoLine at the end."""
        try:
            if self._fill(seconds):
                while self._in.pending and (size := self._read()):
                    into += memoryview(self._buffer)[:size]
        except ssl.SSLWantReadError:
            pass
        except OSError as error:
            raise _no_line(error) from error

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> int:
        size: int = self._tls.read(RECORD, self._buffer)  # type: ignore[assignment]  # with a buffer it answers a number
        if not size:
            raise NoLine("the server closed the connection")
        return size

    def _fill(self, seconds: float) -> bool:
        """Bytes from the socket into TLS; whether any came."""
        self._poll.modify(self._socket, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        for _, event in self._poll.poll(max(0.0, seconds) * 1000):
            if event & select.POLLOUT:
                self.send()
            if event & ~select.POLLOUT:
                data = self._socket.recv(CHUNK)
                if not data:
                    raise NoLine("the server closed the connection")
                self._in.write(data)
                return True
        return False

    def _shake_hands(self, until: float) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.send()
            except OSError as error:
                raise _no_line(error) from error
            else:
                return
            try:
                if not self._fill(until - time.monotonic()) and time.monotonic() > until:
                    raise NoLine("no answer to the TLS handshake")
            except OSError as error:
                raise _no_line(error) from error


def _connected(host: str, port: int, until: float) -> socket.socket:
    """The first address of the host that answers; each family has a turn of its own at the gate."""
    failure = NoLine(f"{host} has no address")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoLine(f"{host}: {error.strerror or error}") from error
    for family, kind, protocol, _, address in found:
        if time.monotonic() > until:
            break
        gate.wait(f"{host}:{port}", family)
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(max(0.1, until - time.monotonic()))
            made.connect(address)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            made.setblocking(False)
        except OSError as error:
            made.close()
            failure = NoLine(f"{host}: {error.strerror or error}")
        else:
            return made
    raise failure


def _no_line(error: OSError) -> NoLine:
    if isinstance(error, NoLine):
        return error
    if not isinstance(error, ssl.SSLError):
        return NoLine(error.strerror or str(error))
    reason = error.reason or ""
    said = "TLS: " + str(getattr(error, "verify_message", "") or reason or error).replace("_", " ").lower()
    return Refused(said) if "ALERT" in reason and any(word in reason for word in ABOUT_US) else NoLine(said)
