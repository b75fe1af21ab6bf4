"""Putting a certificate, its key and its intermediate in place: all three new or all three old, whatever is killed when.

    <program>/pass.pem  -> installed/pass.pem      likewise pass.key and wwdr.pem
    <program>/installed -> .set-20261122T101500Z-5e5e5e5e/
    <program>/pass.pem.20261122T101500Z.bak        what was in use before

A complete set is written beside the one in use, and renaming one link (``installed``) changes over. Files that were put here
by hand become a set of their own first.
"""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from walletpass.apple import certificates, signing
from walletpass.apple.certificates import INTERMEDIATE, KEY, LEAF
from walletpass.apple.guardian import disk, kinds, matching
from walletpass.apple.guardian.matching import Chosen
from walletpass.apple.guardian.reading import Found, Offer, read
from walletpass.apple.guardian.requesting import current_key, key_pem, settled, waiting_keys
from walletpass.database import now
from walletpass.errors import CertificateError, Malformed
from walletpass.programs import Program

log = structlog.get_logger(__name__)

NAMES = (LEAF, KEY, INTERMEDIATE)
CURRENT, SET = "installed", ".set-"


@dataclass(frozen=True)
class Installed:
    """``changed`` is False when exactly this was in use already. ``notes`` are sentences for whoever brought the files."""

    not_after: datetime
    nfc: bool
    changed: bool
    fingerprint: str
    notes: tuple[str, ...]


def install(program: Program, offers: Sequence[Offer], password: str = "") -> Installed:
    """Take what belongs together out of the files and sign with it from now on.

    A running server takes it up by itself; cards and registrations stay as they are. Raises Malformed with one sentence a
    line (``details["sentences"]`` has them apart) and changes nothing, or Unavailable when the folder cannot be written.
    """
    folder = disk.folder_of(program)
    chosen = _chosen(program, folder, read(offers, password))
    notes = (*chosen.notes, *_compared(folder, chosen.leaf))
    with disk.writing(folder):
        contents = _contents(chosen)
        changed = not _in_use(folder, contents)
        if changed:
            _put(program, folder, contents)
            log.warning("apple.certificate_installed", program=program.id, until=f"{chosen.leaf.not_valid_after_utc:%Y-%m-%d}")
        _sweep(folder)
        settled(folder, chosen.key)
    until = min(chosen.leaf.not_valid_after_utc, chosen.intermediate.not_valid_after_utc)
    return Installed(until, kinds.for_nfc(chosen.leaf), changed, chosen.leaf.fingerprint(hashes.SHA256()).hex(), notes)


def refusal(sentences: Sequence[str]) -> Malformed:
    return Malformed("\n".join(sentences), sentences=tuple(sentences))


def _chosen(program: Program, folder: Path, found: Found) -> Chosen:
    keys: list[tuple[str, rsa.RSAPrivateKey]] = []
    unusable = []
    for keys_in in (waiting_keys, current_key):
        try:
            keys += keys_in(folder)
        except CertificateError as error:
            unusable.append(error.message)
    chosen = matching.choose(program, found, keys, _known(folder), now())
    if not isinstance(chosen, Chosen):
        raise refusal([*chosen, *unusable])
    return chosen


def _known(folder: Path) -> list[x509.Certificate]:
    """Intermediates that lie here: this program's, other programs', and any .pem or .cer in the folder above."""
    paths = [folder / INTERMEDIATE, *folder.parent.glob(f"*/{INTERMEDIATE}"), *folder.parent.glob("*.pem"), *folder.parent.glob("*.cer")]
    known = []
    for path in paths:
        try:
            known += [made for _, made in read([Offer(path.name, path.read_bytes())]).certificates]
        except OSError:
            continue
    return [made for made in known if kinds.is_authority(made)]


def _compared(folder: Path, leaf: x509.Certificate) -> list[str]:
    """What the owner should know about the new one beside the old one."""
    try:
        old = x509.load_pem_x509_certificate((folder / LEAF).read_bytes())
    except (OSError, ValueError):
        return []
    notes = []
    if leaf.not_valid_after_utc < old.not_valid_after_utc:
        notes.append(f"The certificate that was in use lasts longer, until {old.not_valid_after_utc:%Y-%m-%d}. Was an old file taken?")
    if kinds.for_nfc(old) and not kinds.for_nfc(leaf):
        notes.append("The certificate that was in use is for NFC, this one is not: readers will not find the card any more.")
    return notes


def _contents(chosen: Chosen) -> dict[str, bytes]:
    pem = serialization.Encoding.PEM
    return {LEAF: chosen.leaf.public_bytes(pem), KEY: key_pem(chosen.key), INTERMEDIATE: chosen.intermediate.public_bytes(pem)}


def _in_use(folder: Path, contents: Mapping[str, bytes]) -> bool:
    try:
        key = (folder / KEY).stat()
        same = all((folder / name).read_bytes() == data for name, data in contents.items())
    except OSError:
        return False
    return same and not key.st_mode & 0o077 and os.geteuid() in (0, key.st_uid)


def _put(program: Program, folder: Path, contents: Mapping[str, bytes]) -> None:
    stamp = f"{now():%Y%m%dT%H%M%SZ}"
    _sweep(folder)
    fresh = _new_set(folder, stamp)
    for name, data in contents.items():
        disk.write(fresh / name, data)
    _rehearse(program, fresh)
    disk.hand_over(fresh, folder)
    for name in NAMES:
        disk.hand_over(fresh / name, folder)
    _adopt(folder, stamp)
    _back_up(folder, stamp)
    # From here on everybody reads the new set.
    disk.link(folder / CURRENT, fresh.name)


def _rehearse(program: Program, fresh: Path) -> None:
    """Sign something with the new set before anybody else does. Raises Malformed."""
    try:
        identity = certificates.load(fresh, program)
        signing.sign(identity, b"{}", now())
    except CertificateError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise refusal([error.message.replace(f"{fresh.name}/", f"{program.id}/")]) from error


def _adopt(folder: Path, stamp: str) -> None:
    """The three names point through ``installed``; what they hold stays the same."""
    loose = [name for name in NAMES if not _is_ours(folder / name)]
    if not loose:
        return
    held = [name for name in NAMES if (folder / name).is_file()]
    if held:
        old = _new_set(folder, stamp)
        disk.hand_over(old, folder)
        for name in held:
            _same(folder / name, old / name)
        disk.settle(old)
        disk.link(folder / CURRENT, old.name)
    for name in loose:
        disk.link(folder / name, f"{CURRENT}/{name}")


def _same(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target)
        disk.hand_over(target, source)


def _back_up(folder: Path, stamp: str) -> None:
    for name in NAMES:
        if (folder / name).is_file():
            disk.write(folder / f"{name}.{stamp}.bak", (folder / name).read_bytes())


def _new_set(folder: Path, stamp: str) -> Path:
    made = folder / f"{SET}{stamp}-{secrets.token_hex(4)}"
    made.mkdir(mode=0o700)
    return made


def _sweep(folder: Path) -> None:
    """Take away what killed processes left; the set in use stays."""
    in_use = (folder / CURRENT).readlink().name if (folder / CURRENT).is_symlink() else ""
    for path in folder.glob(f"{SET}*"):
        if path.name != in_use:
            shutil.rmtree(path, ignore_errors=True)
    for name in (*NAMES, CURRENT):
        for path in folder.glob(f".{name}.*"):
            path.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    return path.is_symlink() and str(path.readlink()) == f"{CURRENT}/{path.name}"
