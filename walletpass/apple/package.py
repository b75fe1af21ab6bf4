"""The .pkpass archive: a zip whose members are stored, because PNGs do not shrink and deflating costs more than signing.

Images and strings are the same for every card of a design, palette and number of stamps: they are hashed and laid out once.
Only pass.json, manifest.json and the signature are made for a card. Names are sorted, dates are fixed: the same card, version and
certificate give the same bytes.
"""

import codecs
import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.pass_json import pass_json
from walletpass.apple.signing import sign
from walletpass.cards import CardFace, Design, Palette
from walletpass.cards.designs import SCALES, stamped
from walletpass.errors import Malformed

MEDIA_TYPE = "application/vnd.apple.pkpass"
BUNDLE_MEDIA_TYPE = "application/vnd.apple.pkpasses"
# Apple: "Distributing and updating a pass".
MOST_PASSES, MOST_BYTES = 10, 150_000_000
# A card's own, in the order of the directory.
OWN = MANIFEST, PASS, SIGNATURE = "manifest.json", "pass.json", "signature"

_COMMON = struct.Struct("<HHHHHLLLHH")  # version, flags, method, time, date, CRC-32, size, size, name, extra
_PLACE = struct.Struct("<HHHLL")  # comment, disk, internal and external attributes, offset
_END = struct.Struct("<LHHHHLLH")
_1980_01_01 = 0x0021
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class _Layout:
    """What all cards of one design, palette and number of stamps share: ``count`` members and their lines in the directory, cut
    where those of a card's own members belong."""

    members: bytes
    directory: tuple[bytes, ...]
    count: int
    manifest: tuple[bytes, bytes]


def build(face: CardFace, identity: SigningIdentity) -> bytes:
    """The signed pass. Raises CertificateError when the certificate is not valid today."""
    layout = _layout(face.design, face.palette, face.stamp_count)
    content = pass_json(face)
    manifest = hashlib.sha1(content, usedforsecurity=False).hexdigest().encode().join(layout.manifest)
    signature = sign(identity, manifest, face.changed_at)
    before, *after = layout.directory
    members, lines, offset = [layout.members], [before], len(layout.members)
    for name, data, rest in zip(OWN, (manifest, content, signature), after, strict=True):
        member, line = _member(name, data, offset)
        members += (member, data)
        lines += (line, rest)
        offset += len(member) + len(data)
    directory = b"".join(lines)
    return b"".join((*members, directory, _end(layout.count + len(OWN), len(directory), offset)))


def strings_file(strings: Mapping[str, str]) -> bytes:
    """pass.strings: UTF-16 with its mark, which every iOS reads alike; big-endian, as KDE's reader takes it without asking."""
    lines = [f'"{_escaped(key)}" = "{_escaped(text)}";\n' for key, text in sorted(strings.items())]
    return codecs.BOM_UTF16_BE + "".join(lines).encode("utf-16-be")


def bundle(passes: Sequence[bytes]) -> bytes:
    """Several passes as one .pkpasses, which Safari takes in one go. Malformed when there are none or more than it takes."""
    if not 1 <= len(passes) <= MOST_PASSES:
        raise Malformed(f"A bundle takes from 1 to {MOST_PASSES} passes, not {len(passes)}.")
    if (total := sum(map(len, passes))) > MOST_BYTES:
        raise Malformed(f"These passes have {total:,} bytes together; a bundle takes at most {MOST_BYTES:,}.")
    parts: list[bytes] = []
    listing: list[bytes] = []
    offset = 0
    for place, data in enumerate(passes):
        member, line = _member(f"{place}.pkpass", data, offset)
        parts += (member, data)
        listing.append(line)
        offset += len(member) + len(data)
    directory = b"".join(listing)
    return b"".join((*parts, directory, _end(len(listing), len(directory), offset)))


@lru_cache(maxsize=128)
def _layout(design: Design, palette: Palette, count: int) -> _Layout:
    files = {name: palette.images[name] for name in design.apple_images}
    if design.stamps is not None:
        files |= {name: stamped(palette, design.stamps, name, count) for name in (f"strip{scale}.png" for scale in SCALES)}
    files |= {f"{language}.lproj/pass.strings": strings_file(strings) for language, strings in design.strings.items()}
    members, listing = b"", {}
    for name, data in sorted(files.items()):
        member, listing[name] = _member(name, data, len(members))
        members += member + data
    hashes = {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()} | {PASS: "?"}
    before, _, after = json.dumps(hashes, sort_keys=True, separators=(",", ":")).encode().partition(b"?")
    cuts = pairwise(("", *OWN, "\x7f"))
    directory = tuple(b"".join(line for name, line in listing.items() if start < name < end) for start, end in cuts)
    return _Layout(members, directory, len(listing), (before, after))


def _member(name: str, data: bytes, offset: int) -> tuple[bytes, bytes]:
    """A member's header, which stands before its data, and its line in the directory (APPNOTE 4.3.7 and 4.3.12)."""
    plain = name.encode("ascii")
    common = _COMMON.pack(20, 0, 0, 0, _1980_01_01, zlib.crc32(data), len(data), len(data), len(plain), 0)
    return b"PK\3\4" + common + plain, b"PK\1\2\x14\3" + common + _PLACE.pack(0, 0, 0, _PLAIN_FILE, offset) + plain


def _end(count: int, size: int, offset: int) -> bytes:
    """The record after a directory of so many lines and bytes that begins at ``offset``."""
    return _END.pack(0x06054B50, 0, 0, count, count, size, offset, 0)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
