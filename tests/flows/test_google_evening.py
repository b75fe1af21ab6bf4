"""A full house, and a Google that takes twenty requests in any second and not one more."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.evening import Evening, Told, delivering, is_quiet, open_evening, states
from tests.payloads import Recorder
from walletpass import cards, config
from walletpass.config import Settings
from walletpass.delivery import State
from walletpass.google import pace, rootkeys

GUESTS = 120


@pytest.fixture
def evening(db: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    """On both databases. How the guests came by their cards is not what is timed."""
    yield from begun(tmp_path, monkeypatch, GUESTS)


@pytest.fixture
def small_evening(sqlite: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    yield from begun(tmp_path, monkeypatch, 24)


def begun(folder: Path, monkeypatch: pytest.MonkeyPatch, guests: int) -> Iterator[Evening]:
    designs = shutil.copytree(Settings.designs_dir, folder / "designs", ignore=shutil.ignore_patterns("artwork", "*.py"))
    config.use(replace(config.current(), designs_dir=str(designs)))
    monkeypatch.setattr(rootkeys, "roots", rootkeys.RootKeys())
    as_ever = pace.GAP
    monkeypatch.setattr(pace, "GAP", 1)
    with open_evening(folder, guests) as evening:
        monkeypatch.setattr(pace, "GAP", as_ever)
        evening.google.turn(google_rate="strict")
        evening.google.forget()
        yield evening


def test_five_hundred_earns_in_five_seconds_reach_a_strict_google_in_their_last_state(evening: Evening, payloads: Recorder) -> None:
    with delivering() as channel:
        sums, took = evening.busy(500, 5.0)
        channel.until(is_quiet)
    counted = evening.google.counted()
    assert (counted["most_in_a_second"] <= 20, counted["refused"], counted["wrong"]) == (True, 0, []), counted
    # Some 250; a busy machine earns slower, and has more states to tell.
    assert GUESTS <= counted["total"] < 400, f"not coalesced, in {took:.1f} s of earning"
    assert evening.shown() == sums
    # A try that came too late for its turn gives way to the next state of its card.
    assert states().keys() <= {State.DELIVERED, State.SUPERSEDED}
    assert len(payloads.sent) >= counted["total"]


@pytest.mark.parametrize("at_a_till", [True, False])
def test_a_guest_at_a_till_does_not_wait_for_a_campaign(evening: Evening, at_a_till: bool) -> None:
    """As one of the campaign the last of its cards would come last."""
    last = max(evening.guests, key=lambda card: card.id)
    evening.rename_points("Coins")
    assert sum(cards.publish_design(evening.house.id)) > GUESTS
    with delivering() as channel:
        channel.until(lambda: evening.called("Coins") >= 5)
        evening.earn(last, 50, "T1", bulk=not at_a_till)
        channel.until(lambda: evening.shown()[evening.name(last)] == 50)
        assert (evening.called("Coins") < GUESTS / 2) is at_a_till
    counted = evening.google.counted()
    assert (counted["most_in_a_second"] <= 20, counted["refused"], counted["wrong"]) == (True, 0, []), counted


def test_without_turns_a_strict_google_refuses_some(small_evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-four lines that are ready at the same time."""
    ready = threading.Barrier(len(small_evening.guests))

    def all_together(*_: object, **__: object) -> None:
        with suppress(threading.BrokenBarrierError):
            ready.wait(20)

    monkeypatch.setattr(pace, "turn", all_together)
    monkeypatch.setattr(Told, "lines", ready.parties)
    monkeypatch.setattr(Told, "batch", 1)
    for card in small_evening.guests:
        small_evening.earn(card, 7, card.id)
    with delivering() as channel:
        channel.until(small_evening.google.refused)
        ready.abort()
    assert small_evening.google.counted()["most_in_a_second"] > 20
