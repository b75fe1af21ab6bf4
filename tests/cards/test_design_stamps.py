"""A stamp card's strip shows n of m, the last place being the reward, at an address that any server can answer for."""

import hashlib
import io
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.cards.design_folder import BACKGROUND, STAMP_COLOURS, write_design
from walletpass import cards, config
from walletpass.cards import Design, Palette
from walletpass.cards.designs import Stamps, stamped, stamps
from walletpass.config import Settings
from walletpass.errors import NotFound

PATH = re.compile(r"/artwork/([0-9a-f]{16})/(.+)")


@pytest.fixture
def design(tmp_path: Path) -> Design:
    write_design(tmp_path / "whole")
    config.use(Settings(secret_keys="1:" + "ab" * 32, designs_dir=str(tmp_path)))
    return cards.load_design("whole")


@pytest.fixture
def palette(design: Design) -> Palette:
    return design.palettes["plain"]


def rules(design: Design) -> Stamps:
    assert design.stamps is not None
    return design.stamps


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def middles(design: Design, count: int, name: str, scale: float) -> list[str]:
    """The kinds of stamps seen at the middle of each place."""
    its = rules(design)
    image = opened(stamped(design.palettes["plain"], its, name, count)).convert("RGB")
    kinds = {colour: kind for kind, colour in STAMP_COLOURS.items()}
    box = its.google_box if name == "google_hero.png" else its.box
    spots = stamps.places(its.total, box, its.rows)
    return [kinds[image.getpixel((int((left + side / 2) * scale), int((top + side / 2) * scale)))] for left, top, side in spots]  # type: ignore[index]


@pytest.mark.parametrize(("name", "scale"), [("strip.png", 1), ("strip@2x.png", 2), ("strip@3x.png", 3), ("google_hero.png", 336 / 144)])
@pytest.mark.parametrize("count", range(6))
def test_the_first_n_places_are_stamped_and_the_last_is_the_reward(design: Design, name: str, scale: float, count: int) -> None:
    wanted = ["stamp_on"] * min(count, 4) + ["stamp_off"] * (4 - min(count, 4)) + ["stamp_reward_on" if count == 5 else "stamp_reward"]
    assert middles(design, count, name, scale) == wanted


@pytest.mark.parametrize("name", sorted(stamps.STAMPED))
def test_the_picture_is_a_small_palette_png_of_the_strips_size(design: Design, palette: Palette, name: str) -> None:
    image = opened(stamped(palette, rules(design), name, 3))
    assert (image.format, image.mode) == ("PNG", "P")
    assert image.size == opened(palette.images[name]).size


def test_the_background_meets_the_card_without_a_seam(design: Design, palette: Palette) -> None:
    image = opened(stamped(palette, rules(design), "strip@3x.png", 2)).convert("RGB")
    corners = [(0, 0), (image.width - 1, 0), (0, image.height - 1), (image.width - 1, image.height - 1)]
    assert {image.getpixel(corner) for corner in corners} == {BACKGROUND}


def test_the_same_state_is_the_same_bytes_and_is_drawn_once(design: Design, palette: Palette, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stamped(palette, rules(design), "strip@2x.png", 2)
    with monkeypatch.context() as patched:
        patched.setattr(stamps, "quantised", None)
        assert stamped(palette, rules(design), "strip@2x.png", 2) is first
    stamped.cache_clear()
    assert stamped(palette, rules(design), "strip@2x.png", 2) == first
    assert stamped.cache_info().maxsize == 512


@pytest.mark.parametrize(("total", "rows"), [(1, 1), (1, 4), (7, 2), (10, 2), (12, 3), (40, 4), (40, 1)])
def test_all_places_stand_inside_the_box_and_apart(total: int, rows: int) -> None:
    box = (116.0, 2.0, 250.0, 124.0)
    found = list(stamps.places(total, box, rows))
    assert len(found) == total
    for left, top, side in found:
        assert left >= box[0] - 0.01
        assert left + side <= box[0] + box[2] + 0.01
        assert top >= box[1] - 0.01
        assert top + side <= box[1] + box[3] + 0.01
    spots = sorted((round(top, 3), left, side) for left, top, side in found)
    for (top, left, side), (next_top, next_left, _) in itertools.pairwise(spots):
        assert next_top > top or next_left >= left + side - 0.01


def test_an_address_is_answered_after_a_restart(design: Design, palette: Palette) -> None:
    path = cards.stamped_path(design, palette, "google_hero.png", 3)
    match = PATH.fullmatch(path)
    assert match is not None
    assert match[2] == "whole.plain.google_hero.stamps-3-of-5.png"
    expected = stamped(palette, rules(design), "google_hero.png", 3)
    stamped.cache_clear()
    cards.designs.reading._kept.clear()
    assert cards.artwork(match[1], match[2]) == expected


def test_every_state_and_every_change_of_a_picture_has_another_address(design: Design, palette: Palette) -> None:
    paths = {cards.stamped_path(design, palette, name, count) for name in stamps.STAMPED for count in range(6)}
    assert len(paths) == 4 * 6
    redrawn = replace(palette, images={**palette.images, "stamp_on@3x.png": palette.images["stamp_off@3x.png"]})
    moved = replace(design, stamps=replace(rules(design), google_box=(0.0, 0.0, 400.0, 60.0)))
    before = cards.stamped_path(design, palette, "google_hero.png", 1)
    assert cards.stamped_path(design, redrawn, "google_hero.png", 1) != before
    assert cards.stamped_path(moved, palette, "google_hero.png", 1) != before


def test_no_other_picture_is_drawn_for_a_stranger(design: Design, palette: Palette) -> None:
    match = PATH.fullmatch(cards.stamped_path(design, palette, "google_hero.png", 3))
    assert match is not None
    digest, name = match[1], match[2]
    drawn = stamped.cache_info().misses
    others = [
        ("0" * 16, name),
        (digest, name.replace("3-of-5", "6-of-5")),
        (digest, name.replace("3-of-5", "3-of-6")),
        (digest, name.replace("plain", "other")),
        (digest, name.replace("whole", "..")),
        (digest, name.replace("google_hero", "strip")),
        (hashlib.sha256(b"").hexdigest()[:16], "icon.png"),
    ]
    for other in others:
        with pytest.raises(NotFound):
            cards.artwork(*other)
    assert stamped.cache_info().misses == drawn


def test_a_design_without_stamps_has_its_plain_picture_there(design: Design, palette: Palette) -> None:
    plain = replace(design, stamps=None)
    assert cards.stamped_path(plain, palette, "google_hero.png", 3) == cards.artwork_path(palette, "google_hero.png")


def test_a_broken_neighbour_does_not_hide_the_pictures_of_the_others(design: Design, palette: Palette, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "design.toml").write_text("nonsense")
    match = PATH.fullmatch(cards.artwork_path(palette, "icon.png"))
    assert match is not None
    assert cards.artwork(match[1], match[2]) == palette.images["icon.png"]
