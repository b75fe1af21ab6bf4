"""Why will my pass not open: a good pass, and one spoiled in each way there is a sentence for."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from walletpass.sandbox import chain
from walletpass.sandbox.face import changes, face
from walletpass.sandbox.refusal import WontOpen
from walletpass.sandbox.strings import parse
from walletpass.sandbox.verify import Trust, open_pass

if TYPE_CHECKING:
    from tests.sandbox.conftest import Credentials, PassMaker

GONE: Any = ...


@pytest.fixture
def trust(credentials: Credentials) -> Trust:
    return Trust.read(credentials.directory / "root.pem")


def why(data: bytes, trust: Trust, now: datetime | None = None) -> str:
    with pytest.raises(WontOpen) as caught:
        open_pass(data, trust, now)
    return caught.value.sentence


def test_a_good_pass_opens_and_reads_in_the_language_of_the_phone(passes: PassMaker, trust: Trust) -> None:
    opened = open_pass(passes.make(), trust)
    assert opened.identity == "pass.example.luna/card-1"
    assert face(opened, "uk")["headerFields"] == [{"key": "points", "label": "Бали", "value": "120"}]
    assert face(opened, "ru")["headerFields"][0]["label"] == "Points"


def test_a_change_message_is_spoken_only_for_a_value_that_changed(passes: PassMaker, trust: Trust) -> None:
    card = passes.content()["storeCard"]
    card["headerFields"][0]["value"] = 130
    old, new = open_pass(passes.make(), trust), open_pass(passes.make(storeCard=card), trust)
    assert changes(old, new, "uk") == ["У вас 130 балів"]
    assert changes(old, old, "en") == []


CONTENT: list[tuple[dict[str, Any], str]] = [
    ({"formatVersion": "1"}, "formatVersion has to be the number 1."),
    ({"description": GONE}, "pass.json needs description, as text that is not empty."),
    ({"serialNumber": 7}, "pass.json needs serialNumber, as text that is not empty."),
    ({"passTypeIdentifier": "example.luna"}, "passTypeIdentifier has to begin with 'pass.', not 'example.luna'."),
    ({"passTypeIdentifier": "pass.other"}, "but the certificate was issued for 'pass.example.luna'."),
    ({"teamIdentifier": "OTHER00001"}, "but the certificate belongs to team 'LUNA000001'."),
    ({"storeCard": GONE}, "pass.json needs exactly one style"),
    ({"generic": {}}, "it has storeCard, generic."),
    ({"backgroundColor": "#7a3426"}, "backgroundColor has to look like 'rgb(176, 83, 52)', not '#7a3426'."),
    ({"labelColor": "rgb(1, 2, 300)"}, "labelColor has to look like"),
    ({"userInfo": {"a": [1, None]}}, "pass.json has null at userInfo.a[1]; leave the key out instead."),
    (
        {"storeCard": {"headerFields": [{"key": "a", "value": 1}], "backFields": [{"key": "a", "value": 2}]}},
        "The field key 'a' is used twice",
    ),
    ({"storeCard": {"headerFields": [{"value": 1}]}}, "A field in headerFields has no key."),
    ({"storeCard": {"headerFields": [{"key": "a"}]}}, "The field 'a' needs a value that is text or a number."),
    ({"storeCard": {"headerFields": {}}}, "headerFields has to be a list of fields."),
    (
        {"storeCard": {"headerFields": [{"key": "a", "value": 1, "changeMessage": "Changed"}]}},
        "The changeMessage of the field 'a' lacks %@",
    ),
    (
        {"storeCard": {"headerFields": [{"key": "a", "value": "1", "currencyCode": "EUR"}]}},
        "has currencyCode, so its value has to be a number",
    ),
    (
        {"storeCard": {"backFields": [{"key": "a", "value": "2026-11-22", "dateStyle": "PKDateStyleShort"}]}},
        "needs a date, a time and a zone",
    ),
    ({"storeCard": {"backFields": [{"key": "a", "value": "x", "textAlignment": "PKTextAlignmentLeft"}]}}, "may not have textAlignment"),
    ({"storeCard": {"headerFields": [{"key": str(n), "value": n} for n in range(4)]}}, "There is room for three header fields."),
    ({"storeCard": {"secondaryFields": [{"key": str(n), "value": n} for n in range(5)]}}, "room for four; this pass has 5."),
    ({"barcodes": {"format": "PKBarcodeFormatQR"}}, "barcodes has to be a list, even for one barcode."),
    ({"barcodes": [{"format": "QR", "message": "1"}]}, "A barcode needs a format this phone can draw"),
    ({"barcodes": [{"format": "PKBarcodeFormatQR"}]}, "A barcode needs a message."),
    ({"barcodes": [{"format": "PKBarcodeFormatQR", "message": "1"}]}, "A barcode needs its messageEncoding"),
    ({"barcodes": [{"format": "PKBarcodeFormatQR", "message": "1", "messageEncoding": "x-9"}]}, "Nobody knows the messageEncoding 'x-9'."),
    ({"barcodes": [{"format": "PKBarcodeFormatQR", "message": "ї", "messageEncoding": "iso-8859-1"}]}, "cannot be written in iso-8859-1."),
    ({"authenticationToken": "short"}, "authenticationToken has 5 characters; it needs at least 16."),
    ({"authenticationToken": GONE}, "webServiceURL and authenticationToken belong together"),
    ({"webServiceURL": "http://cards.example.com"}, "webServiceURL has to be https; plain http works on this machine only."),
    ({"webServiceURL": "https://cards.example.com/v1"}, "webServiceURL must not contain /v1"),
    ({"webServiceURL": "https:// cards"}, "webServiceURL is not an address"),
    ({"locations": [{"latitude": 91, "longitude": 0}]}, "as numbers on this planet."),
    ({"locations": [{"latitude": 1, "longitude": 1}] * 11}, "at most ten places."),
    ({"expirationDate": "2026-11-22"}, "expirationDate needs a date, a time and a zone"),
    ({"nfc": {"message": "x"}}, "The pass has nfc, which needs a certificate that Apple issues for NFC only."),
]


@pytest.mark.parametrize(("changes", "sentence"), CONTENT)
def test_pass_json_is_wrong(passes: PassMaker, trust: Trust, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in why(passes.make(**changes), trust)


FILES: list[tuple[dict[str, bytes | None], str]] = [
    ({"icon.png": None}, "There is no icon.png; without it no pass is shown."),
    ({"icon.png": b"GIF89a"}, "'icon.png' is called PNG but is not a PNG picture."),
    ({"pass.json": b"{'a': 1}"}, "pass.json is not valid JSON"),
    ({"pass.json": b"[]"}, "pass.json is valid JSON but not an object."),
    ({"pass.json": b'{"a": 1, "a": 2}'}, "the key 'a' is there twice"),
    ({"pass.json": b'{"a": NaN}'}, "NaN is not a number in JSON"),
    ({"pass.json": b'{"a": "\xff"}'}, "pass.json is not UTF-8."),
    ({"pass.json": None}, "The archive has no pass.json."),
    ({"images/": b""}, "The archive has a folder entry 'images/'"),
    ({".DS_Store": b""}, "The archive holds '.DS_Store', left behind by a file manager."),
    ({"../x": b""}, "leads out of the archive."),
    ({"images/logo.png": b""}, "lies in a folder; files belong at the root of the archive"),
    (
        {"uk.lproj/pass.strings": '"lbl_points" = "Бали";'.encode("utf-16")},
        "uk.lproj/pass.strings lacks 'chg_points'; every language needs the same keys.",
    ),
    ({"uk.lproj/pass.strings": b"\xff\xff\xff"}, "is neither UTF-16 with a byte order mark nor UTF-8."),
    ({"uk.lproj/pass.strings": '"a" = "b";'.encode("utf-16-le")}, "is UTF-16 without a byte order mark."),
    ({"uk.lproj/pass.strings": b'"a" = "b"\n"c" = "d";'}, "cannot be read at line 1"),
    ({"uk.lproj/pass.strings": b'"a" = "b"; "a" = "c";'}, "has 'a' twice."),
]


@pytest.mark.parametrize(("changes", "sentence"), FILES)
def test_a_file_is_wrong(passes: PassMaker, trust: Trust, changes: dict[str, bytes | None], sentence: str) -> None:
    files = {name: data for name, data in {**passes.files(), **changes}.items() if data is not None}
    assert sentence in why(passes.zip(files), trust)


def test_a_web_page_or_a_torn_archive_is_no_pass(passes: PassMaker, trust: Trust) -> None:
    assert "It looks like a web page" in why(b"<!doctype html><p>Sign in", trust)
    assert why(passes.make()[:-30], trust) == "This is not a zip archive, so it cannot be a pass."


def test_a_folder_around_the_files_is_named(passes: PassMaker, trust: Trust) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("luna.lproj/pass.json", "{}")
    assert why(buffer.getvalue(), trust) == "pass.json lies in a folder; it belongs at the root of the archive."


def test_the_manifest_covers_exactly_the_files(passes: PassMaker, trust: Trust) -> None:
    files = passes.files()
    manifest = json.loads(passes.manifest(files))
    without = json.dumps({name: value for name, value in manifest.items() if name != "icon.png"}).encode()
    assert why(passes.zip(files, without), trust) == "'icon.png' is in the archive but not in the manifest."
    more = json.dumps({**manifest, "logo.png": "0" * 40}).encode()
    assert why(passes.zip(files, more), trust) == "The manifest lists 'logo.png', which is not in the archive."
    wrong = json.dumps({**manifest, "icon.png": "0" * 40}).encode()
    assert "'icon.png' was changed after the manifest was written" in why(passes.zip(files, wrong), trust)


def spoiled(passes: PassMaker, **signing: Any) -> bytes:
    files = passes.files()
    manifest = passes.manifest(files)
    return passes.zip(files, manifest, passes.sign(manifest, *signing.pop("options", ()), **signing))


def test_the_signature_is_wrong(passes: PassMaker, trust: Trust) -> None:
    files = passes.files()
    manifest = passes.manifest(files)
    assert why(passes.zip(files, manifest, b"nothing"), trust) == "The file 'signature' is not a CMS signature in DER form."
    assert why(passes.zip(files, manifest, passes.sign(manifest + b" ")), trust) == "The manifest was changed after it was signed."
    as_text = passes.sign(manifest.replace(b"\n", b"\r\n"))
    assert "it was signed as text instead of as binary" in why(passes.zip(files, manifest, as_text), trust)
    assert "it has to be detached" in why(spoiled(passes, detached=False), trust)
    assert "it has no signing time" in why(spoiled(passes, options=("-noattr",)), trust)
    assert "contains no certificates" in why(spoiled(passes, certfile="", options=("-nocerts",)), trust)
    assert "(WWDR) that issued the pass certificate is not inside" in why(spoiled(passes, certfile=""), trust)
    assert "The certificate that signed the pass is not inside" in why(spoiled(passes, options=("-nocerts",)), trust)
    assert "the digest 2.16.840.1.101.3.4.2.3; a phone takes SHA-256" in why(spoiled(passes, options=("-md", "sha512")), trust)
    torn = bytearray(passes.sign(manifest))
    torn[-1] ^= 1
    assert "was not made with the key of the certificate" in why(passes.zip(files, manifest, bytes(torn)), trust)


def test_sha1_is_taken_as_sha256_is(passes: PassMaker, trust: Trust) -> None:
    assert open_pass(spoiled(passes, options=("-md", "sha1")), trust).identity == "pass.example.luna/card-1"


def test_certificates_have_their_days(passes: PassMaker, trust: Trust) -> None:
    data, now = passes.make(), datetime.now(UTC)
    assert "The pass certificate expired on" in why(data, trust, now + timedelta(days=400))
    assert "The pass certificate is not valid before" in why(data, trust, now - timedelta(days=1))


def test_a_pass_signed_before_its_certificate_was_valid_is_refused(passes: PassMaker, credentials: Credentials, trust: Trust) -> None:
    program = chain.PassType("luna", "pass.example.luna", "LUNA000001", "Trattoria Luna")
    wwdr = chain.load(credentials.directory, "wwdr")
    later = chain.pass_certificate(wwdr, program, start=datetime.now(UTC) + timedelta(days=1))
    assert "when its certificate was not valid" in why(signed_by(passes, later), trust, datetime.now(UTC) + timedelta(days=2))


def signed_by(passes: PassMaker, issued: chain.Issued) -> bytes:
    chain._store(passes.work, "pass", issued)
    (passes.work / "wwdr.pem").write_bytes((passes.folder / "wwdr.pem").read_bytes())
    other = type(passes)(passes.work, passes.work)
    return other.make()


def test_a_certificate_of_another_chain_is_not_trusted(passes: PassMaker, trust: Trust) -> None:
    chain.prepare(passes.work / "certs", passes.work / "box", [chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna")])
    stranger = type(passes)(passes.work / "certs" / "luna", passes.work)
    assert why(stranger.make(), trust) == "The intermediate certificate does not come from a root this phone trusts."
    (passes.work / "certs" / "luna" / "wwdr.pem").write_bytes((passes.folder / "wwdr.pem").read_bytes())
    assert "has the right name but did not issue the pass certificate" in why(stranger.make(), trust)


def test_a_self_signed_certificate_is_named_as_such(passes: PassMaker, trust: Trust) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/UID=pass.example.luna/OU=LUNA000001"]
    subprocess.run(
        [*command, "-keyout", str(passes.work / "pass.key"), "-out", str(passes.work / "pass.pem")], check=True, capture_output=True
    )
    (passes.work / "wwdr.pem").write_bytes((passes.folder / "wwdr.pem").read_bytes())
    assert why(type(passes)(passes.work, passes.work).make(), trust) == "The pass certificate signed itself; it has to come from Apple."


def test_another_kind_of_certificate_lacks_the_mark(
    passes: PassMaker, credentials: Credentials, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.x509 import ObjectIdentifier

    monkeypatch.setattr(chain, "PASS_TYPE_MARKER", ObjectIdentifier("1.2.3.4"))
    wwdr = chain.load(credentials.directory, "wwdr")
    issued = chain.pass_certificate(wwdr, chain.PassType("luna", "pass.example.luna", "LUNA000001", "Luna"))
    assert "it lacks the mark of a Pass Type ID certificate" in why(signed_by(passes, issued), trust)


def test_strings_unescape_quotes_backslashes_and_line_ends() -> None:
    text = '/* a comment */\n"k" = "say \\"hi\\" \\\\ \\n \\U0431 😀"; // end\n'
    assert parse(text, "x") == {"k": 'say "hi" \\ \n б 😀'}
