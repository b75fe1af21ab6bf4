"""manifest.json names exactly the files there are, each with its SHA-1 in lower-case hex (Apple: "Building a Pass")."""

import hashlib
import re

from walletpass.apple.inspection.archive import MANIFEST, SIGNATURE, Unpacked
from walletpass.apple.inspection.findings import Finding, Findings, refused, said
from walletpass.apple.inspection.jsontext import Object, read_object

SHA1 = re.compile(r"[0-9a-f]{40}")
OTHER_FORMS = {32: "an MD5", 64: "a SHA-256", 128: "a SHA-512", 28: "a SHA-1 in base64"}


def check(found: Unpacked) -> Findings:
    if MANIFEST not in found.files:
        return
    listed = yield from read_object(MANIFEST, found.files[MANIFEST])
    if listed is None:
        return
    present = set(found.files) - {MANIFEST, SIGNATURE}
    for name in sorted(present - set(listed)):
        yield refused("manifest-lacks-file", f"manifest.json does not list {said(name)}. Take the file out, or list it and sign again.")
    for name in sorted(set(listed) - present - found.spoiled - {MANIFEST, SIGNATURE}):
        yield _absent(name, present)
    for name in sorted(present & set(listed)):
        yield from _hash(name, found.files[name], listed)
    for name in sorted({MANIFEST, SIGNATURE} & set(listed)):
        yield refused("manifest-lists-itself", f"manifest.json lists {said(name)}. It lists every file but itself and the signature.")


def _absent(name: str, present: set[str]) -> Finding:
    plain = name.replace("\\", "/").removeprefix("./").removeprefix("/")
    hint = f" The file is called {said(plain)}: write it the same way." if plain in present else " Pack it, or take it off and sign again."
    return refused("manifest-lists-missing", f"manifest.json lists {said(name)}, which is not in the archive.{hint}")


def _hash(name: str, data: bytes, listed: Object) -> Findings:
    value, right = listed[name], _sha1(data)
    if value == right:
        return
    if not isinstance(value, str) or not SHA1.fullmatch(value.lower()):
        form = OTHER_FORMS.get(len(value), "") if isinstance(value, str) else ""
        yield refused(
            "manifest-hash-not-sha1",
            f"manifest.json gives {said(name)} {form or 'something'} that is no SHA-1 of 40 hex digits ({said(value)}). Write the SHA-1.",
        )
    elif value.lower() == right:
        yield refused(
            "manifest-hash-upper-case", f"manifest.json writes the SHA-1 of {said(name)} in capital letters. Write it in small ones."
        )
    else:
        yield refused("manifest-hash-differs", f"{said(name)} has another SHA-1 than manifest.json says: {_why(data, value.lower())}.")


def _why(data: bytes, value: str) -> str:
    unix = data.replace(b"\r\n", b"\n")
    if value in (_sha1(unix), _sha1(unix.replace(b"\n", b"\r\n"))):
        return "its line ends were changed afterwards, by git or a transfer as text; keep the bytes as they are"
    return "it was changed after the manifest was written; write the manifest last and sign again"


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
