"""Tills that call one server, each on a connection of its own: as fast as they are answered, or at a pace.

A process of its own with bare sockets on one event loop: what it takes from the machine is a small and equal part of every figure.
It reads calls from its input, a line of JSON for each list, and answers with the seconds that each call took.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from typing import Any, cast

Call = tuple[str, dict[str, str], Any]


class Callers:
    def __init__(self, port: int, connections: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.callers", str(port), str(connections)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, calls: list[Call], *, seconds: float = 0) -> tuple[float, list[float]]:
        """Seconds for all, and of each. Fails on any answer but a 200.

        Spread over ``seconds``, each has a moment at which it is due, and its time counts from there: a server that is behind is not
        waited for.
        """
        self.begin(calls, seconds=seconds)
        return self.end()

    def begin(self, calls: list[Call], *, seconds: float = 0) -> None:
        assert self._process.stdin
        print(json.dumps([calls, seconds]), file=self._process.stdin, flush=True)

    def end(self) -> tuple[float, list[float]]:
        assert self._process.stdout
        answer = json.loads(self._process.stdout.readline())
        assert isinstance(answer, list), answer
        whole, each = answer
        return whole, each

    def close(self) -> None:
        self._process.communicate()


class Till(asyncio.Protocol):
    """One connection: the next request leaves when the last is answered, and not before it is due."""

    def __init__(self, waiting: deque[tuple[float, bytes]], done: asyncio.Future[None]) -> None:
        self.waiting, self.done = waiting, done
        self.taken: list[float] = []
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, found, body = self.read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self.taken.append(time.perf_counter() - self.since)
        if not head.startswith(b"HTTP/1.1 200"):
            self._end(AssertionError(f"{head[:40]!r} {body[:300]!r}"))
            return
        self.read = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(AssertionError(f"the server hung up: {exc}"))

    def _next(self) -> None:
        if not self.waiting:
            self._end(None)
            return
        due, request = self.waiting.popleft()
        early = due - time.perf_counter()
        if early <= 0:
            self._send(due, request)
        else:
            asyncio.get_running_loop().call_later(early, self._send, due, request)

    def _send(self, due: float, request: bytes) -> None:
        self.since = due or time.perf_counter()
        self.transport.write(request)

    def _end(self, fault: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(fault) if fault else self.done.set_result(None)
            self.transport.close()


def _length(head: bytes) -> int:
    return next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))


def _request(path: str, headers: dict[str, str], body: Any) -> bytes:
    said = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(said)}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode() + said


async def _called(port: int, connections: int, calls: list[Call], seconds: float) -> tuple[float, list[float]]:
    before = time.perf_counter()
    due = [before + seconds * place / len(calls) if seconds else 0.0 for place in range(len(calls))]
    waiting = deque(zip(due, (_request(*call) for call in calls), strict=True))
    loop = asyncio.get_running_loop()
    tills = [Till(waiting, loop.create_future()) for _ in range(connections)]
    for till in tills:
        await loop.create_connection(lambda till=till: till, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(till.done for till in tills))
    return time.perf_counter() - before, [seconds for till in tills for seconds in till.taken]


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            print(json.dumps(asyncio.run(_called(int(sys.argv[1]), int(sys.argv[2]), *json.loads(line)))), flush=True)
        except AssertionError as fault:
            print(json.dumps(str(fault)), flush=True)
