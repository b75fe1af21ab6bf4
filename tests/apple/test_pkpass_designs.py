"""Every shipped design makes passes that openssl believes, a phone opens, and that travel lightly."""

import io
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from tests.cards.design_folder import write_design
from walletpass.apple import certificates
from walletpass.apple.package import build
from walletpass.cards import CardFace, Contact, Place
from walletpass.cards.designs import design_names, read_design, stamped
from walletpass.cards.designs.checking import MOST_PACKAGE, package_weight
from walletpass.config import Settings
from walletpass.programs import Program
from walletpass.sandbox import chain
from walletpass.sandbox import face as phone
from walletpass.sandbox.verify import Trust, open_pass

SHIPPED = Path(Settings.designs_dir)
LOOKS = [(name, palette) for name in design_names(SHIPPED) for palette in read_design(SHIPPED / name).design.palettes]
TERMS = "One point for every euro. Points live for a year, and nobody pays for them. " * 12


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A certificate for Luna and the root that this phone believes."""
    folder = tmp_path_factory.mktemp("chain")
    chain.prepare(folder / "certs", folder / "outside", [chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")])
    program = Program(id="luna", name="Trattoria Luna", pass_type_identifier="pass.example.luna", team_identifier="LUNA000001")
    return certificates.load(folder / "certs" / "luna", program), Trust.read(folder / "outside" / "root.pem")


def make_face(design, palette, **changes):
    values = {
        "points": 1240,
        "stamps": 3,
        "tier": "Gold",
        "visits": 12,
        "next_reward": "Tiramisu",
        "holder": "Ana",
        "message": "Hello",
        "coat": "A17",
    }
    face = CardFace(
        program_id="luna", organization="Trattoria Luna", pass_type_identifier="pass.example.luna", team_identifier="LUNA000001",
        google_issuer_id="", card_id="0" * 26, serial_number="a" * 26, authentication_token="t" * 43, version=1,
        changed_at=datetime.now(UTC).replace(microsecond=0), voided=False, code="1" * 57, number="1042 5531", currency="EUR", language="en",
        values=values, contact=Contact("+49 30 1234567", "ciao@luna.example", "https://luna.example", TERMS, "Ufer 1, Berlin"),
        places=(Place("Luna", 52.5, 13.4),), design=design, palette=palette, base_url="https://cards.example.com", web_url="https://cards.example.com/c/luna/K7dPwq",
    )  # fmt: skip
    return replace(face, **changes)


def verified(data, folder):
    """The archive, when openssl believes its signature."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    archive.extractall(folder)
    command = ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest.json", "-binary", "-noverify"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return archive


@pytest.mark.parametrize(("name", "palette"), LOOKS)
@pytest.mark.parametrize("kind", ["card", "ticket", "voided card", "voided ticket"])
def test_every_shipped_look_is_believed_opened_and_light(world, tmp_path, name, palette, kind):
    identity, trust = world
    design = read_design(SHIPPED / name).design
    its = design.ticket if kind.endswith("ticket") else design
    face = make_face(its, design.palettes[palette], voided=kind.startswith("voided"), kind=kind.rpartition(" ")[2])
    data = build(face, identity)
    assert len(data) <= MOST_PACKAGE
    archive = verified(data, tmp_path)
    assert set(its.apple_images) <= set(archive.namelist())
    opened = open_pass(data, trust)
    for language in ("en", "uk", "ru"):
        shown = phone.face(opened, language)
        assert shown["style"] == its.style
        labels = [field["label"] for slot in ("headerFields", "secondaryFields", "auxiliaryFields", "backFields") for field in shown[slot]]
        assert all(label and not label.startswith("lbl_") for label in labels)


@pytest.mark.parametrize(("name", "palette"), LOOKS)
def test_the_weight_that_the_check_reckons_is_the_weight_there_is(world, name, palette):
    design = read_design(SHIPPED / name).design
    for each in (design, design.ticket):
        real = len(build(make_face(each, design.palettes[palette]), world[0]))
        assert real <= package_weight(each, design.palettes[palette]) <= real + 5_000


def test_a_stamp_card_carries_the_strip_of_its_stamps(world):
    design = read_design(SHIPPED / "coffee").design
    palette = next(iter(design.palettes.values()))
    strips = set()
    for count in range(design.stamps.total + 1):
        data = build(make_face(design, palette, values={"stamps": count}), world[0])
        assert len(data) <= MOST_PACKAGE
        archive = zipfile.ZipFile(io.BytesIO(data))
        strip = archive.read("strip@2x.png")
        assert strip == stamped(palette, design.stamps, "strip@2x.png", count)
        strips.add(strip)
        with Image.open(io.BytesIO(strip)) as image:
            assert (image.size, image.mode) == ((750, 288), "P")
    assert len(strips) == design.stamps.total + 1


def test_the_same_stamps_give_the_same_bytes_after_all_that_was_kept_is_forgotten(world):
    design = read_design(SHIPPED / "coffee").design
    face = make_face(design, design.palettes["night"])
    first = build(face, world[0])
    stamped.cache_clear()
    again = read_design(SHIPPED / "coffee").design
    assert build(replace(face, design=again, palette=again.palettes["night"]), world[0]) == first


@pytest.mark.parametrize("barcode", ["QR", "Aztec", "PDF417", "Code128"])
def test_a_phone_opens_every_kind_of_code_and_everything_a_design_may_have(world, tmp_path, barcode):
    design = read_design(write_design(tmp_path / "whole")).design
    face = make_face(replace(design, barcode=barcode), design.palettes["plain"])
    opened = open_pass(build(face, world[0]), world[1])
    assert opened.content["barcodes"][0]["format"] == f"PKBarcodeFormat{barcode}"
    assert len(opened.content["locations"]) == 2
