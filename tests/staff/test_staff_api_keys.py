"""Keys of other systems: for a purpose, for a venue, for a time; kept as a hash and taken away at once."""

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from sqlalchemy import text
from sqlmodel import select

from tests.cast import make_app, open_house
from walletpass import database, staff
from walletpass.database import now
from walletpass.errors import Malformed, NotFound
from walletpass.staff import EVERYDAY, SCOPES, ApiKey

# The file; the room's door shows the verb of that name.
ROOM = import_module("walletpass.staff.api_keys")


def make(house, label="POS", **more):
    with database.transaction() as session:
        return staff.make_api_key(session, house.id, label, **more)


def actor(key):
    with database.reading() as session:
        return staff.actor_by_api_key(session, key)


def row(house, label="POS"):
    with database.reading() as session:
        return next(one for one in staff.api_keys(session, house.id) if one.label == label)


def test_the_secret_is_kept_nowhere(house):
    secret = make(house).removeprefix(f"wp_{house.id}_")
    with database.reading() as session:
        kept = repr(session.execute(text("SELECT * FROM api_key")).all())
    assert secret not in kept
    assert len(secret) >= 43


def test_a_key_acts_for_its_venue_and_within_its_scopes(house):
    found = actor(make(house, scopes=["earn", "read"], venue_id=house.venue.id))
    assert (found.venue_id, found.scopes, found.source, found.staff_id) == (house.venue.id, {"earn", "read"}, "api", "")
    assert found.may("earn")
    assert found.may("look_up")
    for deed in ("redeem", "undo", "adjust", "manage", "redeem_unproved", "", "anything"):
        assert not found.may(deed), deed


def test_everyday_keys_correct_no_balances(house):
    assert set(SCOPES) - set(EVERYDAY) == {"adjust", "members", "coats"}
    assert not actor(house.api_key).may("adjust")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["read", "manage"]},
        {"venue_id": "0" * 26},
        {"label": "  "},
        {"label": "x" * 81},
    ],
)
def test_a_key_that_cannot_be_is_not_made(house, wrong):
    before = row(house, "Test POS")
    with pytest.raises(Malformed):
        make(house, **{"label": "POS", **wrong})
    with database.reading() as session:
        assert [one.id for one in staff.api_keys(session, house.id)] == [before.id]


def test_a_key_of_another_restaurant_s_venue_is_not_made(house):
    sova = open_house("sova")
    with pytest.raises(Malformed):
        make(house, venue_id=sova.venue.id)


def test_a_revoked_key_is_nobody_at_once_and_is_revoked_once(house):
    sova, key = open_house("sova"), make(house)
    with database.transaction() as session, pytest.raises(NotFound):
        staff.revoke_api_key(session, sova.id, row(house).id)
    assert actor(key) is not None
    with database.transaction() as session:
        staff.revoke_api_key(session, house.id, row(house).id)
    assert actor(key) is None
    with database.transaction() as session, pytest.raises(NotFound):
        staff.revoke_api_key(session, house.id, "")


def test_a_key_ends_when_it_was_said_to(house):
    key = make(house, expires_at=now() + timedelta(days=1))
    assert actor(key) is not None
    with time_machine.travel(now() + timedelta(days=1, seconds=1)):
        assert actor(key) is None


def test_that_it_was_used_is_noted_to_the_hour(house, monkeypatch):
    monkeypatch.setattr(ROOM, "_noted", {})
    client, headers = make_app().test_client(), {"Authorization": f"Bearer {make(house)}"}

    def use():
        assert client.post("/api/v1/guests/by-code", json={"code": house.ana.number}, headers=headers).status_code == 200
        return row(house).last_used_at

    assert row(house).last_used_at is None
    first = use()
    assert first is not None
    with time_machine.travel(now() + timedelta(minutes=59)):
        assert use() == first
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert use() > first


def test_a_busy_database_loses_the_note_and_not_the_request(luna, client, monkeypatch):
    monkeypatch.setattr(ROOM, "_noted", {})
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.01)
    with database.transaction():
        answer = client.post("/api/v1/guests/by-code", json={"code": luna.ana.number}, headers={"Authorization": f"Bearer {luna.api_key}"})
    assert answer.status_code == 200
    assert row(luna, "Test POS").last_used_at is None


def test_a_key_from_before_does_what_it_did(luna):
    """What the migration writes for a key that had no scopes."""
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO api_key (program_id, key_hash, label, created_at) SELECT program_id, 'old', 'Old', created_at FROM api_key LIMIT 1"
            )
        )
    with database.reading() as session:
        old = session.exec(select(ApiKey).where(ApiKey.label == "Old")).one()
    assert (old.scopes, old.venue_id) == (["read", "earn", "redeem", "refund"], "")
