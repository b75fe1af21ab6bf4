"""What a file of unknown origin is written in."""

import codecs
from pathlib import Path

SAMPLE = 1 << 16
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DELIMITERS = ";,\t|"


def encoding_of(path: Path) -> str:
    """utf-8, utf-8-sig, utf-16 or, of a file that is none of these, cp1251: what Windows writes where people read Cyrillic.

    One line of a UTF-8 file may be broken without making the rest look like cp1251, in which every byte means something.
    """
    with path.open("rb") as file:
        start = file.read(SAMPLE)
        for bom, name in BOMS:
            if start.startswith(bom):
                return name
        if start.count(0) > len(start) // 4:
            return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        file.seek(0)
        good = bad = 0
        for line in file:
            if not line.isascii():
                sound = _is_utf8(line)
                good, bad = good + sound, bad + (not sound)
    return "utf-8" if good >= bad else "cp1251"


def delimiter_of(header: str) -> str:
    """The one that the header has most of."""
    return max(DELIMITERS, key=header.count)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
