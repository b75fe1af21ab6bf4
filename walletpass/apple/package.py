"""The .pkpass archive: a zip whose members are stored, because PNGs do not shrink and deflating costs more than signing.

Images and strings are the same for every card of a design and palette: they are hashed and laid out once. Only pass.json,
manifest.json and the signature are made for a card. Names are sorted, dates are fixed: the same card, version and
certificate give the same bytes.
"""

import codecs
import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.pass_json import pass_json
from walletpass.apple.signing import sign
from walletpass.cards import CardFace, Design, Palette
from walletpass.cards.designs import APPLE_IMAGES

MEDIA_TYPE = "application/vnd.apple.pkpass"
PASS, MANIFEST, SIGNATURE = "pass.json", "manifest.json", "signature"

_COMMON = struct.Struct("<HHHHHLLLHH")  # version, flags, method, time, date, CRC-32, size, size, name, extra
_PLACE = struct.Struct("<HHHLL")  # comment, disk, internal and external attributes, offset
_END = struct.Struct("<LHHHHLLH")
_1980_01_01 = 0x0021
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class _Layout:
    """What all cards of one design and palette share."""

    members: bytes
    listing: Mapping[str, bytes]
    order: tuple[str, ...]
    manifest: tuple[bytes, bytes]


def build(face: CardFace, identity: SigningIdentity) -> bytes:
    """The signed pass. Raises CertificateError when the certificate is not valid today."""
    layout = _layout(face.design, face.palette)
    content = pass_json(face)
    manifest = hashlib.sha1(content, usedforsecurity=False).hexdigest().encode().join(layout.manifest)
    signature = sign(identity, manifest, face.changed_at)
    parts, listing, offset = [layout.members], dict(layout.listing), len(layout.members)
    for name, data in ((PASS, content), (MANIFEST, manifest), (SIGNATURE, signature)):
        member, listing[name] = _member(name, data, offset)
        parts += (member, data)
        offset += len(member) + len(data)
    directory = b"".join([listing[name] for name in layout.order])
    end = _END.pack(0x06054B50, 0, 0, len(listing), len(listing), len(directory), offset, 0)
    return b"".join((*parts, directory, end))


def strings_file(strings: Mapping[str, str]) -> bytes:
    """pass.strings: UTF-16 with its mark, which every iOS reads alike."""
    lines = [f'"{_escaped(key)}" = "{_escaped(text)}";\n' for key, text in sorted(strings.items())]
    return codecs.BOM_UTF16_LE + "".join(lines).encode("utf-16-le")


@lru_cache(maxsize=64)
def _layout(design: Design, palette: Palette) -> _Layout:
    files = {name: data for name, data in palette.images.items() if name in APPLE_IMAGES}
    files |= {f"{language}.lproj/pass.strings": strings_file(strings) for language, strings in design.strings.items()}
    members, listing = b"", {}
    for name, data in sorted(files.items()):
        member, listing[name] = _member(name, data, len(members))
        members += member + data
    hashes = {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()} | {PASS: "?"}
    before, _, after = json.dumps(hashes, sort_keys=True, separators=(",", ":")).encode().partition(b"?")
    order = tuple(sorted([*files, PASS, MANIFEST, SIGNATURE]))
    return _Layout(members, listing, order, (before, after))


def _member(name: str, data: bytes, offset: int) -> tuple[bytes, bytes]:
    """A member's header, which stands before its data, and its line in the directory (APPNOTE 4.3.7 and 4.3.12)."""
    plain = name.encode("ascii")
    common = _COMMON.pack(20, 0, 0, 0, _1980_01_01, zlib.crc32(data), len(data), len(data), len(plain), 0)
    return b"PK\3\4" + common + plain, b"PK\1\2\x14\3" + common + _PLACE.pack(0, 0, 0, _PLAIN_FILE, offset) + plain


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
