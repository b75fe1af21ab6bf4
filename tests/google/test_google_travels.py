"""How changes of many cards reach Google: in time, in order, and each in the end; on both databases."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col
from structlog.testing import capture_logs

from tests.cast import House
from tests.google.town import OBJECTS, deliver, more_cards, most_at_once, name_of, rows, show, told
from walletpass import cards, database, google, guests
from walletpass.cards import Card
from walletpass.database import new_id, now
from walletpass.delivery import Outbox, State, Worker
from walletpass.google import account, channel, mirror, pace
from walletpass.google.client import VendorDown
from walletpass.google.marks import Mark

CAMPAIGN = 10_000
GAP = pace.GAP


@contextmanager
def working() -> Iterator[None]:
    """A worker process' delivery to Google."""
    worker = Worker([google.GoogleChannel()])
    with capture_logs():
        worker.start()
        try:
            yield
        finally:
            worker.stop()


def wait_for(true: Callable[[], Any], seconds: float = 30.0) -> float:
    """How long it took."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - begin


def balance(fake: Any, card: Card) -> int:
    return int(fake.resources[OBJECTS][name_of(card)]["loyaltyPoints"]["balance"]["int"])


def crowd(house: House, size: int) -> None:
    """Cards of a campaign, each with a change that waits."""
    moment = now()
    with database.transaction() as session:
        guest = guests.Guest(program_id=house.id, name="Crowd", phone="+4915123456700")
        session.add(guest)
        session.flush()
        held = [
            {
                "program_id": house.id, "id": new_id(), "guest_id": guest.id, "serial_number": f"{number:026}", "number": f"{number:08}",
                "token": f"{number:032}", "key_id": "1", "link": f"{number:022}", "state": "active", "version": 2, "tag": number + 100,
                "changed_at": moment, "created_at": moment, "shown": {"points": 1}, "wallets": ["google"],
            }
            for number in range(size)
        ]  # fmt: skip
        session.execute(insert(Card), held)
        row = {"program_id": house.id, "channel": "google", "version": 2, "state": "pending", "due_at": moment, "created_at": moment}
        more = {"owner": "", "attempts": 0, "reason": "", "bulk": True}
        session.execute(insert(Outbox), [{**row, **more, "id": new_id(), "card_id": card["id"]} for card in held])


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch, town: House) -> None:
    """As in production."""
    monkeypatch.setattr(pace, "GAP", GAP)


@pytest.mark.usefixtures("paced")
@pytest.mark.parametrize("at_a_till", [True, False])
def test_a_change_at_a_till_overtakes_a_campaign(town: House, fake: Any, at_a_till: bool) -> None:
    """As one of the campaign it would come last."""
    crowd(town, CAMPAIGN if at_a_till else 300)
    with working():
        wait_for(lambda: len(fake.calls) > 20)
        show(town.ana, points=500, bulk=not at_a_till)
        # What is in the hands of the lines already goes before it.
        others = len(fake.calls) + 2 * google.GoogleChannel.batch * google.GoogleChannel.lines
        wait_for(lambda: name_of(town.ana) in fake.resources[OBJECTS] or len(fake.calls) > others)
    assert (name_of(town.ana) in fake.resources[OBJECTS]) is at_a_till


@pytest.mark.usefixtures("paced")
def test_a_slow_answer_does_not_slow_the_pace(town: House, fake: Any) -> None:
    for card in more_cards(town, 25):
        show(card, points=3)
    fake.delay = 0.2
    with working():
        wait_for(lambda: len(fake.calls) == 26)
    times = [call.at for call in fake.calls]
    assert most_at_once(times, fake.delay) >= 3
    assert most_at_once(times, 1) <= 20


@pytest.mark.parametrize("looking", [True, False])
def test_two_writers_of_a_card_leave_no_older_state(town: House, fake: Any, monkeypatch: pytest.MonkeyPatch, looking: bool) -> None:
    """The first is late on its way, and the second has written a newer state: without a look afterwards the old one stays."""
    deliver(town.ana)
    show(town.ana, points=1)
    if not looking:
        monkeypatch.setattr(mirror, "_remember", lambda face, first, told, asked: keep(face, told))
    fake.during = lambda: (show(town.ana, points=2), deliver(town.ana))
    assert deliver(town.ana) == [None]
    assert balance(fake, town.ana) == (2 if looking else 1)


def keep(face: Any, told: Any) -> bool:
    with database.transaction() as session:
        its_row = (col(google.GoogleObject.program_id) == face.program_id, col(google.GoogleObject.card_id) == face.card_id)
        session.execute(update(google.GoogleObject).where(*its_row).values(pushed_hash=str(told.its_object), pushed_points=told.points))
    return True


def lose_the_phone(card: Card) -> Card:
    def work() -> Card:
        with database.transaction() as session:
            held = cards.get(session, card.program_id, card.id)
            left = cards.reissue(session, held)
            google.hand_over(session, held, left)
            return left

    return database.retrying(work)


def test_the_object_of_a_lost_phone_ends_and_the_card_gets_another(town: House, fake: Any) -> None:
    deliver(town.ana)
    left = lose_the_phone(town.ana)
    assert told(left).card_id == left.id
    show(town.ana, points=7)
    assert [row.card_id for row in rows(channel="google", state=State.PENDING)] == [left.id]
    assert deliver(left) == [None]
    ended = fake.resources[OBJECTS][name_of(town.ana)]
    assert ended["state"] != "ACTIVE"
    assert ended["loyaltyPoints"]["balance"]["int"] == 0
    with database.reading() as session:
        card = cards.get(session, town.id, town.ana.id)
    assert deliver(card) == [None]
    assert (balance(fake, card), fake.resources[OBJECTS][name_of(card)]["state"]) == (7, "ACTIVE")


def test_a_phone_that_is_lost_while_its_card_is_written_ends_all_the_same(town: House, fake: Any) -> None:
    """What the writer sends is heard after the end: it looks afterwards, and the end is sent again."""
    deliver(town.ana)
    show(town.ana, points=1)

    def lost() -> None:
        left = lose_the_phone(town.ana)
        assert deliver(left) == [None]
        with database.transaction() as session:
            session.execute(update(Outbox).values(state=State.DELIVERED))

    fake.during = lost
    assert deliver(town.ana) == [None]
    assert fake.resources[OBJECTS][name_of(town.ana)]["state"] == "ACTIVE", "the old state came last"
    (again,) = rows(channel="google", state=State.PENDING)
    with database.reading() as session:
        left = cards.get(session, town.id, again.card_id)
    assert left.serial_number == town.ana.serial_number
    deliver(left)
    assert fake.resources[OBJECTS][name_of(town.ana)]["state"] != "ACTIVE"


class PowerCut(BaseException):
    """Nothing after this happens."""


def cut_the_power(*_: Any) -> bool:
    raise PowerCut


def test_a_crash_between_write_and_note_is_found_even_when_the_points_are_back(
    town: House, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(town.ana, points=10)
    deliver(town.ana)
    with monkeypatch.context() as dark:
        dark.setattr(mirror, "_remember", cut_the_power)
        show(town.ana, points=20)
        with pytest.raises(PowerCut):
            deliver(town.ana)
    show(town.ana, points=10)
    assert balance(fake, town.ana) == 20
    assert deliver(town.ana) == [None]
    assert balance(fake, town.ana) == 10


def test_a_lost_answer_is_written_again(town: House, fake: Any) -> None:
    show(town.ana, points=10)
    deliver(town.ana)
    fake.lost.append(name_of(town.ana))
    show(town.ana, points=20)
    (failure,) = deliver(town.ana)
    assert not failure.permanent
    show(town.ana, points=10)
    assert deliver(town.ana) == [None]
    assert balance(fake, town.ana) == 10


def test_what_google_has_is_not_written_again(town: House, fake: Any) -> None:
    deliver(town.ana)
    calls = len(fake.calls)
    assert deliver(town.ana) == [None]
    assert len(fake.calls) == calls


def test_a_coat_comes_and_goes_without_a_trace(town: House, fake: Any) -> None:
    deliver(town.ana)
    bare = dict(fake.resources[OBJECTS][name_of(town.ana)])
    show(town.ana, coat="A17")
    deliver(town.ana)
    assert "A17" in [text["body"] for text in fake.resources[OBJECTS][name_of(town.ana)]["textModulesData"]]
    show(town.ana, coat=None)
    deliver(town.ana)
    assert fake.log[-1] == f"PUT {OBJECTS}/{name_of(town.ana)}"
    assert fake.resources[OBJECTS][name_of(town.ana)] == bare


def test_a_mark_of_an_older_version_is_replaced_without_a_notice(town: House, fake: Any) -> None:
    show(town.ana, points=7)
    deliver(town.ana)
    with database.transaction() as session:
        session.execute(update(google.GoogleObject).values(pushed_hash="f" * 64))
    assert deliver(town.ana) == [None]
    assert "notifyPreference" not in fake.calls[-1].body
    assert Mark.read(told(town.ana).pushed_hash) is not None
    assert "." in told(town.ana).pushed_hash


def test_while_tills_alone_keep_google_busy_a_campaign_goes_on(town: House, fake: Any) -> None:
    held = more_cards(town, 30)
    show(held[0], points=9, bulk=True)
    for card in held[1:]:
        show(card, points=9)
    worker, used = Worker([]), google.GoogleChannel()
    with capture_logs():
        for _ in range(10):
            worker.round(used)
    used.close()
    assert balance(fake, held[0]) == 9
    assert len(rows(state=State.PENDING)) == 11


def test_a_batch_fits_into_its_lease() -> None:
    assert channel.LAST_TURN + 13 < 60


@pytest.mark.usefixtures("paced")
def test_a_worker_that_ends_does_not_wait_for_far_turns(town: House, fake: Any) -> None:
    for card in more_cards(town, 20):
        show(card, points=3)
    worker = Worker([google.GoogleChannel()])
    with capture_logs():
        worker.start()
        wait_for(lambda: len(fake.calls) > 3)
        begin = time.monotonic()
        worker.stop()
    assert time.monotonic() - begin < 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("delivery-google")]
    assert {row.state for row in rows()} == {State.PENDING, State.DELIVERED}
    assert {row.attempts for row in rows(state=State.PENDING)} == {0}


def test_a_guest_who_asks_while_the_card_changes_gets_the_newest(town: House, fake: Any) -> None:
    with google.Client(account.load()) as client:
        fake.during = lambda: show(town.ana, points=77)
        face = mirror.bring_up_to_date(client, town.id, town.ana.id, asked=True)
    assert face.values["points"] == balance(fake, town.ana) == 77
    with database.reading() as session:
        assert cards.get(session, town.id, town.ana.id).wallets == ["google"]


def test_what_failed_at_the_button_is_written_again_by_the_worker(town: House, fake: Any) -> None:
    show(town.ana, points=5)
    Worker([]).round(google.GoogleChannel())
    assert [row.state for row in rows()] == [State.DELIVERED]
    with database.transaction() as session:
        session.execute(update(google.GoogleObject).values(pushed_hash=""))
    fake.next(503)
    with google.Client(account.load()) as client, pytest.raises(VendorDown):
        mirror.bring_up_to_date(client, town.id, town.ana.id, asked=True)
    assert [row.state for row in rows()] == [State.DELIVERED, State.PENDING]
