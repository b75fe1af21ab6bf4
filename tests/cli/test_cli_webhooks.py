"""Webhooks at an operator's shell."""

import pytest

from tests.webhooks.conftest import change, follow, row, tell
from walletpass import webhooks


@pytest.fixture
def shell(luna, run, environ, sqlite):
    """A shell at the database of the restaurant."""
    environ["WALLETPASS_DATABASE_URL"] = sqlite.database_url
    return run


def test_nobody_is_told_anything_at_first(shell):
    done = shell("webhooks", "list")
    assert (done.exit_code, "/api/v1/webhooks" in done.output) == (0, True)


def test_a_paused_one_is_listed_with_its_reason_and_resumed(shell):
    webhook = follow("http://127.0.0.1:9/hook")
    tell(3)
    change(webhook, webhooks.pause, "503 no")
    listed = shell("webhooks", "list", "luna").output
    assert "paused" in listed
    assert "3 to tell" in listed
    assert "503 no" in listed
    assert "1 webhook is told again." in shell("webhooks", "resume", "luna").output
    assert row(webhook).state == "active"
    assert "0 webhooks are told again." in shell("webhooks", "resume", "luna").output
    assert "1 webhook is told again." in shell("webhooks", "resume", "luna", webhook.id).output


def test_a_restaurant_or_a_webhook_that_is_none_is_named(shell):
    for names in (("nowhere",), ("luna", "none")):
        done = shell("webhooks", "resume", *names)
        assert done.exit_code != 0 or done.exception is not None
