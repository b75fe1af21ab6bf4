"""One HTTP request, as a phone makes it. The standard library keeps the sandbox small."""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LIMIT = 20 * 1024 * 1024


class Unreachable(Exception):
    """Nobody answered, or not in HTTP; the message names the reason."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def content_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()


class Stream:
    """An answer whose body has not been read yet. Close it."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self.status = response.status
        self.headers = tuple(response.getheaders())

    def read(self) -> Reply:
        try:
            return Reply(self.status, self.headers, self._response.read(LIMIT))
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"the answer broke off ({error})") from error
        finally:
            self.close()

    def pieces(self) -> Iterator[bytes]:
        try:
            while piece := self._response.read1(65536):
                yield piece
        except (OSError, http.client.HTTPException):
            return
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()
        self._connection.close()


def open_stream(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None, timeout: float = 15.0
) -> Stream:
    """Send a request; no redirect is followed and no proxy used."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=timeout)
    )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body=body, headers=dict(headers or {}))
        return Stream(connection, connection.getresponse())
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise Unreachable(str(error) or type(error).__name__) from error


def request(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None, timeout: float = 15.0) -> Reply:
    return open_stream(method, url, headers, body, timeout).read()
