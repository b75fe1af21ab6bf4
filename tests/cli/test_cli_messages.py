"""The operator hears that guests cannot be written to, from the doctor and from Prometheus."""

import pytest

from tests.cast import make_app, open_house
from tests.codes.phonebook import reachable
from tests.messages.post_office import Drawer, carry, gone, post
from walletpass import app as wiring
from walletpass import config, database

SILENT = "No SMS gateway is set: guests cannot recover cards by phone."


@pytest.mark.usefixtures("opened")
def test_the_doctor_says_that_there_is_no_sms_gateway(run):
    open_house()
    assert SILENT in run("doctor", WALLETPASS_SMS_URL="").output
    assert run("doctor").output == "Everything is sound.\n"


@pytest.mark.usefixtures("opened")
def test_the_doctor_misses_a_mail_server_when_there_is_mail(run, sqlite):
    post(open_house().program, to="ana@example.com")
    assert "No mail server is set" in run("doctor").output
    database.bind(sqlite.database_url)
    assert "mail server" not in run("doctor", WALLETPASS_SMTP_URL="smtp://m", WALLETPASS_MAIL_FROM="a@b.example").output


@pytest.mark.usefixtures("opened")
def test_the_doctor_and_the_server_refuse_a_gateway_that_nobody_knows(run):
    open_house()
    wrong = run("doctor", WALLETPASS_SMS_URL="bogus://secret:word@x/{to}")
    assert wrong.exit_code == 1
    assert "is no address that apprise knows" in wrong.output
    assert "secret" not in wrong.output


def metric(name, channel):
    page = make_app().test_client().get("/metrics").text
    return next(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(f'{name}{{channel="{channel}"}}'))


def test_prometheus_sees_what_waits_and_what_was_lost(house):
    assert metric("walletpass_messages_reachable", "sms") == 0
    with reachable():
        assert metric("walletpass_messages_reachable", "sms") == 1
        post(house.program)
        assert metric("walletpass_messages_waiting", "sms") == 1
        carry(Drawer(gone))
        assert (metric("walletpass_messages_waiting", "sms"), metric("walletpass_messages_dead", "sms")) == (0, 1)
        assert metric("walletpass_messages_dead", "email") == 0


def test_health_tells_of_lost_messages_and_of_nothing_that_was_never_set_up(house):
    client = make_app().test_client()
    assert not any("SMS" in sentence for sentence in client.get("/health").get_json()["warnings"])
    with reachable():
        post(house.program)
        carry(Drawer(gone))
    assert "One message by SMS was given up in the last day." in client.get("/health").get_json()["warnings"]


def test_a_process_carries_each_way_and_forgets_old_codes(luna):
    config.use(config.current())
    assert [type(one).__name__ for one in wiring.rounds()].count("Sender") == 2
    assert "Broom" in [type(one).__name__ for one in wiring.rounds()]
