"""The wire under the pushes, by itself: what we say is read by a library, and nothing that comes back surprises us."""

import json
import socket
import ssl
import threading
import uuid

import hpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walletpass.apple import apns, frames, secured
from walletpass.apple.apns import Client
from walletpass.apple.frames import Answers, Broken, Requests
from walletpass.apple.line import Line, Push
from walletpass.apple.secured import NoLine
from walletpass.sandbox import apnswire
from walletpass.sandbox.apnswire import Reply, Weather

pytestmark = pytest.mark.filterwarnings("error")
NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TOKENS = st.text("0123456789abcdefABCDEF_-", min_size=1, max_size=255)


def pushes(count):
    return [Push(f"{number:064x}", str(uuid.UUID(int=number))) for number in range(count)]


@pytest.mark.parametrize("table", [0, 100, 2048, 4096, 65536])
@given(asked=st.lists(st.tuples(TOKENS, st.integers(0, 2**40), st.uuids()), min_size=1, max_size=8))
def test_a_library_reads_our_requests_whatever_table_it_keeps(table, asked):
    requests, reader = Requests("api.push.apple.com", "pass.example.luna", table), hpack.Decoder()
    reader.max_allowed_table_size = table
    for token, expiration, apns_id in asked:
        block = requests.block(f"/3/device/{token}", expiration, str(apns_id))
        assert reader.decode(block) == [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", "api.push.apple.com"),
            (":path", f"/3/device/{token}"),
            ("apns-topic", "pass.example.luna"),
            ("apns-push-type", "background"),
            ("apns-priority", "5"),
            ("content-type", "application/json"),
            ("apns-expiration", str(expiration)),
            ("apns-id", str(apns_id)),
        ]


@given(table=st.sampled_from([0, 4096]), asked=st.lists(st.tuples(st.integers(100, 599), st.uuids()), min_size=1, max_size=8))
def test_we_read_the_answers_of_a_library(table, asked):
    writer, answers = hpack.Encoder(), Answers(table)
    writer.header_table_size = table
    for status, apns_id in asked:
        assert answers.status(writer.encode([(":status", str(status)), ("apns-id", str(apns_id))])) == status


@given(
    st.lists(st.builds(frames.frame, st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=40))),
    st.data(),
)
def test_frames_come_whole_however_the_bytes_are_cut(sent, data):
    inbox, found = bytearray(), []
    stream = b"".join(sent)
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        inbox += stream[:cut]
        stream = stream[cut:]
        found += [frames.frame(one.kind, one.flags, one.stream, one.content) for one in frames.frames(inbox)]
    assert (found, inbox) == (sent, b"")


def test_a_frame_that_is_too_long_is_refused_before_it_has_come():
    with pytest.raises(Broken):
        list(frames.frames(bytearray(frames.HEAD.pack(1, 0, frames.DATA, 0, 1))))


class Script:
    """In place of TLS: says what it was told to say, whatever it is asked."""

    speaks_http2, authority = True, "localhost"
    said: tuple[bytes, ...] = ()

    def __init__(self, *_):
        self.left, self.sent = list(self.said), bytearray()

    def send(self, data=b""):
        self.sent += data

    def receive(self, into, seconds):
        if not self.left:
            raise NoLine("the server closed the connection")
        into += self.left.pop(0)

    def close(self):
        pass


@pytest.fixture
def scripted(monkeypatch):
    def start(*said):
        monkeypatch.setattr(Script, "said", said)
        monkeypatch.setattr("walletpass.apple.line.Secured", Script)
        return Line("https://localhost", NO_TRUST, "pass.example.luna")

    return start


HELLO = frames.frame(frames.SETTINGS, 0, 0, frames.SETTING.pack(frames.MAX_CONCURRENT_STREAMS, 10))
STREAMS = st.integers(0, 7)
ODD = st.builds(frames.frame, st.integers(0, 12), st.integers(0, 63), STREAMS, st.binary(max_size=30))


@settings(max_examples=400, deadline=None)
@given(said=st.lists(ODD | st.binary(max_size=30), max_size=12))
def test_whatever_the_server_says_each_push_ends_once(said):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Script, "said", (HELLO, *said))
        patch.setattr("walletpass.apple.line.Secured", Script)
        line = Line("https://localhost", NO_TRUST, "pass.example.luna")
        for push in pushes(3):
            line.post(push, 0)
        answers = []
        while not line.over:
            answers += line.pump(0)
    ended = [answer.push for answer in answers] + line.unsent + [push for push, _ in line.flying.values()]
    assert sorted(ended) == pushes(3)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (frames.frame(frames.PUSH_PROMISE, 4, 1, b"\0\0\0\2\x88"), "nobody asked"),
        (frames.frame(frames.HEADERS, 0, 1, b"\x88") + frames.frame(frames.DATA, 0, 1), "does not go on"),
        (frames.frame(frames.HEADERS, 0xC, 1, b"\x09\x88"), "padding"),
        (frames.frame(frames.HEADERS, 0x5, 1, b"\xbe"), "cannot be read"),
        (frames.frame(frames.HEADERS, 0, 1, bytes(9_000)) + frames.frame(frames.CONTINUATION, 0, 1, bytes(9_000)), "does not end"),
        (frames.frame(frames.SETTINGS, 0, 0, frames.SETTING.pack(frames.INITIAL_WINDOW_SIZE, 1)), "room for a body"),
    ],
)
def test_a_server_that_breaks_the_rules_is_left(scripted, said, words):
    line = scripted(HELLO, said)
    line.post(pushes(1)[0], 0)
    assert line.pump(0) == []
    assert words in line.lost


