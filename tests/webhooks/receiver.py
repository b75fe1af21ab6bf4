"""A server of somebody else's, on this machine: it keeps what it was sent, and answers as it is told to."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from walletpass import signatures

Behaviour = Callable[[BaseHTTPRequestHandler, int], bool]


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said

    def fits(self, *secrets: str) -> bool:
        at = int(self.headers[signatures.HEADER].partition(",")[0].removeprefix("t="))
        return signatures.must_fit(secrets, self.headers[signatures.HEADER], self.body, at) == at


class Receiver(ThreadingHTTPServer):
    """``answers`` are given in turn, then 200 for ever. ``behave`` may answer in its own way: it returns True when it did."""

    daemon_threads = True

    def __init__(self, *, behave: Behaviour | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Ear)
        self.heard: list[Heard] = []
        self.answers: list[int] = []
        self.behave = behave
        self.connections = 0
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/walletpass?from=luna"

    @property
    def ids(self) -> list[str]:
        return [one.event["id"] for one in self.heard]

    @property
    def numbers(self) -> list[int]:
        return [one.event["number"] for one in self.heard]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, seconds), f"heard {self.numbers}"

    def get_request(self) -> Any:
        found = super().get_request()
        with self.changed:
            self.connections += 1
            self.changed.notify_all()
        return found

    def handle_error(self, *_: Any) -> None:
        """Whoever calls may hang up."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Ear(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.changed:
            self.server.heard.append(Heard(self.path, dict(self.headers), body))
            number = len(self.server.heard)
            status = self.server.answers.pop(0) if self.server.answers else 200
            self.server.changed.notify_all()
        if self.server.behave is not None and self.server.behave(self, number):
            return
        said = b"" if status == 204 else f"answer {status}".encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """The tests say enough."""
