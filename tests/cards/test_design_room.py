"""A design that Google Wallet has no room for is refused in words."""

import re
from pathlib import Path

import pytest

from tests.cards.design_folder import ENGLISH, TOML, UKRAINIAN, write_design, write_strings
from walletpass.cards import check_design

FIELD = '\n[[fields]]\nslot = "back"\nkey = "{key}"\nlabel = "lbl_how"\nvalue = "text.{key}"\n'
LINK = '\n[[links]]\nlabel = "lbl_menu{number}"\nurl = "https://luna.example/{number}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_design(tmp_path / "whole")


def test_a_label_and_a_text_have_an_end(folder: Path) -> None:
    write_strings(folder, "uk", {**UKRAINIAN, "lbl_how": "я" * 36, "txt_how": "ї" * 501, "lbl_menu": "є" * 36})
    assert check_design(folder) == (
        "strings/uk.toml: txt_how has 501 letters; Google Wallet has room for 500 in a text on the back.",
        "strings/uk.toml: lbl_how has 36 letters; Google Wallet has room for 35 in a label.",
        "strings/uk.toml: lbl_menu has 36 letters; Google Wallet has room for 35 in the label of a link.",
    )
    write_strings(folder, "uk", {**UKRAINIAN, "lbl_how": "я" * 35, "txt_how": "ї" * 500, "lbl_menu": "є" * 35})
    assert check_design(folder) == ()


@pytest.mark.parametrize(
    ("room", "said"), [("fields", "[[fields]] has 9, and 8 have room."), ("ticket.fields", "[[ticket.fields]] has 9, ")]
)
def test_nine_texts_are_more_than_google_shows_with_terms_and_address(folder: Path, room: str, said: str) -> None:
    keys = [f"txt_{number}" for number in range(9)]
    for language, strings in (("en", ENGLISH), ("uk", UKRAINIAN)):
        write_strings(folder, language, strings | dict.fromkeys(keys, "Something to know."))
    # The design's own text is one of nine.
    added = "".join(FIELD.format(key=key).replace("[[fields", f"[[{room}") for key in keys[: 8 if room == "fields" else 9])
    (folder / "design.toml").write_text(TOML + added)
    (fault,) = check_design(folder)
    assert said in fault
    (folder / "design.toml").write_text(TOML + re.sub(r"\n\[\[[^[]+$", "", added))
    assert check_design(folder) == ()


def test_eight_links_are_more_than_google_shows_with_the_restaurants_own(folder: Path) -> None:
    labels = {f"lbl_menu{number}": f"Menu {number}" for number in range(7)}
    for language, strings in (("en", ENGLISH), ("uk", UKRAINIAN)):
        write_strings(folder, language, strings | labels)
    added = [LINK.format(number=number) for number in range(7)]
    (folder / "design.toml").write_text(TOML + "".join(added))
    (fault,) = check_design(folder)
    assert fault.endswith("[[links]] has 8, and 7 have room.")
    (folder / "design.toml").write_text(TOML + "".join(added[1:]))
    assert check_design(folder) == ()
