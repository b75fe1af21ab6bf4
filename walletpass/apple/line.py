"""A connection to APNs: HTTP/2 as far as pushes need it.

Written by hand because it decides what is lost: only the wire knows how many streams the server takes, which of them it had not
begun when it said goodbye, and which may have arrived when the line was cut. It also takes a fraction of the time of a library.
"""

import ssl
import time
from contextlib import suppress
from typing import NamedTuple

from walletpass.apple import frames
from walletpass.apple.frames import Answers, Broken, Frame, Requests, Unreadable
from walletpass.apple.secured import NoLine, Refused, Secured

BODY = b"{}"
CONNECT_SECONDS, STREAM_SECONDS, PONG_SECONDS = 8.0, 15.0, 3.0
LONGEST_ANSWER = 4_096
LAST_STREAM = 2**31 - 1
WINDOW = 65_535  # bytes that a side may send before it is told of more


class Push(NamedTuple):
    """A message without content for one device; ``apns_id`` is a UUID by which Apple and we speak of it."""

    token: str
    apns_id: str


class Answer(NamedTuple):
    """``status`` 0 is none: ``error`` says what became of the stream."""

    push: Push
    status: int
    body: bytes = b""
    error: str = ""


class Line:
    """One connection. Not for two threads at once.

    ``lost`` says why it ended, ``leaving`` that it takes no further push. ``flying`` has no answer yet; what the server said it
    had not begun is in ``unsent``: that can be sent elsewhere without a doubt. ``unreadable`` means that the server uses a table
    for its header fields though ours has no room, ``refused`` that it does not take our certificate.
    """

    def __init__(self, url: str, context: ssl.SSLContext, topic: str, table: int = 0, seconds: float = CONNECT_SECONDS) -> None:
        """Connects, and waits until the server has said how many streams it takes, ``seconds`` at most. Raises NoLine.

        ``table`` are the bytes of our own table for header fields, for a server that cannot do without one.
        """
        until = time.monotonic() + seconds
        self._wire = Secured(url, context, seconds)
        self._inbox, self._letters = bytearray(), bytearray()
        self._answers, self._table = Answers(table), table
        self._partial: dict[int, tuple[int, bytearray]] = {}
        self._unended: Frame | None = None
        self._next, self._window, self._streams, self._server_table = 1, WINDOW, -1, frames.TABLE
        self._pongs = 0
        self.flying: dict[int, tuple[Push, float]] = {}
        self.unsent: list[Push] = []
        self.leaving, self.lost, self.unreadable, self.refused = False, "", False, False
        self.heard_at = time.monotonic()
        try:
            self._begin(until)
        except BaseException:
            self._wire.close()
            raise
        self._requests = Requests(self._wire.authority, topic, self._server_table)

    @property
    def room(self) -> int:
        """How many pushes it takes at this moment."""
        return 0 if self.leaving or self.lost else max(0, min(self._streams - len(self.flying), self._window // len(BODY)))

    @property
    def over(self) -> bool:
        return bool(self.lost) or (self.leaving and not self.flying)

    def post(self, push: Push, expiration: int) -> None:
        """Into the next packet, which `pump` sends. Only where there is room."""
        stream = self._next
        block = self._requests.block("/3/device/" + push.token, expiration, push.apns_id)
        self._letters += frames.frame(frames.HEADERS, frames.END_HEADERS, stream, block)
        self._letters += frames.frame(frames.DATA, frames.END_STREAM, stream, BODY)
        self._next += 2
        self._window -= len(BODY)
        self.leaving = self.leaving or self._next > LAST_STREAM
        self.flying[stream] = push, time.monotonic()

    def pump(self, seconds: float) -> list[Answer]:
        """Send what was posted and wait up to ``seconds`` for answers. An end of the line stands in ``lost``."""
        answers: list[Answer] = []
        lost = ""
        try:
            self._flush()
            self._wire.receive(self._inbox, seconds)
        except NoLine as error:
            lost, self.refused = str(error), isinstance(error, Refused)
        try:
            for one in frames.frames(self._inbox):
                self.heard_at = time.monotonic()
                self._take(one, answers)
            self._flush()
        except (Broken, NoLine) as error:
            lost = lost or str(error)
            self.unreadable = isinstance(error, Unreadable)
        moment = time.monotonic()
        if not lost and self.flying and moment - next(iter(self.flying.values()))[1] > STREAM_SECONDS:
            lost = f"no answer for {STREAM_SECONDS:.0f} seconds"
        self.lost = self.lost or lost
        return answers

    def ping(self) -> bool:
        """Whether the other side is still there."""
        wanted, until = self._pongs + 1, time.monotonic() + PONG_SECONDS
        self._letters += frames.frame(frames.PING, 0, 0, bytes(8))
        while not self.over and self._pongs < wanted and (left := until - time.monotonic()) > 0:
            self.pump(left)
        return not self.over and self._pongs >= wanted

    def forget(self) -> None:
        """Take back everything that has no answer: whoever asked is gone."""
        for stream in self.flying:
            self._letters += frames.frame(frames.RST_STREAM, 0, stream, frames.CANCEL.to_bytes(4))
        self.flying.clear()
        self._partial.clear()

    def close(self) -> None:
        if not self.lost:
            self._letters += frames.frame(frames.GOAWAY, 0, 0, bytes(4) + frames.NO_ERROR.to_bytes(4))
            with suppress(NoLine):
                self._flush()
        self.lost = self.lost or "closed"
        self._wire.close()

    def _begin(self, until: float) -> None:
        if not self._wire.speaks_http2:
            raise NoLine("the server does not speak HTTP/2")
        self._letters += frames.PREFACE + frames.settings(header_table_size=self._table, enable_push=0)
        while self._streams < 0:
            if (left := until - time.monotonic()) <= 0:
                raise NoLine("the server did not say how many streams it takes")
            self.pump(left)
            if self.over:
                raise (Refused if self.refused else NoLine)(self.lost or "the server took leave at once")

    def _flush(self) -> None:
        self._wire.send(self._letters)
        self._letters.clear()

    # ---- what comes in

    def _take(self, one: Frame, answers: list[Answer]) -> None:
        if self._unended is not None and (one.kind != frames.CONTINUATION or one.stream != self._unended.stream):
            raise Broken("a header block that does not go on")
        if one.kind == frames.HEADERS:
            self._head(frames.unpadded(one), answers)
        elif one.kind == frames.CONTINUATION and self._unended is not None:
            before = self._unended
            self._head(before._replace(flags=before.flags | one.flags, content=before.content + one.content), answers)
        elif one.kind == frames.DATA:
            self._data(one, answers)
        else:
            self._control(one, answers)

    def _head(self, one: Frame, answers: list[Answer]) -> None:
        if len(one.content) > frames.LONGEST_FRAME:
            raise Broken("a header block that does not end")
        self._unended = None if one.flags & frames.END_HEADERS else one
        if self._unended:
            return
        if (status := self._answers.status(one.content)) >= 200 and one.stream in self.flying:
            self._partial[one.stream] = status, bytearray()
        if one.flags & frames.END_STREAM:
            self._end(answers, one.stream)

    def _data(self, one: Frame, answers: list[Answer]) -> None:
        if one.content:
            self._letters += frames.frame(frames.WINDOW_UPDATE, 0, 0, len(one.content).to_bytes(4))
        _, body = self._partial.get(one.stream, (0, bytearray()))
        body += frames.unpadded(one).content[: LONGEST_ANSWER - len(body)]
        if one.flags & frames.END_STREAM:
            self._end(answers, one.stream)

    def _end(self, answers: list[Answer], stream: int) -> None:
        status, body = self._partial.pop(stream, (0, bytearray()))
        self._finish(answers, stream, status, bytes(body), "" if status else "an answer without a status")

    def _finish(self, answers: list[Answer], stream: int, status: int, body: bytes = b"", error: str = "") -> None:
        if flown := self.flying.pop(stream, None):
            answers.append(Answer(flown[0], status, body, error))

    def _control(self, one: Frame, answers: list[Answer]) -> None:
        if one.kind == frames.SETTINGS and not one.flags & frames.ACK:
            self._obey(frames.read_settings(one.content))
        elif one.kind == frames.PING and one.flags & frames.ACK:
            self._pongs += 1
        elif one.kind == frames.PING:
            self._letters += frames.frame(frames.PING, frames.ACK, 0, one.content)
        elif one.kind == frames.WINDOW_UPDATE and not one.stream:
            self._window += int.from_bytes(one.content[:4]) & LAST_STREAM
        elif one.kind == frames.RST_STREAM:
            self._reset(one.stream, int.from_bytes(one.content[:4]), answers)
        elif one.kind == frames.GOAWAY:
            self._goodbye(int.from_bytes(one.content[:4]) & LAST_STREAM)
        elif one.kind == frames.PUSH_PROMISE:
            raise Broken("a push that nobody asked for")

    def _obey(self, said: dict[int, int]) -> None:
        self._letters += frames.frame(frames.SETTINGS, frames.ACK, 0)
        first = self._streams < 0
        self._streams = said.get(frames.MAX_CONCURRENT_STREAMS, LAST_STREAM if first else self._streams)
        if said.get(frames.INITIAL_WINDOW_SIZE, WINDOW) < len(BODY):
            raise Broken("streams without room for a body")
        table = said.get(frames.HEADER_TABLE_SIZE, self._server_table)
        # In mid-connection our fields stand in it already; a new connection begins a new one.
        self.leaving = self.leaving or (not first and table < self._server_table)
        self._server_table = table

    def _reset(self, stream: int, code: int, answers: list[Answer]) -> None:
        self._partial.pop(stream, None)
        self._finish(answers, stream, 0, error=f"the stream was reset ({code})")

    def _goodbye(self, last: int) -> None:
        """What came up to ``last`` will be answered; the rest was not begun."""
        self.leaving = True
        for stream in [stream for stream in self.flying if stream > last]:
            self.unsent.append(self.flying.pop(stream)[0])
