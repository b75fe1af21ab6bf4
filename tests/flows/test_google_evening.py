"""A full house, and a Google that takes twenty requests in any second and not one more."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.evening import Evening, delivering, is_quiet, open_evening
from tests.payloads import Recorder
from walletpass import config
from walletpass.config import Settings
from walletpass.google import pace

GUESTS = 120


@pytest.fixture
def evening(db: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    """On both databases. How the guests got their cards is not what is timed."""
    designs = shutil.copytree(Settings.designs_dir, tmp_path / "designs", ignore=shutil.ignore_patterns("artwork", "*.py"))
    config.use(replace(config.current(), designs_dir=str(designs)))
    with monkeypatch.context() as hurry:
        hurry.setattr(pace, "GAP", 1)
        opened = open_evening(tmp_path, GUESTS)
        found = opened.__enter__()
    yield found
    opened.__exit__(None, None, None)


def test_five_hundred_earns_in_five_seconds_reach_a_strict_google_in_their_last_state(evening: Evening, payloads: Recorder) -> None:
    evening.google.turn(google_rate="strict")
    evening.google.forget()
    with delivering() as channel:
        sums, took = evening.busy(500, 5.0)
        channel.until(is_quiet)
    counted = evening.google.counted()
    print(counted, took)
    assert (counted["most_in_a_second"] <= 20, counted["refused"], counted["wrong"]) == (True, 0, [])
    assert evening.shown() == sums