def test_no_more_goes_out_than_the_server_has_room_for(scripted):
    line = scripted(HELLO, frames.frame(frames.SETTINGS, 0, 0, frames.SETTING.pack(frames.MAX_CONCURRENT_STREAMS, 2)))
    assert line.room == 10
    line.pump(0)
    assert line.room == 2
    line.post(pushes(1)[0], 0)
    assert line.room == 1


def test_bytes_are_counted_until_the_server_gives_more(scripted):
    line = scripted(HELLO, frames.frame(frames.WINDOW_UPDATE, 0, 0, (6).to_bytes(4)))
    line._window = 2
    assert line.room == 1
    line.post(pushes(1)[0], 0)
    assert line.room == 0
    line.pump(0)
    assert line.room == 3


def test_a_smaller_table_in_mid_connection_ends_it_in_good_order(scripted):
    line = scripted(HELLO, frames.frame(frames.SETTINGS, 0, 0, frames.SETTING.pack(frames.HEADER_TABLE_SIZE, 0)))
    line.pump(0)
    assert (line.leaving, line.lost, line.room) == (True, "", 0)


def test_an_answer_in_pieces_with_trailers_is_one_answer(scripted):
    writer = hpack.Encoder()
    writer.header_table_size = 0
    block = writer.encode([(":status", "410"), ("apns-id", "x")])
    early, late = writer.encode([(":status", "103")]), writer.encode([("x-late", "1")])
    line = scripted(
        HELLO,
        frames.frame(frames.HEADERS, frames.END_HEADERS, 1, early)
        + frames.frame(frames.HEADERS, 0, 1, block[:3])
        + frames.frame(frames.CONTINUATION, frames.END_HEADERS, 1, block[3:])
        + frames.frame(frames.DATA, frames.PADDED, 1, b"\x02" + b'{"reason":' + bytes(2))
        + frames.frame(frames.DATA, 0, 1, b'"Gone"}')
        + frames.frame(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, 1, late),
    )
    line.post(pushes(1)[0], 0)
    (answer,) = line.pump(0)
    assert (answer.status, answer.body) == (410, b'{"reason":"Gone"}')


@pytest.fixture
def connect(identity):
    made = []

    def to(wire, **options):
        made.append(Client(identity, options.pop("url", wire.url), wire.ca_file, **options))
        return made[-1]

    yield to
    for client in made:
        client.close()


def test_a_server_that_takes_three_at_a_time_gets_three(start_wire, connect):
    wire = start_wire(weather=lambda number: Weather(streams=3, delay=0.002))
    assert [result.status for result in connect(wire).send(pushes(60))] == [200] * 60
    assert (wire.tally.most_open, wire.tally.impolite, len(wire.tally.connected)) == (3, 0, 1)


def test_what_was_not_begun_before_a_goodbye_is_sent_once_elsewhere(start_wire, connect):
    seen = []
    wire = start_wire(lambda request: seen.append(request.path) or Reply(200), lambda number: Weather(goaway_after=30 * (number == 1)))
    assert [result.status for result in connect(wire).send(pushes(200))] == [200] * 200
    assert len(seen) == len(set(seen)) == 200
    assert (wire.tally.goodbyes, len(wire.tally.connected)) == (1, 2)


def test_a_server_that_says_goodbye_to_everything_is_given_up(start_wire, connect, monkeypatch):
    """Nothing was begun, so all of it may be sent again: but not for ever."""
    monkeypatch.setattr(apnswire.Line, "_request", lambda line, stream: line._goodbye(0))
    wire = start_wire()
    results = list(connect(wire).send(pushes(20)))
    assert [result.status for result in results] == [0] * 20
    assert len(wire.tally.connected) == 2


def test_a_server_that_keeps_a_table_all_the_same_is_understood_on_the_next_connection(start_wire, connect, monkeypatch):
    flush = apnswire.Line._flush

    def with_a_table(line):
        if line._h2.encoder.header_table_size == 0:
            line._h2.encoder.header_table_size = 4096
        flush(line)

    monkeypatch.setattr(apnswire.Line, "_flush", with_a_table)
    wire = start_wire(lambda request: Reply(410, json.dumps({"reason": "Unregistered"}).encode()))
    results = list(connect(wire).send(pushes(40)))
    assert {(result.status, result.reason) for result in results} == {(410, "Unregistered")}
    assert len(results) == 40


