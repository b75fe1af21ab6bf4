import hashlib
import json
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from walletpass import apple, cards, config, database, programs
from walletpass.apple.package import build

pytestmark = pytest.mark.filterwarnings("error")
SHIPPED = Path(config.__file__).parents[1] / "pass_templates"


def opened(data):
    return zipfile.ZipFile(BytesIO(data))


def check(data, folder):
    """What a device checks before it shows a pass, without the device."""
    archive = opened(data)
    assert archive.testzip() is None
    names = archive.namelist()
    assert names == sorted(set(names))
    assert not [name for name in names if name.endswith("/") or name.startswith(("google_", "/"))]
    manifest = json.loads(archive.read("manifest.json"))
    hashes = {
        name: hashlib.sha1(archive.read(name), usedforsecurity=False).hexdigest()
        for name in names
        if name not in ("manifest.json", "signature")
    }
    assert manifest == hashes
    archive.extractall(folder)
    command = ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest.json", "-binary", "-noverify"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return archive


def test_a_pass_is_a_sound_archive_with_a_true_manifest(face, identity, tmp_path):
    archive = check(build(face, identity), tmp_path)
    assert {"icon.png", "icon@2x.png", "icon@3x.png", "en.lproj/pass.strings", "uk.lproj/pass.strings"} < set(archive.namelist())
    assert archive.read("icon.png") == face.palette.images["icon.png"]
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_members_follow_one_another_without_gap_or_overlap(face, identity):
    data = build(face, identity)
    end = 0
    for info in sorted(opened(data).infolist(), key=lambda info: info.header_offset):
        assert info.header_offset == end
        end += 30 + len(info.filename) + info.file_size
    assert data[end : end + 4] == b"PK\1\2"


def test_unzip_agrees(face, identity, tmp_path):
    (tmp_path / "card.pkpass").write_bytes(build(face, identity))
    done = subprocess.run(["unzip", "-tq", "card.pkpass"], cwd=tmp_path, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stdout


def test_every_language_has_the_same_keys(face, identity):
    archive = opened(build(face, identity))
    english, ukrainian = (archive.read(f"{language}.lproj/pass.strings").decode("utf-16") for language in ("en", "uk"))
    assert [line.partition(" = ")[0] for line in english.splitlines()] == [line.partition(" = ")[0] for line in ukrainian.splitlines()]
    assert '"txt_how" = "Say \\"hello\\"";' in english
    assert "Гість" in ukrainian


def test_the_same_version_gives_the_same_bytes(face, identity):
    assert build(face, identity) == build(replace(face), identity)
    assert build(face, identity) != build(replace(face, version=2, values={**face.values, "points": 1}), identity)


def test_a_pass_of_the_shipped_design_is_sound_and_small(settings, db, luna, card, identity, tmp_path):
    config.use(replace(settings, designs_dir=str(SHIPPED)))
    for palette in ("luna", "sova"):
        with database.transaction() as session:
            program = programs.get(session, "luna")
            program.design, program.palette = "bistro", palette
            session.add(program)
        with database.reading() as session:
            face = cards.face(session, cards.get(session, "luna", card.id))
        data = build(face, identity)
        archive = check(data, tmp_path / palette)
        assert len(data) < 60_000
        for name, sizes in {"icon": (38, 38), "logo": (160, 50), "strip": (375, 144)}.items():
            for scale, suffix in enumerate(("", "@2x", "@3x"), 1):
                with Image.open(BytesIO(archive.read(f"{name}{suffix}.png"))) as image:
                    assert image.height == sizes[1] * scale
                    assert image.width <= sizes[0] * scale


def test_a_built_pass_is_kept_for_its_version(luna, card, certs, show, monkeypatch):
    def fetch():
        with database.reading() as session:
            return apple.pass_of(session, cards.get(session, "luna", card.id), luna)

    first = fetch()
    with monkeypatch.context() as patched:
        patched.setattr("walletpass.apple.passes.build", None)
        assert fetch() == first
    show(card, points=7)
    assert fetch() != first
