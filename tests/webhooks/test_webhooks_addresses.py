"""Where a webhook cannot be made to lead, however its address is written and whatever DNS says."""

import socket
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.receiver import Receiver
from walletpass import config
from walletpass.errors import Malformed
from walletpass.webhooks import line
from walletpass.webhooks.addresses import NotThere, Target, allowed, resolve, target
from walletpass.webhooks.line import Line

INSIDE = [
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.168.1.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "2001:0:53aa::1", "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1",
    "2001:db8::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1", "::ffff:93.184.216.34"]


@pytest.fixture
def in_public(sqlite):
    """A service that guests reach over https, as in production."""
    return config.use(replace(sqlite, base_url="https://cards.example.com"))


@pytest.fixture
def dns(monkeypatch):
    """What the name means, answer after answer; the last one for ever."""
    asked = []

    def says(*answers):
        left = list(answers)

        def getaddrinfo(host, port, *_args, **_more):
            asked.append(host)
            answer = left.pop(0) if len(left) > 1 else left[0]
            return [
                (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
                for one in ([answer] if isinstance(answer, str) else answer)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return says


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_a_network_inside_is_called(address):
    assert not allowed(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_called(address):
    assert allowed(ip_address(address))
    assert not allowed(ip_address(address), local=True)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_called_that_the_registry_does_not_call_global(address):
    if allowed(address):
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        assert plain.is_global
        assert not plain.is_multicast


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_maps(address):
    assert allowed(IPv6Address(f"::ffff:{address}")) == allowed(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "pos.example.com", "//pos.example.com", "ftp://pos.example.com", "file:///etc/passwd", "javascript:alert(1)", "gopher://a.example:70/",
        "http://pos.example.com/", "https://pos.example.com:8443/", "https://pos.example.com:80/", "https://user@pos.example.com/",
        "https://user:pass@pos.example.com/", "https://pos.example.com/#part", "https://", "https:///x", "https://a b.example/",
        "https://pos.example.com\\@127.0.0.1/", "https://pos.example.com/\r\nX-Injected: 1", "https://pos.example.com/\x00",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/", "https://10.1.2.3/",
        "https://localhost/", "https://till.localhost/", "https://[fe80::1%25eth0]/", "https://pos..example.com/", "https://-pos.example.com/",
        "https://pos.example.com:99999/", "https://пос.example/", "https://pos.example.com/" + "x" * 500, "https://[::1", "http://127.0.0.1:8000/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_server_on_the_internet_is_refused_in_a_sentence(in_public, url):
    with pytest.raises(Malformed) as refused:
        target(url)
    assert refused.value.message.endswith(".")


def test_an_address_is_taken_apart(in_public):
    assert target("https://POS.example.com/hook?a=1&b=%20") == Target("https", "pos.example.com", 443, "/hook?a=1&b=%20", local=False)
    assert target("https://pos.example.com").path == "/"
    assert target("https://pos.example.com:443/x").host_header == "pos.example.com"
    assert target("https://[2606:4700:4700::1111]/").host_header == "[2606:4700:4700::1111]"


def test_a_service_for_this_machine_alone_may_tell_this_machine(sqlite):
    assert target("http://127.0.0.1:8123/x") == Target("http", "127.0.0.1", 8123, "/x", local=True)
    assert target("http://localhost:8123/").host_header == "localhost:8123"
    with pytest.raises(Malformed):
        target("http://192.168.1.5:8123/")


@pytest.mark.parametrize("name", ["0x7f.1", "2130706433", "017700000001", "127.1"])
def test_numbers_written_oddly_are_judged_by_what_they_mean(in_public, name):
    """The resolver of this machine reads them as 127.0.0.1."""
    with pytest.raises(NotThere, match="not public"):
        resolve(Target("https", name, 443, "/", local=False))


@pytest.mark.parametrize(
    "name", ["0x7f.1", "2130706433", "017700000001", "127.1", "0", "0x7f000001", "1.1", "127.0.0.1.", "pos.example.0x1"]
)
def test_numbers_written_oddly_are_refused_when_they_are_typed(in_public, name):
    with pytest.raises(Malformed, match=r"written oddly\."):
        target(f"https://{name}/")


def test_a_name_that_begins_with_a_number_is_a_name(in_public):
    assert target("https://1.2.3.4.example.com/").host == "1.2.3.4.example.com"
    assert target("https://0x7f.example/").host == "0x7f.example"


@pytest.mark.parametrize("answer", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1%eth0", ["1.1.1.1", "10.0.0.1"]])
def test_a_name_that_leads_inside_is_not_called(in_public, dns, answer):
    dns(answer)
    with Line(target("https://pos.example.com/")) as open_line:
        answered = open_line.post(b"{}", {})
    assert (answered.status, answered.taken) == (0, False)
    assert "not public" in answered.said


def test_a_name_for_this_machine_alone_cannot_lead_elsewhere(sqlite, dns):
    dns("93.184.216.34")
    with pytest.raises(NotThere):
        resolve(target("http://till.localhost:8000/"))


@pytest.fixture
def inside():
    """Something on this machine that nobody outside may reach."""
    made = Receiver()
    yield made
    made.close()


def by_name(where: Target, port: int) -> None:
    """The negative control: judge the name, then let the library look it up again."""
    resolve(where)
    with socket.create_connection((where.host, port), timeout=5) as connection:
        connection.sendall(b"GET /secret HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_name_that_changes_between_look_and_call_does_not_lead_inside(in_public, dns, inside, monkeypatch):
    """DNS rebinding: public when it is judged, this machine when it is called."""
    called, plain = [], socket.socket.connect

    def connect(self, address):
        called.append(address[0])
        if not ip_address(address[0]).is_loopback:
            raise ConnectionRefusedError("the tests have no internet")
        return plain(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    asked = dns("93.184.216.34", "127.0.0.1")
    with Line(target("https://pos.example.com/")) as open_line:
        assert open_line.post(b"{}", {}).status == 0
        assert (asked, called) == (["pos.example.com"], ["93.184.216.34"]), "looked up once, and just that was called"
        assert "not public" in open_line.post(b"{}", {}).said, "the next connection is judged anew"
    assert called == ["93.184.216.34"]
    assert inside.connections == 0


def test_who_judges_the_name_and_calls_it_is_led_inside(in_public, dns, inside):
    dns("93.184.216.34", "127.0.0.1")
    by_name(target("https://pos.example.com/"), inside.server_port)
    inside.wait_for(lambda: inside.connections == 1)


def test_a_broken_connection_is_not_opened_again_by_name(sqlite, inside, monkeypatch):
    """http.client would, by itself: `auto_open`."""
    inside.behave = hang_up_after_answer
    looked = []
    monkeypatch.setattr(line, "resolve", lambda where: looked.append(where.host) or [IPv4Address("127.0.0.1")])
    with Line(target(inside.url)) as open_line:
        assert [open_line.post(b"{}", {}).status for _ in range(3)] == [200, 200, 200]
    assert looked == ["127.0.0.1"] * 3


def hang_up_after_answer(ear, _number):
    ear.send_response(200)
    ear.send_header("Content-Length", "0")
    ear.send_header("Connection", "close")
    ear.end_headers()
    return True
