"""The archive: its form, its names, its size."""

import base64
import gzip
import io
import struct
import zipfile

import pytest

from tests.apple.inspected import Maker, png, refusals, rules, zipped
from walletpass.apple import inspection
from walletpass.apple.inspection import archive, directory


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


def with_entry(maker, name, data=b"x", mode=0o100644):
    """A sound pass, and one more entry the manifest knows too."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    files = {key: content for key, content in maker.files().items() if key != name}
    every = {**maker.files(), name: maker.files().get(name, data)}
    manifest = maker.manifest(every)
    first = [(key, every[key]) for key in ([*files, name] if name in maker.files() else files)]
    return zipped([*first, ("manifest.json", manifest), ("signature", maker.sign(manifest)), (entry, every[name])])


def test_a_sound_pass_signed_by_openssl_has_no_finding(maker):
    assert maker.found(maker.make()) == []
    assert maker.inspect(maker.make()).opens


def test_a_stored_archive_and_one_with_data_descriptors_are_sound(maker):
    files = maker.files()
    manifest = maker.manifest(files)
    every = {**files, "manifest.json": manifest, "signature": maker.sign(manifest)}
    stored, streamed = io.BytesIO(), Unseekable()
    for target, method in ((stored, zipfile.ZIP_STORED), (streamed, zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(target, "w", method) as packed:
            for name, data in every.items():
                packed.writestr(name, data)
        assert maker.found(target.getvalue()) == []


class Unseekable(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError

    def tell(self):
        raise OSError


WHOLE_FILES = [
    ("file-empty", lambda data: b""),
    ("file-is-web-page", lambda data: b"\n<!doctype html><title>Sign in</title>"),
    ("file-is-json", lambda data: b'{"error": "not found"}'),
    ("file-is-gzip", gzip.compress),
    ("file-is-base64", base64.b64encode),
    ("file-not-zip", lambda data: b"%PDF-1.7 and so on"),
    ("file-not-zip", lambda data: bytes(range(256)) * 9),
    ("zip-cut-off", lambda data: data[: len(data) // 2]),
    ("zip-bytes-before", lambda data: b"\n" + data),
    ("zip-bytes-before", lambda data: b"%PDF-1.4\n%%EOF\n" + data),
    ("zip-bytes-before", lambda data: b"<br />\nWarning: headers already sent" + data),
    ("zip-bytes-after", lambda data: data + b"<!-- 0.02 s -->"),
    ("zip-damaged", lambda data: data[:300] + data[400:]),
    ("zip-damaged", lambda data: data.replace(b"icon@2x.png", b"ico_@2x.png", 1)),
    ("zip-damaged", lambda data: end_of(data, count=3)),
    ("zip-64", lambda data: data[: data.rindex(b"PK\5\6") + 12] + b"\xff" * 8 + bytes(2)),
    ("zip-too-many-entries", lambda data: end_of(data, count=60_000)),
    ("not-a-pass", lambda data: zipped({"word/document.xml": b"<w/>"})),
    ("files-in-folder", lambda data: zipped({f"card/{name}": content for name, content in members(data).items()})),
    ("file-too-large", lambda data: b"PK\3\4" + bytes(archive.LARGEST_PASS)),
]


def end_of(data, count):
    place = data.rindex(b"PK\5\6")
    return data[: place + 8] + struct.pack("<HH", count, count) + data[place + 12 :]


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize(("rule", "spoil"), WHOLE_FILES)
def test_a_file_spoiled_as_a_whole_has_one_finding(maker, rule, spoil):
    report = maker.inspect(spoil(maker.make()))
    assert rules(report) == [rule]
    assert report.opens is (rule == "zip-bytes-after")


ENTRIES = [
    ("litter", "__MACOSX/._pass.json", 0o100644),
    ("litter", ".DS_Store", 0o100644),
    ("zip-folder-entry", "en.lproj/", 0o040755),
    ("zip-symlink", "logo.png", 0o120777),
    ("zip-path-outside", "../logo.png", 0o100644),
    ("zip-path-outside", "/etc/logo.png", 0o100644),
    ("zip-path-outside", "C:/logo.png", 0o100644),
    ("zip-duplicate", "icon.png", 0o100644),
    ("zip-name-unreadable", "lo\x1b[31mgo.png", 0o100644),
    ("file-in-folder", "images/logo.png", 0o100644),
    ("file-unknown", "readme.txt", 0o100644),
    ("file-unknown", "Pass.json", 0o100644),
    ("file-unknown", "en.lproj/Localizable.strings", 0o100644),
    ("secret-file", "pass.p12", 0o100644),
]


@pytest.mark.parametrize(("rule", "name", "mode"), ENTRIES)
def test_an_entry_that_does_not_belong_in_a_pass_has_one_finding(maker, rule, name, mode):
    assert maker.found(with_entry(maker, name, b"" if name.endswith("/") else b"x", mode)) == [rule]


def test_a_name_with_a_backslash_is_one_finding(maker):
    data = with_entry(maker, "en.lproj/logo.png").replace(b"en.lproj/logo.png", b"en.lproj\\logo.png")
    # The manifest was written with a slash, so it misses the file as well.
    assert maker.found(data) == ["zip-backslash", "manifest-lists-missing"]


def test_a_key_among_the_files_is_found_by_what_it_says(maker):
    key = (maker.folder / "pass.key").read_bytes()
    assert maker.found(maker.pack(maker.files(**{"notes.txt": key}))) == ["secret-file"]


def patched(data, field, value):
    """``field`` of the last member, by its offsets in its own header and in the directory."""
    spoiled = bytearray(data)
    local, line = field
    spoiled[spoiled.rindex(b"PK\3\4") + local] = value
    spoiled[spoiled.rindex(b"PK\1\2") + line] = value
    return bytes(spoiled)


def test_encrypted_and_strangely_compressed_files_are_named(maker):
    data = with_entry(maker, "logo.png", png(160, 50))
    assert maker.found(patched(data, (6, 8), 1)) == ["zip-encrypted"]
    assert maker.found(patched(data, (8, 10), 14)) == ["zip-method-unknown"]


def test_a_wrong_checksum_is_damage(maker):
    assert maker.found(patched(with_entry(maker, "logo.png", png(160, 50)), (14, 16), 0)) == ["zip-damaged"]


@pytest.mark.parametrize(
    ("rule", "name"), [("pass-json-missing", "pass.json"), ("manifest-missing", "manifest.json"), ("signature-missing", "signature")]
)
def test_each_of_the_three_files_is_missed(maker, rule, name):
    every = members(maker.pack(maker.files(**{"pass.json": ...})) if name == "pass.json" else maker.make())
    every.pop(name, None)
    assert maker.found(zipped(every)) == [rule]


def test_a_pass_above_sixty_kilobytes_is_told(maker):
    large = png(900, 300, "RGB", compress_level=0)
    report = maker.inspect(maker.make(**{"logo.png": large}))
    assert "pass-large" not in rules(report)  # it deflates well
    noise = b"/*" + bytes(range(97, 123)) * 10 + b"*/"
    strings = b"".join(b"/* %d */" % (number * 7919 % 100_003) for number in range(40_000)) + noise
    assert "pass-large" in maker.found(maker.make(**{"en.lproj/pass.strings": strings, "uk.lproj/pass.strings": strings}))


def test_a_bomb_is_named_from_its_directory_and_never_inflated(maker, monkeypatch):
    bomb = maker.make(**{"strip.png": bytes(20_000_000)})
    assert len(bomb) < 60_000
    monkeypatch.setattr(directory.zlib, "decompressobj", None)
    report = maker.inspect(bomb)
    assert rules(report) == ["zip-bomb"]
    assert "'strip.png' unpacks to 20,000,000 bytes" in report.findings[0].sentence


def test_a_member_that_lies_about_its_size_is_cut_off_at_the_promise(maker):
    data = bytearray(maker.pack(maker.files(**{"strip.png": bytes(4_000_000)})))
    line = data.rindex(b"strip.png") - 46
    data[line + 24 : line + 28] = struct.pack("<L", 1000)
    report = maker.inspect(bytes(data))
    assert rules(report) == ["zip-damaged"]
    assert "it should have 1,000 bytes and has more" in report.findings[0].sentence


def test_an_archive_too_large_in_sum_is_not_unpacked(maker, monkeypatch):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 3_000)
    monkeypatch.setattr(directory.zlib, "decompressobj", None)
    assert maker.found(maker.make()) == ["zip-too-large"]


def test_members_that_overlap_are_refused(maker):
    data = bytearray(maker.make())
    line = data.index(b"PK\1\2")
    data[line + 20 : line + 24] = struct.pack("<L", 2_000)  # the first reaches into those after it
    assert maker.found(bytes(data)) == ["zip-overlap"]


def test_a_hundred_thousand_entries_are_counted_and_not_read(maker):
    line = b"PK\1\2" + bytes(42)
    data = b"PK\3\4" + bytes(26) + line * 100_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 7, 7, len(line) * 100_000, 30, 0)
    assert maker.found(data + end) == ["zip-too-many-entries"]


def test_a_bundle_is_looked_at_pass_by_pass(maker):
    broken = maker.make(maker.content(backgroundColor="red"))
    report = maker.inspect(zipped({"a.pkpass": maker.make(), "b.pkpass": broken}))
    assert report.findings == ()
    assert [inside.name for inside in report.passes] == ["a.pkpass", "b.pkpass"]
    assert [rules(inside) for inside in report.passes] == [[], ["colour-not-rgb"]]
    assert not report.opens


def test_a_bundle_holds_at_most_ten_passes_and_nothing_else(maker):
    sound = maker.make()
    assert maker.found(zipped({f"{number}.pkpass": sound for number in range(11)})) == ["bundle-too-many"]
    assert maker.found(zipped({"a.pkpass": sound, "readme.txt": b"hello"})) == ["bundle-other-file"]
    nested = zipped({"a.pkpass": zipped({"b.pkpass": sound})})
    assert maker.found(nested) == ["not-a-pass"]
    report = maker.inspect(zipped({"a.pkpass": sound[:-40], "b.pkpass": b"<html>"}))
    assert refusals(report) == ["zip-cut-off", "file-is-web-page"]


def test_a_bundle_of_more_than_wallet_takes_is_not_opened(maker, monkeypatch):
    monkeypatch.setattr(inspection, "LARGEST", 100)
    assert maker.found(maker.make()) == ["file-too-large"]
