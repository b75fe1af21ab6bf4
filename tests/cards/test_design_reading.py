"""A broken design is refused with a sentence for each fault, before any phone refuses it without one."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.cards.design_folder import ENGLISH, TOML, write_design, write_strings
from walletpass import cards, config
from walletpass.cards import designs
from walletpass.cards.designs import check_design, fingerprint, read_design
from walletpass.config import Settings
from walletpass.errors import ConfigurationError

SHIPPED = Path(Settings.designs_dir)
FIELD = '[[fields]]\nslot = "{slot}"\nkey = "{key}"\nvalue = "{value}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_design(tmp_path / "whole")


def more(slot: str, count: int, value: str = "number") -> str:
    return TOML + "".join(FIELD.format(slot=slot, key=f"more{n}", value=value) for n in range(count))


def test_a_whole_design_has_no_fault(folder: Path) -> None:
    reading = read_design(folder)
    assert reading.faults == ()
    design = reading.design
    assert design is not None
    assert (design.slug, design.name, design.stamps and design.stamps.total) == ("whole", "Whole", 5)
    assert design.ticket is not None
    assert (design.ticket.style, design.ticket.barcode) == ("generic", "Code128")


@pytest.mark.parametrize("name", designs.design_names(SHIPPED))
def test_every_shipped_design_is_sound(name: str) -> None:
    assert check_design(SHIPPED / name) == ()
    design = read_design(SHIPPED / name).design
    assert design is not None
    assert set(design.strings) == {"en", "uk", "ru"}
    assert design.ticket is not None


BROKEN = {
    "design.toml lacks style.": lambda t: t.replace('style = "storeCard"\n', ""),
    "design.toml: style must be one of storeCard, generic, not 'boardingPass'.": lambda t: t.replace('"storeCard"', '"boardingPass"'),
    "design.toml: barcode must be one of QR, Aztec, PDF417, Code128, not 'EAN13'.": lambda t: t.replace(
        'barcode = "QR"', 'barcode = "EAN13"'
    ),
    "design.toml: name must be a text that is not empty, not '  '.": lambda t: t.replace('"Whole"', '"  "'),
    "design.toml has 'colour', which is not known there": lambda t: 'colour = "red"\n' + t,
    "design.toml: fields must be a list of tables, not 3.": lambda t: "fields = 3\n" + t.split("[[fields]]")[0],
    "design.toml: palettes must be a table, not 'red'.": lambda t: 'palettes = "red"\n' + t.replace("[palettes.plain]", "[other]"),
    "[palettes.plain]: background must be a colour like rgb(20, 40, 60), not '#141e28'.": lambda t: t.replace("rgb(20, 30, 40)", "#141e28"),
    "[palettes.plain]: label must be a colour like rgb(20, 40, 60), not 'rgb(200, 200, 256)'.": lambda t: t.replace("200)", "256)"),
    "[palettes.plain]: accent must be a colour like #14283c, not 'navy'.": lambda t: t.replace("#14283c", "navy"),
    "[palettes.plain] lacks foreground.": lambda t: t.replace('foreground = "rgb(255, 255, 255)"\n', ""),
    "[palettes.plain] has 'stripColor', which is not known there": lambda t: t.replace("accent =", 'stripColor = "red"\naccent ='),
    "The palette's name 'Plain.2' must be small letters": lambda t: t.replace("[palettes.plain]", '[palettes."Plain.2"]'),
    "There is no palette;": lambda t: t[: t.index("[palettes")] + "[palettes]\n" + t[t.index("[stamps]") :],
    "[[fields]] number 1 (stamps): slot must be one of header, primary": lambda t: t.replace('"header"', '"top"'),
    "[[fields]] number 2 (holder): value must be what a card knows": lambda t: t.replace('value = "holder"', 'value = "poitns"'),
    "[[fields]] number 2 (holder): label must be the key of a string, like lbl_points, not 'Guest'.": lambda t: t.replace(
        '"lbl_holder"', '"Guest"'
    ),
    "[[fields]] number 2 lacks key.": lambda t: t.replace('key = "holder"\n', "").replace('label = "lbl_holder"\n', ""),
    "[[fields]] number 2 (ü): key must be a short word": lambda t: t.replace('key = "holder"', 'key = "ü"'),
    "The key 'stamps' is there 2 times": lambda t: t.replace('key = "holder"', 'key = "stamps"'),
    "The key 'lbl_menu' is there 2 times": lambda t: t.replace('key = "holder"', 'key = "lbl_menu"'),
    "[[fields]] holder: label names the string lbl_nobody": lambda t: t.replace("lbl_holder", "lbl_nobody"),
    "[[fields]] how: value names the string txt_nothing": lambda t: t.replace("txt_how", "txt_nothing"),
    "at most 4 secondary and auxiliary fields together; [[fields]] has 5.": lambda t: more("auxiliary", 4),
    "at most 3 header fields; [[fields]] has 4.": lambda t: more("header", 3),
    "Wallet shows one primary field; [[fields]] has 2.": lambda t: more("primary", 2),
    "Wallet shows one primary field; [[ticket.fields]] has 2.": lambda t: (
        t + FIELD.format(slot="primary", key="x", value="items").replace("fields", "ticket.fields")
    ),
    "[ticket] lacks fields.": lambda t: t[: t.index("[[ticket.fields]]")],
    "[[ticket.fields]] number 1 (hook): slot must be": lambda t: t.replace('slot = "primary"', 'slot = "front"'),
    "[stamps]: total must be a whole number from 1 to 40, not 0.": lambda t: t.replace("total = 5", "total = 0"),
    "[stamps]: total must be a whole number from 1 to 40, not True.": lambda t: t.replace("total = 5", "total = true"),
    "[stamps]: box must be [left, top, width, height] inside 375.0 x 144": lambda t: t.replace("[20, 20, 300, 60]", "[20, 20, 370, 60]"),
    "[stamps]: google_box must be": lambda t: t.replace("[20, 20, 400, 60]", "[20, 20, nan, 60]"),
    "[stamps]: value must be one of": lambda t: t.replace('value = "stamps"', 'value = "holder"'),
    "[stamps] lacks box.": lambda t: t.replace("\nbox = [20, 20, 300, 60]", ""),
    "A field shows stamps_text, but there is no [stamps]": lambda t: t[: t.index("[stamps]")] + t[t.index("[[fields]]") :],
    "[[locations]] number 1: latitude must be a number from -90 to 90, not 152.51.": lambda t: t.replace("52.51", "152.51"),
    "Location 52.51, 13.41: text names the string txt_far": lambda t: t.replace("txt_near", "txt_far"),
    "at most 10 locations; [[locations]] has 11.": lambda t: t + "\n[[locations]]\nlatitude = 1\nlongitude = 2\n" * 10,
    "at most 10 beacons; [[beacons]] has 11.": lambda t: t + '\n[[beacons]]\nuuid = "9d3a0c1e-5b7f-4c2a-8e6d-1f0a2b3c4d5e"\n' * 10,
    "[[beacons]] number 1: uuid must be a UUID": lambda t: t.replace("9d3a0c1e", "9d3a"),
    "[[beacons]] number 1: major must be a whole number from 0 to 65,535, not 65536.": lambda t: t.replace("major = 1", "major = 65536"),
    "minor has no meaning without major.": lambda t: t.replace("major = 1\n", ""),
    "[[links]] number 1 (lbl_menu): url must be an address": lambda t: t.replace(
        "https://luna.example/menu?a=1&b=2", "javascript:alert(1)"
    ),
    "number 1 (lbl_menu): url must be an address": lambda t: t.replace("https://luna.example/menu?a=1&b=2", "https:// luna.example"),
    "design.toml is not TOML": lambda t: t + "\n[",
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_each_fault_of_a_design_has_its_sentence(folder: Path, sentence: str) -> None:
    change: Callable[[str], str] = BROKEN[sentence]
    broken = change(TOML)
    assert broken != TOML
    (folder / "design.toml").write_text(broken, "utf-8")
    faults = check_design(folder)
    assert any(sentence in fault for fault in faults), faults
    assert all(fault.endswith((".", "English is what is shown where a language is missing.")) for fault in faults)


STRINGS = {
    "strings/uk.toml lacks lbl_how, which en.toml has.": {key: text for key, text in ENGLISH.items() if key != "lbl_how"},
    "strings/uk.toml has lbl_more, which en.toml has not.": {**ENGLISH, "lbl_more": "More"},
    "strings/uk.toml: chg_stamps must contain %@, the place of the new value.": {**ENGLISH, "chg_stamps": "Позначки"},
    "strings/uk.toml: lbl_how is empty.": {**ENGLISH, "lbl_how": " "},
    "strings/uk.toml: 'Points' must look like prefix_word": {**ENGLISH, "Points": "Бали"},
}


@pytest.mark.parametrize("sentence", STRINGS)
def test_each_fault_of_a_language_has_its_sentence(folder: Path, sentence: str) -> None:
    write_strings(folder, "uk", STRINGS[sentence])
    assert any(sentence in fault for fault in check_design(folder))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("en.toml", b"\xff\xfel\x00b\x00", "strings/en.toml is not UTF-8 text: byte 1 does not belong there."),
        ("uk.toml", b"lbl_how = 3\n", "strings/uk.toml: lbl_how must be a text, not 3."),
        ("uk.toml", b"[lbl_how]\na = 1\n", "strings/uk.toml: lbl_how must be a text"),
        ("uk.toml", b'lbl_how = "a"\nlbl_how = "b"\n', "strings/uk.toml is not TOML"),
        ("uk.toml", b'lbl_how = "\\ud800"\n', "strings/uk.toml is not TOML"),
        ("uk.toml", b"a = " + b"[" * 100_000, "strings/uk.toml is not TOML"),
        ("uk.toml", b"#" * 300_000, "strings/uk.toml has 300,000 bytes"),
        ("Ukrainian.toml", b"", "strings/Ukrainian.toml is not named after a language"),
    ],
)
def test_each_broken_strings_file_has_its_sentence(folder: Path, name: str, content: bytes, sentence: str) -> None:
    (folder / "strings" / name).write_bytes(content)
    assert any(sentence in fault for fault in check_design(folder))


def test_english_must_be_there(folder: Path) -> None:
    (folder / "strings" / "en.toml").unlink()
    assert check_design(folder) == ("There is no strings/en.toml; English is what is shown where a language is missing.",)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    text = TOML.replace("rgb(20, 30, 40)", "red").replace('"header"', '"top"').replace("total = 5", "total = 99")
    (folder / "design.toml").write_text(text, "utf-8")
    write_strings(folder, "uk", {**ENGLISH, "chg_stamps": "none"})
    (folder / "images" / "plain" / "icon.png").unlink()
    faults = " ".join(check_design(folder))
    for part in ("background must be", "slot must be", "total must be", "chg_stamps must contain", "lacks icon.png"):
        assert part in faults


def test_what_is_no_design_at_all_is_said_so(tmp_path: Path) -> None:
    assert check_design(tmp_path / "none") == (f"There is no folder {str(tmp_path / 'none')!r}.",)
    (tmp_path / "empty").mkdir()
    assert "There is no design.toml." in check_design(tmp_path / "empty")
    odd = write_design(tmp_path / "Odd.Name")
    assert "The folder's name 'Odd.Name' must be small letters" in check_design(odd)[0]


def test_a_pass_that_would_travel_badly_is_refused(folder: Path) -> None:
    write_strings(folder, "uk", {**ENGLISH, "txt_how": "ґ" * 40_000})
    assert any("Palette plain: a pass would have about" in fault and "at most 60,000" in fault for fault in check_design(folder))


values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3), max_leaves=8)  # fmt: skip


@limits(deadline=None, max_examples=80)
@given(junk=st.text(max_size=200), place=st.integers(0, len(TOML)))
def test_any_garbage_in_the_file_is_a_sentence_not_a_breakdown(junk: str, place: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "whole"
        (folder / "strings").mkdir(parents=True)
        write_strings(folder, "en", ENGLISH)
        (folder / "design.toml").write_bytes((TOML[:place] + junk + TOML[place:]).encode("utf-8", "surrogatepass"))
        assert all(isinstance(fault, str) and fault for fault in check_design(folder))


@limits(deadline=None, max_examples=150)
@given(
    table=st.dictionaries(
        st.sampled_from(["name", "style", "barcode", "palettes", "fields", "stamps", "locations", "beacons", "links", "ticket"]), values
    ),
    style=st.booleans(),
)
def test_any_value_in_any_place_is_a_sentence_not_a_breakdown(table: dict[str, object], style: bool) -> None:
    from walletpass.cards.designs import checking, reading

    faults: list[str] = []
    if style:
        table["style"] = "generic"
    design = reading._design(Path("x"), table, {"en": dict(ENGLISH)}, faults)
    if design is not None:
        faults += checking.faults(design)
    assert faults
    assert all(isinstance(fault, str) for fault in faults)


@pytest.fixture
def running(tmp_path: Path, folder: Path) -> Path:
    config.use(Settings(secret_keys="1:" + "ab" * 32, designs_dir=str(tmp_path)))
    return folder


def test_loading_a_broken_design_names_every_fault(running: Path) -> None:
    (running / "design.toml").write_text(TOML.replace('"header"', '"top"').replace("#14283c", "navy"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"(?s)Design whole has \d faults:.*accent must be.*slot must be"):
        cards.load_design("whole")


def test_a_running_server_sees_the_edited_design_within_a_second_or_two(running: Path) -> None:
    before = cards.load_design("whole")
    assert cards.load_design("whole") is before
    (running / "design.toml").write_text(TOML.replace('"Whole"', '"Other"'), "utf-8")
    time.sleep(1.1)
    assert cards.load_design("whole").name == "Other"


def test_a_running_server_keeps_the_last_sound_design_while_it_is_broken(running: Path) -> None:
    before = cards.load_design("whole")
    (running / "design.toml").write_text("broken", "utf-8")
    time.sleep(1.1)
    assert cards.load_design("whole") is before


def test_only_what_a_guest_sees_makes_another_fingerprint(folder: Path) -> None:
    def mark() -> str:
        design = read_design(folder).design
        assert design is not None
        return fingerprint(design, "plain")

    first = mark()
    (folder / "design.toml").write_text("# a remark\n" + TOML.replace('"Whole"', '"Renamed"'), "utf-8")
    os.utime(folder / "images" / "plain" / "icon.png")
    assert mark() == first
    marks = {first}
    for old, new in (("rgb(20, 30, 40)", "rgb(21, 30, 40)"), ("total = 5", "total = 6"), ('"holder"\nlabel', '"guest"\nlabel'), ("b=2", "b=3"), ("52.51", "52.52"), ("major = 1", "major = 2"), ('barcode = "Code128"', 'barcode = "QR"'), ('barcode = "QR"\n\n[pal', 'barcode = "Aztec"\n\n[pal')):  # fmt: skip
        (folder / "design.toml").write_text(TOML.replace(old, new), "utf-8")
        marks.add(mark())
    (folder / "design.toml").write_text(TOML, "utf-8")
    write_strings(folder, "en", {**ENGLISH, "lbl_how": "How?"})
    marks.add(mark())
    assert len(marks) == 10


def test_a_palettes_fingerprint_does_not_hear_of_the_others() -> None:
    design = read_design(SHIPPED / "bistro").design
    assert design is not None
    painted = replace(design, palettes={**design.palettes, "sova": replace(design.palettes["sova"], background="rgb(1, 2, 3)")})
    assert fingerprint(painted, "luna") == fingerprint(design, "luna")
    assert fingerprint(painted, "sova") != fingerprint(design, "sova")
