"""Translations inside a pass: ``<language>.lproj/pass.strings``."""

import codecs
import re
from collections.abc import Mapping

from walletpass.sandbox.refusal import WontOpen

QUOTED = r'"((?:[^"\\]|\\.)*)"'
LINE = re.compile(rf"{QUOTED}\s*=\s*{QUOTED}\s*;", re.DOTALL)
BLANK = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
ESCAPE = re.compile(r"\\(U[0-9A-Fa-f]{4}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def read_all(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """The strings of every language in the pass; all languages have the same keys."""
    found = {
        name.split(".lproj/")[0]: parse(decode(data, name), name)
        for name, data in sorted(files.items())
        if name.endswith(".lproj/pass.strings")
    }
    for language, strings in found.items():
        first = next(iter(found))
        if differing := sorted(set(found[first]) ^ set(strings)):
            lacking = language if differing[0] not in strings else first
            raise WontOpen(f"{lacking}.lproj/pass.strings lacks {differing[0]!r}; every language needs the same keys.")
    return found


def decode(data: bytes, name: str) -> str:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WontOpen(f"{name} is neither UTF-16 with a byte order mark nor UTF-8.") from error


def parse(text: str, name: str) -> dict[str, str]:
    if "\x00" in text:
        raise WontOpen(f"{name} is UTF-16 without a byte order mark.")
    strings: dict[str, str] = {}
    position = _blank(text, 0)
    while position < len(text):
        line = LINE.match(text, position)
        if line is None:
            number = text.count("\n", 0, position) + 1
            raise WontOpen(f'{name} cannot be read at line {number}: a line is "key" = "value"; with a semicolon.')
        key = unescape(line[1])
        if key in strings:
            raise WontOpen(f"{name} has {key!r} twice.")
        strings[key] = unescape(line[2])
        position = _blank(text, line.end())
    return strings


def unescape(text: str) -> str:
    return ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)) if len(found[1]) == 5 else ESCAPES.get(found[1], found[1]), text)


def _blank(text: str, position: int) -> int:
    match = BLANK.match(text, position)
    return match.end() if match else position
