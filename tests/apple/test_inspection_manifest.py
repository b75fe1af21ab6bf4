"""manifest.json, and JSON as a phone reads it."""

import json

import pytest

from tests.apple.inspected import Maker, rules


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


def with_manifest(maker, change):
    """A pass whose manifest was changed before it was signed."""
    files = maker.files()
    manifest = json.loads(maker.manifest(files))
    change(manifest)
    return maker.pack(files, manifest=json.dumps(manifest).encode())


CHANGES = [
    ("manifest-lacks-file", lambda listed: listed.pop("icon.png")),
    ("manifest-lacks-file", lambda listed: listed.pop("en.lproj/pass.strings")),
    ("manifest-lists-missing", lambda listed: listed.update({"logo.png": "0" * 40})),
    ("manifest-hash-differs", lambda listed: listed.update({"icon.png": "0" * 40})),
    ("manifest-hash-upper-case", lambda listed: listed.update({"icon.png": listed["icon.png"].upper()})),
    ("manifest-hash-not-sha1", lambda listed: listed.update({"icon.png": "0" * 64})),
    ("manifest-hash-not-sha1", lambda listed: listed.update({"icon.png": 7})),
    ("manifest-lists-itself", lambda listed: listed.update({"manifest.json": "0" * 40})),
    ("manifest-lists-itself", lambda listed: listed.update({"signature": "0" * 40})),
]


@pytest.mark.parametrize(("rule", "change"), CHANGES)
def test_a_manifest_that_is_not_true_has_one_finding(maker, rule, change):
    report = maker.inspect(with_manifest(maker, change))
    assert rules(report) == [rule]
    assert report.findings[0].severity == "refused"


def test_the_sentence_tells_a_sha256_and_other_line_ends(maker):
    data = with_manifest(maker, lambda listed: listed.update({"icon.png": "0" * 64}))
    assert "gives 'icon.png' a SHA-256" in maker.inspect(data).findings[0].sentence
    files = maker.files(maker.content(), **{"uk.lproj/pass.strings": b'"lbl_points" = "P";\n"chg_points" = "%@";\n'})
    manifest = maker.manifest(files)
    files["uk.lproj/pass.strings"] = files["uk.lproj/pass.strings"].replace(b"\n", b"\r\n")
    report = maker.inspect(maker.pack(files, manifest=manifest))
    assert rules(report) == ["manifest-hash-differs"]
    assert "its line ends were changed" in report.findings[0].sentence


def test_paths_written_another_way_are_told(maker):
    def change(listed):
        listed["en.lproj\\pass.strings"] = listed.pop("en.lproj/pass.strings")

    report = maker.inspect(with_manifest(maker, change))
    assert rules(report) == ["manifest-lacks-file", "manifest-lists-missing"]
    assert "The file is called 'en.lproj/pass.strings'" in report.findings[1].sentence


JSON = [
    ("json-bom", lambda text: b"\xef\xbb\xbf" + text, "begins with a byte order mark"),
    ("json-not-utf-8", lambda text: text.decode().replace("Luna", "L\xfcna").encode("latin-1"), "is not UTF-8"),
    ("json-not-utf-8", lambda text: text.decode().encode("utf-16"), "is not UTF-8"),
    ("json-syntax", lambda text: text[:-1] + b",}", "a comma before a closing bracket"),
    ("json-syntax", lambda text: b"// Luna\n" + text, "there is a comment"),
    ("json-syntax", lambda text: text + b"}", "something follows after the end"),
    ("json-syntax", lambda text: text.replace(b'"description"', b"'description'"), "single quotes"),
    ("json-syntax", lambda text: text.replace(b"120", b"NaN"), "NaN is not a number"),
    ("json-syntax", lambda text: text.replace(b"120", b"1" * 5000), "not JSON that a phone reads"),
    ("json-syntax", lambda text: b"", "the file is empty"),
    ("json-syntax", lambda text: text[:200], "is not JSON at line 1"),
    ("json-not-object", lambda text: b"[" + text + b"]", "not an object"),
    ("json-not-object", lambda text: b"null", "not an object"),
    ("json-too-deep", lambda text: b"[" * 60 + b"]" * 60, "more than 40 deep"),
    ("json-too-deep", lambda text: b'{"a":' * 100_000, "more than 40 deep"),
    ("json-too-large", lambda text: text + b" " * 600_000, "600,"),
    ("json-duplicate-key", lambda text: text[:-1] + b',"description":"Another"}', "has the key 'description' twice"),
]


@pytest.mark.parametrize(("rule", "spoil", "words"), JSON)
def test_what_is_no_json_for_a_phone_has_one_finding(maker, rule, spoil, words):
    report = maker.inspect(maker.make(spoil(json.dumps(maker.content()).encode())))
    assert rules(report) == [rule]
    assert words in report.findings[0].sentence
    assert report.findings[0].sentence.startswith("pass.json")


def test_the_manifest_is_json_too(maker):
    assert maker.found(maker.pack(maker.files(), manifest=b"[]")) == ["json-not-object"]
