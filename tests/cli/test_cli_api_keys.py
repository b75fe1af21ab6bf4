"""An operator makes, lists and revokes API keys, and sees what came late."""

from datetime import timedelta

from tests.api.till import post
from tests.cast import make_app
from walletpass import database, ledger, staff
from walletpass.database import now


def test_a_key_is_made_for_a_venue_listed_and_revoked(run, opened, luna):
    made = run(
        "programs",
        "api-key",
        "luna",
        "--label",
        "Booking",
        "--scope",
        "read",
        "--scope",
        "members",
        "--venue",
        "Luna am Park",
        "--days",
        "30",
    )
    key = made.output.strip()
    assert key.startswith("wp_luna_")
    with database.reading() as session:
        found = staff.actor_by_api_key(session, key)
    assert (found.scopes, found.venue_id) == ({"read", "members"}, luna.venue.id)
    listed = run("programs", "api-keys", "luna").output
    (line,) = [line for line in listed.splitlines() if "Booking" in line]
    assert "Luna am Park" in line
    assert "read,members" in line
    assert "never used" in line
    assert key not in listed
    assert run("programs", "api-key-revoke", "luna", line.split()[0]).output == f"Booking ({line.split()[0]}) is revoked.\n"
    with database.reading() as session:
        assert staff.actor_by_api_key(session, key) is None
    assert run("programs", "api-key-revoke", "luna", line.split()[0]).exception is not None


def test_a_key_without_scopes_of_its_own_corrects_nothing(run, opened, luna):
    key = run("programs", "api-key", "luna").output.strip()
    with database.reading() as session:
        assert staff.actor_by_api_key(session, key).scopes == set(staff.EVERYDAY)


def test_a_venue_or_a_scope_that_is_none_makes_no_key(run, opened, luna):
    assert "Luna am Park" in str(run("programs", "api-key", "luna", "--venue", "Elsewhere").exception)
    assert run("programs", "api-key", "luna", "--scope", "everything").exit_code == 2
    with database.reading() as session:
        assert len(staff.api_keys(session, "luna")) == 1


def test_what_came_late_is_listed(run, opened, luna):
    client, bearer = make_app().test_client(), {"Authorization": f"Bearer {luna.api_key}"}
    body = {"card": luna.ana.number, "amount": 1_000, "check_id": "A1"}
    assert post(client, "earn", {**body, "at": (now() - timedelta(days=3)).isoformat()}, bearer).status_code == 202
    said = run("ledger", "late", "luna").output
    with database.reading() as session:
        (deed,) = ledger.late_deeds(session, "luna")
    assert deed.id in said
    assert "earned meanwhile" not in said
    assert post(client, "earn", body, bearer).status_code == 200
    assert "earned meanwhile" in run("ledger", "late", "luna").output
    assert said.splitlines()[-1].startswith("1 wait.")
