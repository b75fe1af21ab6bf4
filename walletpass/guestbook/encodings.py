"""In which letters a file is written. Nobody who exports a file from an old till knows."""

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from walletpass.errors import Malformed

# What a person may choose; what we find may also be utf-8-sig or a utf-16 without its mark.
CHOICES = ("utf-8", "utf-16", "cp1251", "cp1252", "latin-1")
FOUND = (*CHOICES, "utf-8-sig", "utf-16-le", "utf-16-be")
UNREADABLE = "\ufffd"
_HIGH = bytes(range(0x80, 0x100))
_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_NOT_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def detect(pieces: Iterable[bytes]) -> str:
    """A look at all of it: the first name with an accent may stand on the last line."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    head, high, in_runs, told, broken, odd = b"", 0, 0, 0, 0, False
    for piece in pieces:
        if not head:
            head = piece[:4096]
            marked = _marked(head)
            if marked:
                return marked
        high += len(piece) - len(piece.translate(None, _HIGH))
        in_runs += sum(len(run) for run in _RUNS.findall(piece))
        odd = odd or _NOT_IN_1252.search(piece) is not None
        text = decoder.decode(piece)
        broken += text.count(UNREADABLE)
        told += len(text) - len(text.encode("ascii", "ignore"))
    broken += len(decoder.decode(b"", True))
    # One broken letter in a file of good ones is a broken line, not another encoding.
    if broken == 0 or told - broken > 10 * broken:
        return "utf-8"
    # Cyrillic words are rows of such bytes; in a western file an accent stands alone.
    if in_runs * 2 > high:
        return "cp1251"
    return "latin-1" if odd else "cp1252"


def _marked(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 5 and even * 10 < odd:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 5 and odd * 10 < even else ""


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Text, with U+FFFD where a byte means nothing in this encoding. Raises Malformed for one that we do not read."""
    if encoding not in FOUND:
        raise Malformed(f"An encoding is one of {', '.join(CHOICES)}.", field="encoding")
    source, head = iter(pieces), b""
    while len(head) < 2 and (piece := next(source, b"")):
        head += piece
    if encoding == "utf-16" and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le"  # Python wants the mark; Windows leaves it out like this
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in chain([head], source):
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)
