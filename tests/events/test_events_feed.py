"""The feed as one who follows it sees it; on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event as listen
from sqlalchemy import text
from sqlmodel import col, select

from tests.cast import open_house
from tests.ledger.book import adjust, capture, earn, hold, redeem, release, undo
from walletpass import cards, checks, database, events
from walletpass.database import now
from walletpass.errors import Conflict, Gone, Malformed, NotFound
from walletpass.events import Event, Kind, happening


def tell(house, kind=Kind.POINTS_ADJUSTED, **what):
    with database.transaction() as session:
        events.happened(session, house.id, kind, **what)


def broken_off(house):
    with database.transaction() as session:
        events.happened(session, house.id, Kind.TIER_CHANGED, card_id=house.ana.id)
        raise Conflict("Not any more.")


def follow(program_id="luna", number=0, limit=100, kinds=()):
    """All that can be read from there, page by page."""
    found, more = [], True
    while more:
        with database.reading() as session:
            page = events.after(session, program_id, number, limit, kinds)
        found += page.events
        number, more = page.reached, page.more
    return found


def kinds(found):
    return [event.kind for event in found]


def test_every_deed_with_points_is_told_in_its_order(house):
    undone = earn(house, 10_000, "A1")
    held, spared = hold(house, 50, "B1"), hold(house, 20, "C1")
    capture(house, held, 40)
    release(house, spared)
    redeem(house, 10, "D1")
    adjust(house, 5)
    undo(house, undone)
    found = follow()
    assert kinds(found) == [
        "card.issued", "points.earned", "points.held", "points.held", "points.captured", "points.released", "points.redeemed",
        "points.adjusted", "points.reversed",
    ]  # fmt: skip
    assert [event.number for event in found] == list(range(1, 10))
    earned, captured, released, reversed_ = found[1], found[4], found[5], found[8]
    assert (earned.card_id, earned.check_id, earned.staff_id, earned.device_id, earned.source) == (
        house.ana.id,
        "A1",
        "bruno",
        "counter",
        "till",
    )
    assert earned.data == {"entry": undone.id, "type": "earn", "points": 1000}
    assert captured.data == {"entry": f"{house.ana.id}-4", "type": "redeem", "points": -40, "hold": held.id}
    assert (released.data["points"], released.data["hold"]) == (20, spared.id)
    assert reversed_.data["reverses"] == undone.id


def test_what_is_rolled_back_did_not_happen_and_leaves_no_gap(house):
    with pytest.raises(Conflict):
        broken_off(house)
    tell(house)
    assert [(event.number, event.kind) for event in follow()] == [(1, "card.issued"), (2, "points.adjusted")]


def test_cards_and_checks_are_told_as_well(house):
    with database.transaction() as session:
        checks.record(session, house.ana, "A1", 4_200, house.venue.id, now())
    with database.transaction() as session:
        checks.take_back(session, house.id, "A1")
        cards.void(session, cards.get(session, house.id, house.ana.id))
        cards.void(session, cards.get(session, house.id, house.ana.id))
    found = follow()[1:]
    assert kinds(found) == ["check.closed", "check.voided", "card.voided"]
    assert (found[0].check_id, found[0].venue_id, found[0].data) == ("A1", house.venue.id, {"amount": 4_200})


@pytest.mark.parametrize("value", ["Ana Petrenko", "+4915123456789", "ana@example.com", "Ана", "x" * 65, 1.5, ["a"], {"a": 1}])
def test_what_could_be_about_a_person_is_refused_and_the_deed_with_it(house, value):
    with pytest.raises((ValueError, TypeError)), database.transaction() as session:
        events.happened(session, house.id, Kind.GUEST_VERIFIED, data={"said": value})
    assert kinds(follow()) == ["card.issued"]


def test_a_kind_that_nobody_promised_is_refused(house):
    with pytest.raises(ValueError, match=r"points\.stolen"):
        tell(house, "points.stolen")


def test_nothing_of_a_guest_is_in_the_feed(house):
    earn(house)
    with database.reading() as session:
        said = str(session.execute(select(Event)).all()) + str([event.model_dump() for event in follow()])
    assert "Ana" not in said
    assert "49151" not in said


def test_programs_count_for_themselves(house):
    sova = open_house("sova")
    for one in (house, sova, house):
        tell(one)
    assert [event.number for event in follow("luna")] == [1, 2, 3]
    assert [event.number for event in follow("sova")] == [1, 2]
    assert {event.program_id for event in follow("sova")} == {"sova"}


def test_a_rare_kind_is_found_page_by_page(house, monkeypatch):
    monkeypatch.setattr("walletpass.events.feed.WINDOW", 4)
    for number in range(20):
        tell(house, Kind.TIER_CHANGED if number in (3, 17, 18) else Kind.POINTS_ADJUSTED, data={"n": number})
    assert [event.data["n"] for event in follow(limit=1, kinds=["tier.changed"])] == [3, 17, 18]
    assert [event.data["n"] for event in follow(limit=2, kinds=["tier.changed", "late.listed"])] == [3, 17, 18]
    with database.reading() as session:
        page = events.after(session, house.id, 0, 50, ["tier.changed"])
    assert (page.events, page.reached, page.more) == ([], 4, True)


def cursor(number):
    with database.reading() as session:
        return events.cursor(session, "luna", number)


def place(text_):
    with database.reading() as session:
        return events.place(session, "luna", text_)


def test_a_cursor_brings_back_to_its_place(house):
    tell(house)
    assert [place(cursor(number)) for number in (0, 1, 2)] == [0, 1, 2]
    assert place("") == 0


@pytest.mark.parametrize("garbage", ["x", "****", "0", "MQ", "ü", "LTEu", "MS4y/", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTku", "A" * 5000])
def test_a_cursor_that_is_none_is_refused_in_a_sentence(house, garbage):
    with pytest.raises(Malformed, match="not a cursor of this feed"):
        place(garbage)


def test_a_cursor_of_a_feed_that_was_restored_is_seen(house):
    """A backup is put back: the numbers it had not counted yet are given again, to other events."""
    tell(house)
    ahead = cursor(2)
    with database.transaction() as session:
        session.execute(text("DELETE FROM event WHERE number = 2"))
        session.execute(text("UPDATE event_count SET value = 1"))
    with pytest.raises(Gone, match="restored from a backup"):
        place(ahead)
    tell(house)
    with pytest.raises(Gone, match="restored from a backup"):
        place(ahead)


def test_what_is_old_is_forgotten_and_who_is_behind_is_told_so(house):
    behind = cursor(1)
    with time_machine.travel(now() + timedelta(days=10), tick=False):
        tell(house)
        tell(house)
    with time_machine.travel(now() + timedelta(days=15), tick=False), database.transaction() as session:
        assert events.forget(session, house.id, 7) == 1
        assert events.forget(session, house.id, 7) == 0
    assert place("") == 1
    assert [event.number for event in follow(number=place(""))] == [2, 3]
    assert place(behind) == 1, "it has read all that is gone"
    with database.reading() as session, pytest.raises(Gone, match="leave after out"):
        events.after(session, house.id, 0, 10)
    tell(house)
    assert follow(number=3)[0].number == 4


def test_everything_may_be_forgotten_and_the_count_goes_on(house):
    with time_machine.travel(now() + timedelta(days=15), tick=False), database.transaction() as session:
        assert events.forget(session, house.id, 7) == 1
    assert follow(number=1) == []
    tell(house)
    assert [event.number for event in follow(number=place(""))] == [2]


def test_an_event_is_found_by_its_id(house):
    tell(house, data={"n": 1})
    with database.reading() as session:
        (wanted,) = session.exec(select(Event).where(col(Event.number) == 2)).all()
        assert events.get(session, house.id, wanted.id).data == {"n": 1}
        for program_id, event_id in (("sova", wanted.id), (house.id, "none")):
            with pytest.raises(NotFound):
                events.get(session, program_id, event_id)


def overlapping(house):
    """Two tills: the first begins to commit, the second commits meanwhile if it can. What a reader who looks in between saw."""
    counted, go_on, second_done = threading.Event(), threading.Event(), threading.Event()
    with database.reading() as session:
        begun_at = events.last(session, house.id)

    def first():
        with database.transaction() as session:
            events.happened(session, house.id, Kind.TIER_CHANGED, data={"n": 1})
            database.before_commit(session, counted.set)
            database.before_commit(session, lambda: go_on.wait(30))

    def second():
        tell(house, Kind.TIER_CHANGED, data={"n": 2})
        second_done.set()

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(first)]
        assert counted.wait(30)
        running.append(pool.submit(second))
        second_done.wait(0.5)
        seen = follow(number=begun_at)
        reached = max([begun_at, *(event.number for event in seen)])
        go_on.set()
        for one in running:
            one.result(30)
    return [event.data["n"] for event in [*seen, *follow(number=reached)]]


def test_a_reader_between_two_commits_misses_nothing(house):
    assert overlapping(house) == [1, 2]


def test_numbers_of_a_plain_sequence_are_seen_to_lose_an_event(postgresql, monkeypatch):
    """The negative control: who counts without the lock lets the second till commit first, and a reader never comes back for the first."""
    house = open_house()
    with database.transaction() as session:
        session.execute(text("CREATE SEQUENCE IF NOT EXISTS plain START 100"))
        session.execute(text("ALTER SEQUENCE plain RESTART 100"))

    def unlocked(session, program_id, count):
        return session.execute(text("SELECT nextval('plain')")).scalar_one()

    monkeypatch.setattr(happening, "number", unlocked)
    monkeypatch.setattr("walletpass.events.feed.last", newest)
    assert overlapping(house) == [2]
    with database.transaction() as session:
        session.execute(text("DROP SEQUENCE plain"))


def newest(session, program_id):
    return session.execute(text("SELECT coalesce(max(number), 0) FROM event WHERE program_id = :id"), {"id": program_id}).scalar_one()


def test_twenty_tills_at_once_leave_no_gap_and_a_follower_sees_all_in_order(house, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 60)
    over = threading.Event()
    seen = []

    def read():
        number = 0
        while True:
            last_look = over.is_set()
            with database.reading() as session:
                page = events.after(session, house.id, number, 7)
            seen.extend(page.events)
            number = page.reached
            if last_look and not page.more:
                return

    with ThreadPoolExecutor(21) as pool:
        reader = pool.submit(read)
        list(pool.map(lambda n: [tell(house, data={"n": 10 * n + m}) for m in range(10)], range(20)))
        over.set()
        reader.result(60)
    assert [event.number for event in seen] == list(range(1, 202))
    assert sorted(event.data["n"] for event in seen[1:]) == list(range(200))


def test_events_are_written_after_everything_else_and_by_two_statements(house):
    """The lock that all tills of a restaurant wait for is held for the commit alone."""
    said = []

    @listen.listens_for(database.engine(), "before_cursor_execute")
    def note(_connection, _cursor, statement, _parameters, _context, _many):
        said.append(" ".join(statement.split())[:40].lower())

    try:
        with database.transaction() as session:
            for number in range(3):
                events.happened(session, house.id, Kind.TIER_CHANGED, data={"n": number})
            cards.show(session, cards.get(session, house.id, house.ana.id), points=7)
    finally:
        listen.remove(database.engine(), "before_cursor_execute", note)
    assert [line.split(" (")[0] for line in said[-2:]] == ["insert into event_count", "insert into event"]
    assert sum("event" in line for line in said) == 2