class Firewall:
    """Lets bytes through until it has forgotten the connection; then they go nowhere, and nobody is told."""

    def __init__(self, port):
        self._inside, self._listener = port, socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self.forgotten = set()
        self._ends = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                outer, _ = self._listener.accept()
            except OSError:
                return
            inner = socket.create_connection(("127.0.0.1", self._inside))
            self._ends += [outer, inner]
            pair = len(self._ends)
            for source, target in ((outer, inner), (inner, outer)):
                threading.Thread(target=self._carry, args=(pair, source, target), daemon=True).start()

    def _carry(self, pair, source, target):
        try:
            while data := source.recv(65536):
                if pair not in self.forgotten:
                    target.sendall(data)
        except OSError:
            return

    def forget(self):
        self.forgotten = {len(self._ends)}

    def close(self):
        self._listener.close()
        for end in self._ends:
            end.close()


def test_a_connection_that_a_firewall_forgot_is_found_out_before_the_next_push(start_wire, connect, monkeypatch):
    monkeypatch.setattr("walletpass.apple.line.PONG_SECONDS", 0.1)
    wire = start_wire()
    firewall = Firewall(wire.port)
    client = connect(wire, url=firewall.url)
    assert [result.status for result in client.send(pushes(5))] == [200] * 5
    monkeypatch.setattr(apns, "DOUBTED_AFTER", 0.0)
    assert [result.status for result in client.send(pushes(5))] == [200] * 5
    assert len(wire.tally.connected) == 1
    firewall.forget()
    assert [result.status for result in client.send(pushes(5))] == [200] * 5
    assert (len(wire.tally.connected), wire.tally.requests) == (2, {1: 10, 2: 5})
    client.close()
    firewall.close()


def test_answers_on_streams_that_nobody_opened_are_not_kept(scripted):
    stray = b"".join(
        frames.frame(frames.HEADERS, frames.END_HEADERS, stream, b"\x88") + frames.frame(frames.DATA, 0, stream, b"x" * 100)
        for stream in range(9, 999, 2)
    )
    line = scripted(HELLO, stray)
    line.post(pushes(1)[0], 0)
    assert line.pump(0) == []
    assert not line._partial


def test_a_server_that_refuses_every_stream_is_not_asked_for_ever(start_wire, connect, monkeypatch):
    def refuse(line, stream):
        line._h2.reset_stream(stream, 7)
        line._flush()

    monkeypatch.setattr(apnswire.Line, "_request", refuse)
    wire = start_wire()
    results = list(connect(wire).send(pushes(20)))
    assert {result.error for result in results} == {"the stream was reset (7)"}
    assert len(results) == 20
    assert len(wire.tally.connected) == 1


def test_a_server_that_was_silent_is_not_met_again_on_the_same_line(start_wire, connect, monkeypatch):
    """Also where the time of a batch is shorter than the one that we give an answer."""
    monkeypatch.setattr(apns, "SILENCE", 0.05)
    wire = start_wire(weather=lambda number: Weather(delay=60 if number == 1 else 0))
    client = connect(wire)
    assert [result.status for result in client.send(pushes(3), seconds=1.2)] == [0, 0, 0]
    assert [result.status for result in client.send(pushes(3))] == [200] * 3
    assert len(wire.tally.connected) == 2


@pytest.mark.parametrize("body", [b"[" * 4_000, b'{"reason": "x\\u0000\\ud800y", "timestamp": "soon"}', b'{"reason": 5', b"\xff"])
def test_an_answer_with_an_odd_body_harms_nobody(start_wire, connect, body):
    wire = start_wire(lambda request: Reply(500, body))
    for result in connect(wire).send(pushes(2)):
        assert (result.status, result.timestamp) == (500, None)
        assert result.reason in ("", "xy", "5")


@pytest.mark.parametrize("status", ["0", "99", "1000", "100000000000", "-1"])
def test_a_status_that_is_none_ends_the_line(scripted, status):
    writer = hpack.Encoder()
    writer.header_table_size = 0
    block = writer.encode([(":status", status)])
    line = scripted(HELLO, frames.frame(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, 1, block))
    line.post(pushes(1)[0], 0)
    answers = line.pump(0)
    assert line.lost or answers[0].error


def test_a_server_that_reads_nothing_does_not_fill_our_memory(monkeypatch):
    monkeypatch.setattr(secured, "LONGEST_QUEUE", 1_000)
    wire = secured.Secured.__new__(secured.Secured)
    wire._tls, wire._out, wire._unsent = Quiet(), Quiet(), b"x" * 1_001
    with pytest.raises(NoLine, match="reads nothing"):
        wire.send(b"more")


class Quiet:
    pending = 0

    def write(self, data):
        pass
