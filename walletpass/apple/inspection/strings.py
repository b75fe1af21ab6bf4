"""Translations: ``<language>.lproj/pass.strings``, lines of ``"key" = "value";`` (Apple: "Creating the Source for a Pass")."""

import codecs
import re
from collections.abc import Generator, Iterator, Mapping

from walletpass.apple.inspection.archive import FOLDER, STRINGS
from walletpass.apple.inspection.findings import Finding, Findings, advice, ignored, refused, said

LARGEST, LARGEST_TOGETHER = 256 * 1024, 1024 * 1024
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
TOKEN = re.compile(
    r"""(?P<blank>\s+|/\*.*?\*/|//[^\n]*)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[A-Za-z0-9_.$/:-]+)|(?P<mark>[=;])|(?P<wrong>.)""",
    re.DOTALL,
)
ESCAPE = re.compile(r"\\(U[0-9A-Fa-f]{4}|[0-7]{1,3}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": "\n"}

Words = dict[str, dict[str, str]]


def read(files: Mapping[str, bytes]) -> Generator[Finding, None, Words]:
    """The translations by language; files that cannot be read have a finding and are left out."""
    yield from _folders(files)
    words: Words = {}
    together = 0
    for name, data in sorted(files.items()):
        folder, _, base = name.rpartition("/")
        if base != STRINGS or not FOLDER.fullmatch(folder):
            continue
        together += len(data)
        if len(data) > LARGEST or together > LARGEST_TOGETHER:
            yield refused("strings-too-large", f"{said(name)} has {len(data):,} bytes. Keep only what the pass shows.")
            continue
        text = yield from _text(name, data)
        strings = None if text is None else (yield from _parsed(name, text))
        if strings is not None:
            words[folder.removesuffix(".lproj")] = strings
    yield from _same_keys(words)
    yield from _same_images(files)
    return words


def _folders(files: Mapping[str, bytes]) -> Findings:
    for folder in sorted({name.rpartition("/")[0] for name in files if FOLDER.fullmatch(name.rpartition("/")[0])}):
        language = folder.removesuffix(".lproj")
        if not LANGUAGE.fullmatch(language):
            plain = language.replace("_", "-")
            hint = f"; write {plain}.lproj" if LANGUAGE.fullmatch(plain) else ""
            yield ignored("strings-folder-name", f"{said(folder)} names no language such as en.lproj, pt-BR.lproj or zh-Hans.lproj{hint}.")


def _text(name: str, data: bytes) -> Generator[Finding, None, str | None]:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        if b"\0" in data:
            yield refused("strings-without-mark", f"{said(name)} is UTF-16 without a byte order mark. Write the mark first.")
            return None
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield refused("strings-encoding", f"{said(name)} is neither UTF-16 nor UTF-8. Save it as UTF-16 with a byte order mark.")
        return None


def _parsed(name: str, text: str) -> Generator[Finding, None, dict[str, str] | None]:
    """Four tokens a line: key, =, value, semicolon."""
    strings: dict[str, str] = {}
    line: list[tuple[str, str]] = []
    strange: set[str] = set()
    for token in _tokens(text):
        kind, said_text, place = token
        wanted = ("text", "=", "text", ";")[len(line)]
        if kind != wanted:
            number = text.count("\n", 0, place) + 1
            sentence = f'{said(name)} cannot be read at line {number}: {_expected(wanted)}. A line is "key" = "value"; with a semicolon.'
            yield refused("strings-syntax", sentence)
            return None
        line.append((kind, said_text))
        if len(line) == 4:
            key, value = (_plain(part, strange) for part in (line[0][1], line[2][1]))
            if key in strings:
                yield ignored("strings-duplicate-key", f"{said(name)} has {said(key)} twice; one of the two is lost. Keep one.")
            strings[key] = value
            line = []
    if line:
        yield refused("strings-syntax", f"{said(name)} ends in the middle of a line: {_expected(('text', '=', 'text', ';')[len(line)])}.")
        return None
    for escape in sorted(strange):
        yield advice("strings-escape", f"{said(name)} has the escape {said(escape)}, which is none. Write a backslash as two.")
    return strings


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "wrong"
        if kind != "blank":
            yield {"quoted": "text", "bare": "text", "mark": match[0]}.get(kind, "wrong"), match[kind], match.start()


def _expected(wanted: str) -> str:
    return "text in double quotes is missing" if wanted == "text" else f"{said(wanted)} is missing"


def _plain(text: str, strange: set[str]) -> str:
    def letter(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code.isascii() and code.isdigit():
            return chr(int(code, 8)) if set(code) <= set("01234567") else code
        if code not in ESCAPES and len(strange) < 12:
            strange.add(match[0])
        return ESCAPES.get(code, code)

    return ESCAPE.sub(letter, text)


def _same_keys(words: Words) -> Findings:
    if not words:
        return
    first = next(iter(words))
    for language, strings in words.items():
        for key in sorted(set(words[first]) ^ set(strings)):
            lacking, other = (language, first) if key not in strings else (first, language)
            yield refused(
                "strings-keys-differ",
                f"{lacking}.lproj/{STRINGS} lacks {said(key)}, which {other}.lproj has. Every language needs the same keys.",
            )


def _same_images(files: Mapping[str, bytes]) -> Findings:
    images: dict[str, set[str]] = {}
    for name in files:
        folder, _, base = name.rpartition("/")
        if FOLDER.fullmatch(folder):
            images.setdefault(folder, set()).update([base] if base.lower().endswith(".png") else [])
            if base.lower().endswith(".png") and base in files:
                yield ignored("image-hidden", f"{said(name)} is never seen: {said(base)} at the top goes before it. Take one of them out.")
    every = set().union(*images.values())
    for folder, names in sorted(images.items()):
        if missing := sorted(every - names):
            yield advice(
                "localised-images-differ",
                f"{said(folder)} lacks {said(missing[0])}, which another language has. Put the same images into each.",
            )
