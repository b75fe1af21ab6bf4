import socket
import threading
import uuid
from contextlib import suppress
from dataclasses import replace

import pytest

from walletpass.apple.apns import Client
from walletpass.apple.line import Push
from walletpass.sandbox.apnswire import tls_context

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def connect(identity):
    made = []

    def to(server, **options):
        made.append(Client(identity, server.url, server.ca_file, **options))
        return made[-1]

    yield to
    for client in made:
        client.close()


def pushes(count):
    return [Push(f"{number:064x}", str(uuid.UUID(int=number))) for number in range(count)]


def test_pushes_travel_over_one_connection_as_apple_wants_them(apns, connect):
    client = connect(apns)
    sent = pushes(300)
    results = [*client.send(sent[:200]), *client.send(sent[200:])]
    assert {result.status for result in results} == {200}
    assert {result.apns_id for result in results} == {push.apns_id for push in sent}
    assert len(apns.connections) == 1
    request = apns.requests[0]
    assert (request.method, request.version, request.body) == ("POST", "2", b"{}")
    assert request.headers["apns-topic"] == "pass.example.luna"
    assert request.headers["apns-push-type"] == "background"
    assert request.headers["apns-priority"] == "5"
    assert int(request.headers["apns-expiration"]) > 1_700_000_000


def test_an_answer_carries_its_reason_and_its_timestamp(apns, connect):
    gone, busy, odd = pushes(3)
    apns.answers = {
        gone.token: (410, {"reason": "Unregistered", "timestamp": 1_700_000_000_123}),
        busy.token: (503, {"reason": "ServiceUnavailable"}),
        odd.token: (500, ["?"]),
    }
    by_token = {result.token: result for result in connect(apns).send([gone, busy, odd])}
    assert (by_token[gone.token].status, by_token[gone.token].reason) == (410, "Unregistered")
    assert by_token[gone.token].timestamp == 1_700_000_000_123
    assert (by_token[busy.token].status, by_token[busy.token].reason) == (503, "ServiceUnavailable")
    assert (by_token[odd.token].status, by_token[odd.token].reason) == (500, "")


@pytest.mark.parametrize(("in_flight", "cut_after"), [(1, 60), (40, 60), (100, 200)])
def test_a_connection_cut_in_mid_batch_loses_nothing(start_apns, connect, in_flight, cut_after):
    server = start_apns(max_requests=cut_after)
    sent = pushes(4 * cut_after)
    results = list(connect(server, in_flight=in_flight).send(sent))
    assert sorted(result.apns_id for result in results) == sorted(push.apns_id for push in sent)
    assert {result.status for result in results} == {200}
    assert len(server.connections) >= 4


def test_what_dies_with_two_connections_is_reported_and_not_lost(start_apns, connect):
    server = start_apns(max_requests=1)
    sent = pushes(30)
    results = list(connect(server).send(sent))
    assert sorted(result.apns_id for result in results) == sorted(push.apns_id for push in sent)
    assert all(result.error for result in results if result.status == 0)


def test_a_server_that_is_not_there_is_given_up_soon(identity):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://127.0.0.1:{closed.getsockname()[1]}"
    client = Client(identity, url)
    results = list(client.send(pushes(500)))
    client.close()
    assert len(results) == 500
    assert all(result.status == 0 and result.error for result in results)


def test_the_next_batch_finds_a_server_that_came_back(start_apns, connect):
    server = start_apns()
    server.stop()
    client = connect(server)
    assert [result.status for result in client.send(pushes(1))] == [0]
    start_apns(again=server)
    assert [result.status for result in client.send(pushes(5))] == [200] * 5


def test_a_server_of_an_unknown_authority_gets_no_push(apns, identity):
    client = Client(identity, apns.url)
    (result,) = client.send(pushes(1))
    client.close()
    assert (result.status, apns.requests) == (0, [])


def test_a_silent_server_is_given_up_when_time_is_over(identity):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(identity, f"https://127.0.0.1:{silent.getsockname()[1]}")
        results = list(client.send(pushes(150), seconds=0.2))
        client.close()
    assert len(results) == 150
    assert all(result.status == 0 for result in results)


def test_a_caller_that_leaves_early_leaves_the_connection_in_order(apns, connect):
    client = connect(apns, in_flight=10)
    results = client.send(pushes(100))
    next(results)
    results.close()
    assert [result.status for result in client.send(pushes(20))] == [200] * 20


def test_the_certificate_of_a_stranger_is_not_let_in(apns, connect, identity, chain, luna):
    stranger = chain.authority("Elsewhere", "X")
    leaf = stranger.leaf(chain.subject(), chain.key)
    client = Client(replace(identity, certificate_pem=chain.pem(leaf)), apns.url, apns.ca_file)
    results = list(client.send(pushes(3)))
    client.close()
    assert [result.status for result in results] == [0, 0, 0]
    assert apns.requests == []


def doorkeeper(context):
    """A server that shakes hands, says why not, and goes; its port and how often somebody came."""
    listener, came = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        while True:
            try:
                visitor, _ = listener.accept()
            except OSError:
                return
            came.append(visitor)
            with suppress(OSError), context.wrap_socket(visitor, server_side=True) as known:
                known.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    return listener, came


def test_a_certificate_that_the_server_turns_away_is_said_so_and_not_tried_twice(start_wire, identity, chain, tmp_path):
    start_wire()  # for its files
    context = tls_context(*(str(tmp_path / name) for name in ("wire.pem", "wire.key", "root.pem", "wwdr.pem")))
    stranger = chain.authority("Elsewhere", "X").leaf(chain.subject(), chain.key)
    listener, came = doorkeeper(context)
    url = f"https://localhost:{listener.getsockname()[1]}"
    client = Client(replace(identity, certificate_pem=chain.pem(stranger)), url, str(tmp_path / "root.pem"))
    results = list(client.send(pushes(3)))
    client.close()
    listener.close()
    assert [(result.status, result.refused) for result in results] == [(0, True)] * 3
    assert "unknown ca" in results[0].error
    assert len(came) == 1
