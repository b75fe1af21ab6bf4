"""Why will my pass not open? What Wallet enforces on a .pkpass or .pkpasses, found in anybody's file without a phone.

`inspect` looks at everything and goes on after each finding; `must_open` is the same for a pass of our own, as an error.
The archive is measured before it is unpacked, so that no file costs more memory or time than a large pass would.
"""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509

from walletpass.apple.inspection import (
    archive,
    bundle,
    content,
    directory,
    images,
    jsontext,
    manifest,
    owner,
    personalization,
    signature,
    strings,
)
from walletpass.apple.inspection.chain import APPLE_ROOT, roots_in
from walletpass.apple.inspection.findings import Finding, Findings, Report, Severity, capped, refused
from walletpass.errors import CertificateError

LARGEST = bundle.LARGEST
Trust = Sequence[x509.Certificate] | None
_T = TypeVar("_T")

__all__ = ["APPLE_ROOT", "LARGEST", "Finding", "Report", "Severity", "inspect", "must_open", "roots_in"]


def inspect(data: bytes, *, trusted_roots: Sequence[x509.Certificate] = (), now: datetime | None = None) -> Report:
    """The findings about a pass, or about a bundle and each pass in it. Never raises, whatever the bytes are.

    Signatures must come from one of ``trusted_roots``. Without any, Apple's intermediate G4 is known, others of Apple's pass
    with the advice that the chain was not checked. ``now`` is the moment the phone opens the file, the present when left out.
    """
    return _inspect(data, "", tuple(trusted_roots), now or datetime.now(UTC))


def must_open(data: bytes) -> None:
    """Raises CertificateError with the sentence of the first thing Wallet would refuse.

    Who issued the certificate is not asked: that was looked at when the certificate was read.
    """
    for finding in _pass_findings(data, None, datetime.now(UTC)):
        if finding.severity == "refused":
            raise CertificateError(f"Wallet would not open this pass. {finding.sentence}")


def _inspect(data: bytes, name: str, trust: Trust, now: datetime, *, bundled: bool = False) -> Report:
    if len(data) > LARGEST:
        return Report(
            (refused("file-too-large", f"The file has {len(data):,} bytes; Wallet takes 150 MB at most. Split or shrink it."),), name
        )
    findings, entries = _done(directory.read_directory(data))
    if bundled or not bundle.is_bundle(entries):
        return Report(capped(_pass_findings(data, trust, now)), name)
    odd, kept = _done(archive.sound(entries))
    passes = bundle.inside(data, kept, lambda inner, inner_name: _inspect(inner, inner_name, trust, now, bundled=True))
    return Report(capped((*findings, *odd, *bundle.check(kept))), name, tuple(passes))


def _pass_findings(data: bytes, trust: Trust, now: datetime) -> Findings:
    if len(data) > archive.LARGEST_PASS:
        yield refused("file-too-large", f"The file has {len(data):,} bytes, more than any pass. Use smaller images.")
        return
    entries = yield from directory.read_directory(data)
    if not entries:
        return
    found = yield from archive.unpack(data, entries)
    if not found.files or not (yield from archive.required(found)):
        return
    yield from archive.unused(found.files)
    yield from manifest.check(found)
    leaf = yield from signature.check(found.files, trust, now)
    words = yield from strings.read(found.files)
    said: jsontext.Object | None = None
    if archive.PASS in found.files:
        said = yield from jsontext.read_object(archive.PASS, found.files[archive.PASS])
    if said is not None:
        yield from content.check(said, words, now)
        yield from owner.check(said, leaf)
        yield from personalization.check(found.files, said)
    yield from images.check(found.files, said)
    yield from archive.comfortable(len(data))


def _done(steps: Generator[Finding, None, _T]) -> tuple[list[Finding], _T]:
    """All findings of ``steps``, and what it returns."""
    findings: list[Finding] = []
    while True:
        try:
            findings.append(next(steps))
        except StopIteration as end:
            return findings, end.value
