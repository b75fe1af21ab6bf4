"""Why will my pass not open? Everything Wallet looks at before it shows a pass, in Wallet's order.

Each failure is a WontOpen with one sentence in plain words. The archive and its manifest are checked here, the signature in
``signature``, pass.json in ``contents`` and the translations in ``strings``.
"""

import hashlib
import io
import json
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cryptography import x509

from walletpass.sandbox import contents, signature, strings
from walletpass.sandbox.refusal import WontOpen

MANIFEST, SIGNATURE, PASS = "manifest.json", "signature", "pass.json"
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db")
LARGEST = 20 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Trust:
    """Whom this phone believes: the root of Apple's, here of the sandbox's, certificates."""

    root: x509.Certificate

    @classmethod
    def read(cls, root: Path) -> "Trust":
        return cls(x509.load_pem_x509_certificate(root.read_bytes()))


@dataclass(frozen=True)
class Opened:
    """A pass that passed: its files by name, pass.json, and the strings per language."""

    files: dict[str, bytes]
    content: dict[str, Any]
    strings: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        return f"{self.content['passTypeIdentifier']}/{self.content['serialNumber']}"


def open_pass(data: bytes, trust: Trust, now: datetime | None = None) -> Opened:
    """The pass inside ``data``, or WontOpen with the sentence why not."""
    files = unpack(data)
    check_manifest(files)
    signer = signature.check(files[MANIFEST], files[SIGNATURE], trust.root, now or datetime.now(UTC))
    content = parse_object(files[PASS], PASS)
    contents.check(content)
    check_owner(content, signer)
    check_images(files)
    words = strings.read_all(files)
    contents.check_change_messages(content, words)
    return Opened(files, content, words)


def reopen(data: bytes) -> Opened:
    """A pass that this phone has opened before. Installed passes outlive their certificate, so it is not looked at again."""
    files = unpack(data)
    return Opened(files, parse_object(files[PASS], PASS), strings.read_all(files))


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of the archive by name."""
    if len(data) > LARGEST:
        raise WontOpen(f"The file has {len(data):,} bytes; that is no pass but a film.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError) as error:
        hint = "It looks like a web page: was this a link that leads to a login or an error?" if data.lstrip()[:1] == b"<" else ""
        raise WontOpen(f"This is not a zip archive, so it cannot be a pass. {hint}".strip()) from error
    files: dict[str, bytes] = {}
    with archive:
        if sum(info.file_size for info in archive.infolist()) > 4 * LARGEST:
            raise WontOpen("The archive unpacks to more than 80 MB.")
        for info in archive.infolist():
            check_entry(info, files)
            files[info.filename] = read_entry(archive, info)
    for name in (PASS, MANIFEST, SIGNATURE):
        if name not in files:
            raise WontOpen(_missing(name, files))
    return files


def check_entry(info: zipfile.ZipInfo, seen: dict[str, bytes]) -> None:
    name = info.filename
    if info.is_dir():
        raise WontOpen(f"The archive has a folder entry {name!r}; only files belong in a pass.")
    if any(part in LITTER or part.startswith("._") for part in PurePosixPath(name).parts):
        raise WontOpen(f"The archive holds {name!r}, left behind by a file manager.")
    if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
        raise WontOpen(f"The name {name!r} leads out of the archive.")
    if len(PurePosixPath(name).parts) > 2 or ("/" in name and not name.split("/")[0].endswith(".lproj")):
        raise WontOpen(f"{name!r} lies in a folder; files belong at the root of the archive, translations in <language>.lproj.")
    if name in seen:
        raise WontOpen(f"The archive holds {name!r} twice.")
    if info.flag_bits & 0x1:
        raise WontOpen(f"{name!r} is encrypted; a pass is never encrypted.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise WontOpen(f"{name!r} is a symbolic link, not a file.")


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise WontOpen(f"{info.filename!r} is damaged inside the archive.") from error


def _missing(name: str, files: dict[str, bytes]) -> str:
    if any(path.endswith(f"/{name}") for path in files):
        return f"{name} lies in a folder; it belongs at the root of the archive."
    return f"The archive has no {name}."


def check_manifest(files: dict[str, bytes]) -> None:
    """The manifest names exactly the files there are, each with its SHA-1."""
    manifest = parse_object(files[MANIFEST], MANIFEST)
    listed, present = set(manifest), set(files) - {MANIFEST, SIGNATURE}
    if extra := sorted(present - listed):
        raise WontOpen(f"{extra[0]!r} is in the archive but not in the manifest.")
    if lost := sorted(listed - present):
        raise WontOpen(f"The manifest lists {lost[0]!r}, which is not in the archive.")
    for name in sorted(present):
        if manifest[name] != hashlib.sha1(files[name], usedforsecurity=False).hexdigest():
            raise WontOpen(f"{name!r} was changed after the manifest was written: its SHA-1 is another one.")


def parse_object(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object in ``data``, read as strictly as a phone reads it."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise WontOpen(f"{name} is not UTF-8.") from error
    except ValueError as error:
        raise WontOpen(f"{name} is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise WontOpen(f"{name} is valid JSON but not an object.")
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in names if names.count(key) > 1)!r} is there twice")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def check_owner(content: dict[str, Any], signer: signature.Signer) -> None:
    """The certificate was issued for this pass type and this team."""
    if content["passTypeIdentifier"] != signer.pass_type_identifier:
        raise WontOpen(
            f"pass.json says pass type {content['passTypeIdentifier']!r}, "
            f"but the certificate was issued for {signer.pass_type_identifier!r}."
        )
    if content["teamIdentifier"] != signer.team_identifier:
        raise WontOpen(
            f"pass.json says team {content['teamIdentifier']!r}, but the certificate belongs to team {signer.team_identifier!r}."
        )


def check_images(files: dict[str, bytes]) -> None:
    if "icon.png" not in files:
        raise WontOpen("There is no icon.png; without it no pass is shown.")
    for name, data in files.items():
        if name.endswith(".png") and not data.startswith(PNG):
            raise WontOpen(f"{name!r} is called PNG but is not a PNG picture.")
