"""Entries are only added to; whoever gets past that is found."""

import importlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from tests.ledger.book import adjust, balance, earn, faults, redeem, undo
from walletpass import database, ledger
from walletpass.errors import NotFound


@pytest.fixture
def lived(house):
    """A house with a history: 1,000 earned, 300 spent, given back, 400 spent."""
    earn(house)
    undo(house, redeem(house, 300))
    redeem(house, 400, "B2")
    adjust(house, 25)
    return house


def run(sql, **values):
    with database.transaction() as session:
        session.execute(text(sql), values)


def without_guards(sql):
    """Somebody with the database's own keys takes the triggers off first."""
    with database.transaction() as session:
        of = " ON entry" if session.get_bind().dialect.name == "postgresql" else ""
        for name in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER entry_no_{name}{of}"))
        session.execute(text(sql))


@pytest.fixture
def guards_again(lived):
    """The next test finds the triggers where they were."""
    yield
    with database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            for name in ("update", "delete"):
                session.execute(
                    text(f"CREATE OR REPLACE TRIGGER entry_no_{name} BEFORE {name} ON entry FOR EACH ROW EXECUTE FUNCTION entry_guard()")
                )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET delta = delta + 1",
        "UPDATE entry SET reason = 'nicer' WHERE seq = 2",
        "UPDATE entry SET seq = 99 WHERE seq = 1",
        "DELETE FROM entry",
        "DELETE FROM entry WHERE seq = 5",
    ],
)
def test_raw_sql_changes_no_entry(lived, sql):
    with pytest.raises(DatabaseError, match="entries are only added to"):
        run(sql)
    assert faults(lived) == []
    assert balance(lived).points == 625


def test_a_sound_history_verifies(lived):
    assert faults(lived) == []


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE entry SET delta = delta + 1 WHERE seq = 1", "entry 1 does not follow"),
        ("UPDATE entry SET check_id = 'A2' WHERE seq = 1", "entry 1 does not follow"),
        ("UPDATE entry SET staff_id = 'clara' WHERE seq = 4", "entry 4 does not follow"),
        ("UPDATE entry SET base = base + 1 WHERE seq = 4", "entry 4 does not follow"),
        ("UPDATE entry SET previous = '' WHERE seq = 3", "entry 3 does not follow"),
        ("DELETE FROM entry WHERE seq = 4", "entry 5 does not follow"),
    ],
)
@pytest.mark.usefixtures("guards_again")
def test_a_changed_entry_is_found(lived, sql, sentence):
    if "DELETE" in sql:
        run("DELETE FROM earned_check")
        run("DELETE FROM payment")
    without_guards(sql)
    assert any(sentence in fault for fault in faults(lived))


@pytest.mark.usefixtures("guards_again")
def test_a_last_entry_that_is_gone_is_found(lived):
    run("DELETE FROM lot WHERE seq = 5")
    without_guards("DELETE FROM entry WHERE seq = 5")
    assert any("stands at entry 5, the last one found is 4" in fault for fault in faults(lived))


@pytest.mark.usefixtures("guards_again")
def test_a_reason_may_be_removed_with_the_person_it_names(lived):
    without_guards("UPDATE entry SET reason = ''")
    assert faults(lived) == []


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE account SET available = available + 1", "626 available"),
        ("UPDATE lot SET remaining = remaining - 1 WHERE seq = 1", "lots less debt to 624"),
        ("UPDATE account SET head = 'x'", "the account stands at entry"),
    ],
)
def test_a_cache_that_lies_is_found(lived, sql, sentence):
    run(sql)
    assert any(sentence in fault for fault in faults(lived))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE account SET available = -1",
        "UPDATE account SET debt = -1",
        "UPDATE account SET held = -1",
        "UPDATE account SET pending = -1",
        "UPDATE account SET debt = 1",
        "UPDATE lot SET remaining = -1 WHERE seq = 1",
        "UPDATE lot SET remaining = amount + 1 WHERE seq = 1",
        "UPDATE lot SET held = remaining + 1 WHERE seq = 1",
        "UPDATE lot SET state = 'lost' WHERE seq = 1",
        "UPDATE allocation SET amount = 0",
        "UPDATE program SET point_value = 0",
        "UPDATE program SET cap_percent = 101",
        "UPDATE program SET debt_limit = -1",
        "DELETE FROM account",
        "DELETE FROM lot WHERE seq = 1",
        "DELETE FROM card",
        "DELETE FROM guest",
        "DELETE FROM program",
        "UPDATE account SET card_id = 'nobody'",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(lived, sql):
    with pytest.raises(IntegrityError):
        run(sql)
    assert faults(lived) == []


def test_an_entry_of_an_unknown_kind_or_a_reversal_of_more_than_there_was_is_refused(lived):
    columns = "program_id, card_id, seq, type, delta, contra, check_id, base, reverses, source, venue_id, staff_id, device_id, key, reason, event_at, recorded_at, previous, hash"
    copied = columns.replace("seq, type", "99, {type}").replace("reverses", "{reverses}").replace("contra", "{contra}")
    for changes in ({"type": "'magic'"}, {"contra": "'nowhere'"}, {"reverses": "2"}, {"reverses": "77"}):
        values = copied.format(**{"type": "type", "contra": "contra", "reverses": "NULL", **changes})
        with pytest.raises(IntegrityError):
            run(f"INSERT INTO entry ({columns}) SELECT {values} FROM entry WHERE seq = 1")  # noqa: S608 (words of this file)


def test_an_entry_is_found_by_its_name_in_its_own_restaurant(lived):
    with database.reading() as session:
        assert ledger.entry(session, lived.id, f"{lived.ana.id}-2").delta == -300
        for name in ("", "-", f"{lived.ana.id}-6", f"{lived.ana.id}-2 ", f"{lived.ana.id}-²", "x-1"):
            with pytest.raises(NotFound):
                ledger.entry(session, lived.id, name)
        with pytest.raises(NotFound):
            ledger.entry(session, "sova", f"{lived.ana.id}-2")


def test_the_newest_entries_come_first_and_say_what_was_undone(lived):
    with database.reading() as session:
        found = [(entry.seq, undone) for entry, undone in ledger.recent(session, lived.id, lived.ana.id, limit=4)]
    assert found == [(5, False), (4, False), (3, False), (2, True)]


def test_a_statement_says_lot_by_lot_what_came_and_went(lived):
    with database.reading() as session:
        told = ledger.statement(session, lived.id, lived.ana.id)
    assert told.balance.points == 625
    earned, corrected = told.lots
    assert [(entry.type, points) for entry, points in earned.moves] == [("redeem", -300), ("redeem_reversal", 300), ("redeem", -400)]
    assert (earned.lot.remaining, earned.settled, corrected.lot.remaining, corrected.moves) == (600, 0, 25, ())
    for one in told.lots:
        assert one.lot.amount + sum(points for _, points in one.moves) - one.settled == one.lot.remaining
    assert sum(entry.delta for entry in told.entries) == 625


def test_a_reason_can_be_forgotten_and_nothing_else(lived):
    run("UPDATE entry SET reason = ''")
    assert faults(lived) == []
    with pytest.raises(DatabaseError):
        run("UPDATE entry SET reason = '', delta = delta + 1")


def test_the_database_and_we_write_the_same_text_of_an_entry(lived, monkeypatch):
    monkeypatch.setattr(importlib.import_module("walletpass.ledger.verify"), "_in_our_words", lambda *_: "it was looked at twice")
    assert faults(lived) == []
