"""What lies in the archive, and under which names."""

import re
import stat
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from walletpass.apple.inspection.directory import DEFLATED, ENCRYPTED, STORED, Damaged, Entry, unpacked
from walletpass.apple.inspection.findings import Finding, Findings, advice, ignored, refused, said

PASS, MANIFEST, SIGNATURE, PERSONALIZATION, STRINGS = "pass.json", "manifest.json", "signature", "personalization.json", "pass.strings"
LARGEST_PASS = 24 * 1024 * 1024
MOST_UNPACKED = 24 * 1024 * 1024
BOMB_SIZE, BOMB_RATIO = 1024 * 1024, 200
COMFORTABLE = 60 * 1000
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".svg", ".pdf")
SECRETS = (".p12", ".pfx", ".key")
FOLDER = re.compile(r".+\.lproj")


@dataclass(frozen=True)
class Unpacked:
    """The files by name. ``spoiled`` are names that were in the archive, but have a finding of their own and were not read."""

    files: dict[str, bytes] = field(default_factory=dict)
    spoiled: frozenset[str] = frozenset()


def sound(entries: list[Entry]) -> Generator[Finding, None, list[Entry]]:
    """The entries whose names and kinds belong in a pass."""
    seen: set[str] = set()
    kept: list[Entry] = []
    for entry in entries:
        finding = _entry(entry, seen)
        if finding:
            yield finding
        else:
            kept.append(entry)
        seen.add(entry.name)
    return kept


def too_large(entries: list[Entry]) -> Finding | None:
    """What would fill the memory is said from the directory alone; nothing is unpacked for it."""
    for entry in entries:
        if entry.size > BOMB_SIZE and entry.size > BOMB_RATIO * max(entry.packed, 1):
            ratio = entry.size // max(entry.packed, 1)
            return refused(
                "zip-bomb", f"{said(entry.name)} unpacks to {entry.size:,} bytes, {ratio:,} times its size: a zip bomb. Take it out."
            )
    total = sum(entry.size for entry in entries)
    if total > MOST_UNPACKED:
        return refused("zip-too-large", f"The archive unpacks to {total:,} bytes. Keep a pass below a megabyte: use smaller images.")
    return None


def unpack(data: bytes, entries: list[Entry]) -> Generator[Finding, None, Unpacked]:
    kept = yield from sound(entries)
    if finding := too_large(kept):
        yield finding
        return Unpacked()
    files: dict[str, bytes] = {}
    for entry in kept:
        try:
            files[entry.name] = unpacked(data, entry)
        except Damaged as error:
            yield refused(
                "zip-damaged", f"{said(entry.name)} is damaged inside the zip: {error}. Pack the pass again and send it as binary."
            )
    return Unpacked(files, frozenset(entry.name for entry in entries) - set(files))


def required(found: Unpacked) -> Generator[Finding, None, bool]:
    """Whether there is anything to look at further."""
    names = set(found.files) | found.spoiled
    folder = next((name for name in sorted(names) if name.endswith(f"/{PASS}")), "")
    if PASS not in names and folder:
        yield refused(
            "files-in-folder",
            f"The pass lies in a folder ({said(folder)}). Zip the files themselves, not the folder: pass.json at the top.",
        )
        return False
    if not names & {PASS, MANIFEST, SIGNATURE}:
        yield refused("not-a-pass", "This is a zip, but no pass: it has neither pass.json nor manifest.json nor signature.")
        return False
    if PASS not in names:
        yield refused("pass-json-missing", "The archive has no pass.json. Its name is written exactly so, at the top of the archive.")
    if MANIFEST not in names:
        yield refused("manifest-missing", "The archive has no manifest.json with the SHA-1 of every file. Write one before signing.")
    if SIGNATURE not in names:
        yield refused("signature-missing", "The archive has no file named signature. Sign manifest.json with the pass type certificate.")
    return True


def unused(files: dict[str, bytes]) -> Findings:
    """Files Wallet does not look at, and those nobody should."""
    for name, data in files.items():
        folder, _, base = name.rpartition("/")
        if name.lower().endswith(SECRETS) or b"PRIVATE KEY-----" in data[:4096]:
            yield advice(
                "secret-file", f"{said(name)} looks like a private key, and everyone with the pass has it. Take it out and make a new key."
            )
        elif folder and not FOLDER.fullmatch(folder):
            yield ignored(
                "file-in-folder", f"{said(name)} lies in a folder Wallet does not look into. Put it at the top, or in <language>.lproj."
            )
        elif not base.lower().endswith(PICTURES) and base not in _known(folder):
            yield ignored("file-unknown", f"{said(name)} is no file Wallet knows{_meant(base, _known(folder))}. Take it out.")


def _known(folder: str) -> tuple[str, ...]:
    return (STRINGS,) if folder else (PASS, MANIFEST, SIGNATURE, PERSONALIZATION)


def _meant(base: str, known: tuple[str, ...]) -> str:
    near = next((name for name in (*known, STRINGS) if name.lower() == base.lower()), "")
    return f"; {near} is written exactly so, inside <language>.lproj" if near == STRINGS else f"; did you mean {near}?" if near else ""


def comfortable(size: int) -> Findings:
    if size > COMFORTABLE:
        sentence = f"The pass has {size:,} bytes. Below 60,000 it loads at once on a poor network: save images with a palette."
        yield advice("pass-large", sentence)


def _entry(entry: Entry, seen: set[str]) -> Finding | None:
    name, shown = entry.name, said(entry.name)
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(entry.mode)
    if not entry.readable:
        return refused("zip-name-unreadable", f"The file name {shown} in the zip cannot be read. Use plain letters.")
    if any(part in LITTER or part.startswith("._") for part in parts):
        return refused("litter", f"{shown} was left by a file manager and is in no manifest. Take it out (zip -X, without .DS_Store).")
    if "\\" in name:
        return refused("zip-backslash", f"{shown} has a backslash in its name, as packed on Windows. Write folders with /.")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or {"..", "."} & set(name.split("/")) or "//" in name:
        return refused("zip-path-outside", f"The name {shown} leads out of the archive. Names are relative, without .. and .")
    if kind == stat.S_IFLNK or (kind and kind not in (stat.S_IFREG, stat.S_IFDIR)):
        return refused("zip-symlink", f"{shown} is a link, not a file. Pack the file it points to.")
    if name.endswith("/"):
        return refused("zip-folder-entry", f"The folder {shown} is an entry of its own; only files belong in a pass (zip -D).")
    if name in seen:
        return refused("zip-duplicate", f"The archive has {shown} twice. Keep one.")
    if entry.flags & ENCRYPTED:
        return refused("zip-encrypted", f"{shown} is encrypted. A pass is never encrypted: pack it without a password.")
    if entry.method not in (STORED, DEFLATED):
        return refused(
            "zip-method-unknown", f"{shown} is compressed with method {entry.method}; a phone reads only stored and deflated files."
        )
    return None
