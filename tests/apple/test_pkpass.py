import hashlib
import json
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from walletpass import apple, cards, database
from walletpass.apple.package import build, bundle
from walletpass.errors import Malformed

pytestmark = pytest.mark.filterwarnings("error")


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


def test_a_bundle_is_the_passes_in_their_order(face, identity, tmp_path):
    passes = [build(replace(face, serial_number=f"serial{n}"), identity) for n in range(10)]
    archive = opened(bundle(passes))
    assert archive.testzip() is None
    assert [archive.read(name) for name in archive.namelist()] == passes
    assert all(name.endswith(".pkpass") for name in archive.namelist())
    (tmp_path / "coats.pkpasses").write_bytes(bundle(passes))
    assert subprocess.run(["unzip", "-tq", "coats.pkpasses"], cwd=tmp_path, capture_output=True, timeout=20).returncode == 0
    assert bundle(passes) == bundle(passes)


@pytest.mark.parametrize("count", [0, 11])
def test_a_bundle_takes_from_one_to_ten_passes(count):
    with pytest.raises(Malformed, match=f"from 1 to 10 passes, not {count}"):
        bundle([b"pass"] * count)


def test_a_bundle_that_no_phone_takes_is_refused(monkeypatch):
    monkeypatch.setattr("walletpass.apple.package.MOST_BYTES", 100)
    assert bundle([b"x" * 50] * 2)
    with pytest.raises(Malformed, match="101 bytes together; a bundle takes at most 100"):
        bundle([b"x" * 50, b"x" * 51])
