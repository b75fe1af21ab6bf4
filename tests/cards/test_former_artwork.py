"""An address that Google was given leads to the same picture, whatever happens to the design meanwhile."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cards.design_folder import png, write_design
from walletpass import cards, config
from walletpass.cards.designs import reading
from walletpass.errors import NotFound

HERO = "images/plain/google_hero.png"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(reading, "_kept", {})
    monkeypatch.setattr(reading, "_former", {})
    before = config._current
    config.use(config.Settings(secret_keys="1:" + "ab" * 32, designs_dir=str(tmp_path)))
    yield write_design(tmp_path / "whole")
    config._current = before


def place(filename: str = "google_hero.png") -> tuple[str, str]:
    """Where the picture stands now: hash and name."""
    design = cards.load_design("whole")
    match = re.fullmatch(r"/artwork/([0-9a-f]{16})/(.+)", cards.stamped_path(design, design.palettes["plain"], filename, 3))
    assert match is not None
    return match[1], match[2]


def edit(folder: Path, colour: tuple[int, int, int]) -> None:
    """Another hero, seen at once."""
    (folder / HERO).write_bytes(png((1032, 336), colour))
    seconds = 1_700_000_000 + colour[0]
    os.utime(folder / HERO, (seconds, seconds))
    reading.look_again("whole")


def test_the_old_picture_stays_where_it_was_when_a_design_is_edited(folder: Path) -> None:
    old = place()
    drawn = cards.artwork(*old)
    edit(folder, (1, 2, 3))
    new = place()
    assert new != old
    assert cards.artwork(*old) == drawn
    assert cards.artwork(*new) != drawn


def test_only_the_last_few_are_kept(folder: Path) -> None:
    places = [place()]
    for number in range(4):
        edit(folder, (number, 2, 3))
        places.append(place())
    with pytest.raises(NotFound):
        cards.artwork(*places[0])
    for each in places[1:]:
        assert cards.artwork(*each)


def test_an_address_that_another_server_gave_is_known_before_our_next_look(folder: Path) -> None:
    seen = cards.load_design("whole")
    (folder / HERO).write_bytes(png((1032, 336), (9, 9, 9)))
    fresh = reading.read_design(folder).design
    assert fresh is not None
    assert cards.load_design("whole") is seen
    digest, name = cards.stamped_path(fresh, fresh.palettes["plain"], "google_hero.png", 3).removeprefix("/artwork/").split("/")
    assert cards.artwork(digest, name)


def test_a_stranger_gets_nothing(folder: Path) -> None:
    digest, name = place()
    with pytest.raises(NotFound):
        cards.artwork("0" * 16, name)
    with pytest.raises(NotFound):
        cards.artwork(digest, "icon.png")
