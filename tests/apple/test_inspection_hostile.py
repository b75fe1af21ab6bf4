"""Whatever the bytes are: findings in sentences, never an exception, and little memory and time."""

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apple.inspected import Maker, png, zipped
from walletpass.apple import inspection

# An ASN.1 gone wrong may still be a certificate, of a kind cryptography warns of.
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
few = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def maker(tmp_path_factory, chain):
    return Maker(tmp_path_factory.mktemp("hostile"), chain)


@pytest.fixture(scope="module")
def members(maker):
    return unzipped(maker.make(maker.content(beacons=[{"proximityUUID": "f1b1a2c3-0000-4000-8000-000000000001", "major": 1}])))


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def looked(data):
    report = inspection.inspect(data)
    assert report.findings
    for finding in report.everything:
        assert finding.sentence.isprintable()
        assert finding.sentence.endswith(".")
        assert len(finding.sentence) < 900
    return report


@few
@given(st.binary(max_size=3_000))
def test_random_bytes(data):
    assert not looked(data).opens


@few
@given(data=st.data())
def test_a_pass_cut_off_anywhere_or_with_bytes_changed(members, data):
    whole = bytearray(zipped(members))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)):
        whole[place] = value
    cut = data.draw(st.integers(0, len(whole)))
    looked(bytes(whole[: cut if data.draw(st.booleans()) else len(whole)]))


@few
@given(data=st.data())
def test_each_file_with_bytes_changed_in_an_archive_that_is_sound(members, data):
    name = data.draw(st.sampled_from(["signature", "signature", "icon.png", "pass.json", "en.lproj/pass.strings", "manifest.json"]))
    spoiled = bytearray(members[name])
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(spoiled) - 1), st.integers(0, 255)), min_size=1, max_size=6)):
        spoiled[place] = value
    looked(zipped({**members, name: bytes(spoiled[: data.draw(st.sampled_from([len(spoiled), len(spoiled) // 2]))])}))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, (*path, key))


@few
@given(data=st.data())
def test_pass_json_with_anything_in_any_place(members, data):
    content = json.loads(members["pass.json"])
    extra = ["relevantDates", "nfc", "userInfo", "barcode", "featuredActions", "expirationDate", "maxDistance", "generic", "posterGeneric"]
    content[data.draw(st.sampled_from(extra))] = data.draw(ANYTHING)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([path for path in places(content) if path]))
        parent = content
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = data.draw(ANYTHING)
    looked(zipped({**members, "pass.json": json.dumps(content).encode()}))


@few
@given(st.lists(st.sampled_from(['"a"', '"', "=", ";", "/*", "*/", "//", "\\", "\\U12", "\n", "key", "\ud83d\ude42"]), max_size=30))
def test_strings_of_any_tokens(members, tokens):
    looked(zipped({**members, "en.lproj/pass.strings": "".join(tokens).encode("utf-16", "surrogatepass")}))


def bomb(members):
    return zipped({**members, "strip.png": bytes(20_000_000)})


def hundred_thousand(members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for number in range(100_000):
            packed.writestr(f"{number}.png", b"")
    return data.getvalue()


def huge_picture(members):
    rows = zlib.compress(bytes(8000 * 8000 // 8 + 8000), 9)
    header = struct.pack(">LL5B", 8000, 8000, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    chunks = [struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data)) for kind, data in parts]
    return zipped({**members, "icon.png": b"\x89PNG\r\n\x1a\n" + b"".join(chunks)})


def deep(members):
    return zipped({**members, "pass.json": b'{"userInfo":' + b"[" * 250_000 + b"]" * 250_000 + b"}"})


def wide(members):
    return zipped({**members, "pass.json": b'{"storeCard":{"backFields":[' + b"null," * 100_000 + b"null]}}"})


def many_pictures(members):
    large = png(2000, 1990, "RGB")
    return zipped({**members, **{f"l{chr(97 + one)}.lproj/logo.png": large for one in range(26)}})


def unknown_keys(members):
    fields = ",".join(f'{{"la{number}":1}}' for number in range(30_000))
    return zipped({**members, "pass.json": f'{{"storeCard":{{"backFields":[{fields}]}}}}'.encode()})


def many_words(members):
    strings = {
        f"l{chr(97 + one)}.lproj/pass.strings": b"".join(b'"%x"="";' % (number * 20 + one) for number in range(20_000)) for one in range(4)
    }
    return zipped({**members, **strings})


def many_chunks(members):
    empty = struct.pack(">L", 0) + b"IDAT" + struct.pack(">L", zlib.crc32(b"IDAT"))
    return stored({**members, "icon.png": png(38, 38)[:33] + empty * 1_500_000})


def stored(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return data.getvalue()


def ladder(members):
    """ASN.1 inside ASN.1, as deep as fits."""
    inner = b""
    while len(inner) < 60_000:
        size = len(inner)
        inner = (b"0" + bytes([size]) if size < 128 else b"0\x82" + struct.pack(">H", size)) + inner
    return zipped({**members, "signature": inner})


def crumbs(members):
    """A set of as many tiny values as fit."""
    digests = b"0\x03\x06\x01*" * 12_000
    body = b"\x02\x01\x011\x82" + struct.pack(">H", len(digests)) + digests + b"0\x0b\x06\x09*\x86H\x86\xf7\r\x01\x07\x011\x00"
    signed = b"0\x82" + struct.pack(">H", len(body)) + body
    content = b"\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x82" + struct.pack(">H", len(signed)) + signed
    return zipped({**members, "signature": b"0\x82" + struct.pack(">H", len(content)) + content})


HOSTILE = [
    ("zip-bomb", bomb),
    ("zip-too-many-entries", hundred_thousand),
    ("image-too-many-pixels", huge_picture),
    ("json-too-deep", deep),
    ("null-value", wide),
    ("images-too-many-pixels", many_pictures),
    ("field-key-missing", unknown_keys),
    ("strings-keys-differ", many_words),
    ("image-damaged", many_chunks),
    ("signature-unreadable", ladder),
    ("signature-unreadable", crumbs),
]
# The peak of this process alone: a child's ru_maxrss begins with its parent's.
ALONE = """
import re, sys, time
from pathlib import Path
from walletpass.apple import inspection
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sound, hostile = (Path(name).read_bytes() for name in sys.argv[1:])
inspection.inspect(sound)
before, began = peak(), time.process_time()
report = inspection.inspect(hostile)
print(peak() - before, time.process_time() - began, *(one.rule for one in report.everything))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read as on Linux")
@pytest.mark.parametrize(("rule", "make"), HOSTILE)
def test_a_hostile_file_costs_little_memory_and_time(members, tmp_path, rule, make):
    (tmp_path / "sound").write_bytes(zipped(members))
    (tmp_path / "hostile").write_bytes(make(members))
    environment = {**os.environ, "PYTHONPATH": str(Path(inspection.__file__).parents[3])}
    command = [sys.executable, "-c", ALONE, str(tmp_path / "sound"), str(tmp_path / "hostile")]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60, text=True)
    kilobytes, seconds, *found = done.stdout.split()
    assert rule in found
    assert int(kilobytes) < 100_000
    assert float(seconds) < 10
