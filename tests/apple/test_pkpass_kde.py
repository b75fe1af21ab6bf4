"""A reader that is not ours, KDE's pass library, finds in every pass what the card's face says, in every language."""

import html
import io
import json
import os
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.apple.test_pkpass_designs import LOOKS, SHIPPED, make_face
from tests.cards.design_folder import write_design
from walletpass import cards, database
from walletpass.apple import certificates
from walletpass.apple.package import build, bundle
from walletpass.cards.designs import read_design
from walletpass.cards.designs.model import STYLES
from walletpass.programs import Program
from walletpass.sandbox import chain as sandbox_chain

SOURCE = Path(__file__).parent / "kpkpass" / "reader.cpp"
LANGUAGES = ("en", "uk", "ru")
SLOTS = ("header", "primary", "secondary", "auxiliary", "back")
TYPES = {"storeCard": "StoreCard", "generic": "Generic"}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Passes through KDE's library: ``reader("uk", [data, ...])``. CI has the library; a laptop may do without."""
    program = tmp_path_factory.mktemp("kpkpass") / "reader"
    flags = "$(pkg-config --cflags --libs Qt5Gui) -I/usr/include/KPim -I/usr/include/KPim/KPkPass -lKPimPkPass"
    done = subprocess.run(
        ["sh", "-c", f'g++ -std=c++17 -fPIC -o "$1" "$2" {flags}', "sh", program, SOURCE], capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        sentence = f"KDE's reader was not built; apt-get install libkpimpkpass-dev g++ pkg-config\n{done.stderr}"
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)

    def read(language, passes):
        files = [program.parent / f"{place}.pkpass" for place in range(len(passes))]
        for file, data in zip(files, passes, strict=True):
            file.write_bytes(data)
        done = subprocess.run([program, language, *files], capture_output=True, timeout=60, check=True)
        return json.loads(done.stdout)

    return read


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    kinds = [sandbox_chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")]
    sandbox_chain.prepare(folder / "certs", folder / "outside", kinds)
    program = Program(id="luna", name="Trattoria Luna", pass_type_identifier="pass.example.luna", team_identifier="LUNA000001")
    return certificates.load(folder / "certs" / "luna", program)


def said_by(face, language, slot):
    """What the design puts into a slot, as (key, label, value, change message), as far as the library's version 22.12 reads:
    a number is an empty text to it, and a quotation mark in pass.strings keeps its backslash."""
    strings = {key: text.replace('"', '\\"') for key, text in face.design.strings[language].items()}
    lines = []
    for spec in face.design.fields:
        value = face.value(spec.value)
        # A line on the back stands from the first day, so that its first news is a change.
        to_come = value is None and slot == "back" and spec.change
        if spec.slot != slot or (value is None and not to_come):
            continue
        if to_come:
            value = "–"
        value = strings[value] if spec.value.startswith("text.") else value
        value = value if isinstance(value, str) else ""
        change = strings[spec.change].replace("%@", value) if spec.change and not to_come else ""
        lines.append((spec.key, strings[spec.label] if spec.label else "", value, change))
    if slot == "back":
        lines += [(link.label, strings[link.label], anchor(link.url), "") for link in face.design.links]
    return lines


def anchor(url):
    return f'<a href="{html.escape(url)}">{html.escape(url.partition("://")[2])}</a>'


def read_in(found, slot):
    plain = [{name: text.replace("\u2060", "") if isinstance(text, str) else text for name, text in one.items()} for one in found[slot]]
    return [(one["key"], one["label"], one["value"], one["change"]) for one in plain]


def hexadecimal(colour):
    return "#" + "".join(f"{int(part):02x}" for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def agree(face, found, language):
    """Asserts that the reader found the face, the whole face and nothing else."""
    assert found is not None, "the library did not open it"
    for slot in SLOTS:
        assert read_in(found, slot) == said_by(face, language, slot), (language, slot)
    top = ("type", "pass_type", "serial", "organization", "logo_text", "token")
    assert [found[name] for name in top] == [
        TYPES[face.design.style], face.pass_type_identifier, face.serial_number, face.organization, face.organization,
        face.authentication_token,
    ]  # fmt: skip
    # The library does not look the description up.
    assert found["description"] == ("txt_description" if "txt_description" in face.design.strings["en"] else face.organization)
    palette = (face.palette.background, face.palette.foreground, face.palette.label)
    assert [found[name] for name in ("background", "foreground", "label")] == [hexadecimal(colour) for colour in palette]
    code = {"format": face.design.barcode, "message": face.scanned, "encoding": "iso-8859-1", "text": face.number}
    assert found["barcodes"] == ([] if face.voided else [code])
    assert found["images"] == {name: sizes(name, face) for name in STYLES[face.design.style]}
    if face.authentication_token:
        assert found["update"] == f"{face.base_url}/apple/v1/passes/{face.pass_type_identifier}/{face.serial_number}"


def sizes(name, face):
    return [picture_size(face.palette.images[f"{name}{suffix}.png"]) for suffix in ("", "@2x", "@3x")]


def picture_size(data):
    """As the header of a PNG says."""
    return [int.from_bytes(data[place : place + 4], "big") for place in (16, 20)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_look_is_read_as_it_was_meant(reader, identity, language):
    faces = []
    for name, palette in LOOKS:
        design = read_design(SHIPPED / name).design
        face = make_face(design, design.palettes[palette])
        evening = datetime(2027, 1, 2, 23, 30, tzinfo=UTC)
        values = {"coat": "A17", "items": 2, "venue": "By the river"}
        ticket = make_face(design.ticket, design.palettes[palette], values=values, authentication_token="", expires_at=evening)
        faces += [face, ticket, replace(face, voided=True)]
    found = reader(language, [build(face, identity) for face in faces])
    for face, one in zip(faces, found, strict=True):
        agree(face, one, language)
        ends = face.changed_at if face.voided else face.expires_at
        assert one["expires"] == (f"{ends:%Y-%m-%dT%H:%M:%SZ}" if ends else "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stamps_card_is_read_from_the_first_stamp_to_the_last(reader, identity, language):
    design = read_design(SHIPPED / "coffee").design
    counts = (0, 1, design.stamps.total)
    faces = [make_face(design, design.palettes["night"], values={"stamps": count, "holder": "Ana"}) for count in counts]
    for count, face, one in zip(counts, faces, reader(language, [build(face, identity) for face in faces]), strict=True):
        agree(face, one, language)
        assert [field["value"] for field in one["header"]] == [f"{count}/{design.stamps.total}"]


def test_each_pass_of_a_bundle_is_read_in_its_order(reader, identity):
    design = read_design(SHIPPED / "bistro").design.ticket
    faces = [make_face(design, design.palettes["luna"], serial_number=f"coat{hook}", values={"coat": f"A{hook}"}) for hook in range(10)]
    with zipfile.ZipFile(io.BytesIO(bundle([build(face, identity) for face in faces]))) as archive:
        found = reader("ru", [archive.read(name) for name in archive.namelist()])
    for face, one in zip(faces, found, strict=True):
        agree(face, one, "ru")


@pytest.mark.parametrize("barcode", ["QR", "Aztec", "PDF417", "Code128"])
def test_every_kind_of_code_and_a_link_are_read(reader, identity, tmp_path, barcode):
    design = read_design(write_design(tmp_path / "whole")).design
    face = make_face(replace(design, barcode=barcode), design.palettes["plain"])
    (found,) = reader("uk", [build(face, identity)])
    agree(face, found, "uk")
    assert [place[:2] for place in found["locations"]] == [[52.51, 13.41], [52.5, 13.4]]


@pytest.mark.parametrize("name", ["Żaneta “Zoë” O'Neil", 'Ana "the cook" \\ <b>&amp;', "lbl_points", "Оленка Їжак", "Ana 😀", "%@ %1 {}"])
def test_a_guests_name_is_read_letter_by_letter(reader, identity, name):
    design = read_design(SHIPPED / "bistro").design
    face = make_face(design, design.palettes["luna"], values={"points": 0, "holder": name})
    agree(face, *reader("en", [build(face, identity)]), "en")


def test_a_pass_that_the_server_hands_out_is_read(reader, client, card, luna, show):
    show(card, points=120)
    data = client.get(f"/c/luna/{card.link}/card.pkpass").data
    with database.reading() as session:
        face = cards.face(session, cards.get(session, luna.id, card.id), luna)
    for language in ("en", "uk"):
        agree(face, *reader(language, [data]), language)


def test_the_reader_tells_a_broken_file_and_another_value(reader, identity):
    design = read_design(SHIPPED / "bistro").design
    face = make_face(design, design.palettes["luna"])
    data = build(face, identity)
    assert reader("en", [data[: len(data) // 2], b"<html>"]) == [None, None]
    with pytest.raises(AssertionError):
        agree(replace(face, values={**face.values, "tier": "Silver", "holder": "Anna"}), *reader("en", [data]), "en")
    with pytest.raises(AssertionError):
        agree(face, *reader("uk", [data]), "en")
