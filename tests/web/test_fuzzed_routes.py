"""Every address of the server, with anything in its place holders, forms and headers: an answer, never a breakdown."""

import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import make_app
from tests.tills import signed_in
from walletpass import config, database, staff
from walletpass.app import create_app
from walletpass.config import Settings

RULES = sorted(
    (rule.rule, method)
    for rule in create_app(config.use(Settings(secret_keys="1:" + "5e" * 32, database_url="sqlite://"))).url_map.iter_rules()
    for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
)
HOLDER = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
TEXT = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        ["luna", "luna-table", "pass.example.luna", "\x00", "\n", "\r\nX: y", "..", "%", "%00", ";=,", "x" * 3000, "\U0001f600", "-1", "ё"]
    ),
)
NAMES = st.sampled_from(["name", "phone", "consent", "language", "lang", "staff_id", "pin", "device", "device_id", "action", "csrf_token"])
VALUES = st.one_of(TEXT, st.sampled_from(["enrol", "unlock", "revoke", "yes", "{id}"]))
BODIES = st.one_of(
    st.none(),
    st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=2), max_size=6),
    st.binary(max_size=200),
)
KINDS = st.sampled_from(
    [
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "application/json",
        "text/plain; charset=x",
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept-Language": st.sampled_from(["uk", "ru;q=x", "*", ";", "en-" * 200]),
        "Authorization": st.sampled_from(["Bearer", "Bearer wp_luna_x", "Basic \xff", "ApplePass", "ApplePass x", "Bearer wp_\x01_x"]),
        "X-Walletpass-Program": st.sampled_from(["luna", "sova", "\xff", "a;b", ""]),
        "If-Modified-Since": st.sampled_from(["x", "Thu, 01 Jan 1970 00:00:00 GMT", "-1"]),
        "Idempotency-Key": st.sampled_from(["", "k", "\xff", "k" * 3000]),
        "Range": st.just("bytes=5-1"),
        "Cookie": st.sampled_from(["till_luna=\x01", "walletpass=x.y.z", "a" * 4000, "=;=;", "till_luna"]),
    },
)


@pytest.mark.parametrize("method", sorted({method for _, method in RULES}))
def test_no_request_breaks_the_server(fuzzed, method):
    clients, ids = fuzzed

    def tried(data, rule):
        path = HOLDER.sub(lambda match: quote(data.draw(st.one_of(TEXT, st.sampled_from(ids))), safe=""), rule)
        body = data.draw(BODIES) if method != "GET" else None
        kind = data.draw(KINDS) if isinstance(body, bytes) else ""
        query = data.draw(st.dictionaries(st.sampled_from(["lang", "passesUpdatedSince", "x"]), TEXT, max_size=2))
        request = {"query_string": query, "data": body, "headers": data.draw(HEADERS), **({"content_type": kind} if kind else {})}
        answer = data.draw(st.sampled_from(clients)).open(path, method=method, buffered=True, **request)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400 and answer.data:
            assert answer.is_json if path.startswith(("/api/", "/apple/")) else answer.mimetype == "text/html", path

    for rule in (rule for rule, its in RULES if its == method):
        many = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck), database=None)
        many(given(data=st.data(), rule=st.just(rule))(tried))()


@pytest.fixture
def fuzzed(house):
    """A stranger's browser and a manager's, and ids that are really there; on both databases."""
    app = make_app()
    with database.transaction() as session:
        link = staff.make_enrol_link(session, "luna")
    ids = [house.ana.link, house.ana.serial_number, house.bruno.id, link, "luna", "luna-table", "pass.example.luna"]
    return [app.test_client(), signed_in(app, house, "Clara")], ids


def test_every_route_is_tried():
    assert len(RULES) > 30
    rooms = {"j", "c", "t", "api", "apple", "google", "style", "artwork", "static"}
    assert {rule.partition("/")[2].partition("/")[0] for rule, _ in RULES} >= rooms
