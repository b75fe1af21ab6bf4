"""A .pkpasses file: a zip of passes, each looked at by itself, one after the other."""

from collections.abc import Callable, Iterator

from walletpass.apple.inspection.archive import LARGEST_PASS
from walletpass.apple.inspection.directory import Damaged, Entry, unpacked
from walletpass.apple.inspection.findings import Findings, Report, ignored, refused, said

ENDING = ".pkpass"
MOST_PASSES = 10
LARGEST = 150 * 1000 * 1000


def is_bundle(entries: list[Entry]) -> bool:
    names = [entry.name for entry in entries]
    return "pass.json" not in names and "manifest.json" not in names and any(name.lower().endswith(ENDING) for name in names)


def check(entries: list[Entry]) -> Findings:
    passes = [entry for entry in entries if entry.name.lower().endswith(ENDING)]
    if len(passes) > MOST_PASSES:
        yield refused("bundle-too-many", f"The bundle has {len(passes)} passes; Wallet takes {MOST_PASSES} at a time. Split it.")
    for entry in entries:
        if entry not in passes:
            yield ignored("bundle-other-file", f"{said(entry.name)} is no .pkpass. A bundle holds passes only; take it out.")


def inside(data: bytes, entries: list[Entry], inspect: Callable[[bytes, str], Report]) -> Iterator[Report]:
    """A report for each of the first ten passes; none is larger in memory than a pass may be."""
    passes = [entry for entry in entries if entry.name.lower().endswith(ENDING)]
    for entry in passes[:MOST_PASSES]:
        if entry.size > LARGEST_PASS:
            sentence = f"{said(entry.name)} unpacks to {entry.size:,} bytes, more than any pass. Take it out."
            yield Report((refused("file-too-large", sentence),), entry.name)
            continue
        try:
            yield inspect(unpacked(data, entry), entry.name)
        except Damaged as error:
            sentence = f"{said(entry.name)} is damaged inside the bundle: {error}. Pack it again."
            yield Report((refused("zip-damaged", sentence),), entry.name)
