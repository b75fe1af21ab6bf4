"""JSON as strictly as a phone reads it: UTF-8 without a mark, one object, no comments, no key twice, no depths."""

import codecs
import json
from collections.abc import Generator
from json import JSONDecodeError
from typing import Any

from walletpass.apple.inspection.findings import Finding, ignored, refused, said

LARGEST = 512 * 1024
DEEPEST = 40

Object = dict[str, Any]


def read_object(name: str, data: bytes) -> Generator[Finding, None, Object | None]:
    """The object in the file ``name``, or None after a finding that says why not."""
    if len(data) > LARGEST:
        yield refused("json-too-large", f"{name} has {len(data):,} bytes. A pass needs a few thousand; leave out what is not shown.")
        return None
    if data.startswith(codecs.BOM_UTF8):
        yield refused("json-bom", f"{name} begins with a byte order mark. Save it as UTF-8 without one.")
        data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield refused("json-not-utf-8", f"{name} is not UTF-8 (byte {error.start:,} is not). Save it as UTF-8.")
        return None
    twins: list[str] = []
    try:
        value = json.loads(text, object_pairs_hook=_noting(twins), parse_constant=_no_constant)
    except JSONDecodeError as error:
        yield refused("json-syntax", f"{name} is not JSON at line {error.lineno}, column {error.colno}: {_hint(text, error)}.")
        return None
    except ValueError as error:  # an integer of thousands of digits, NaN
        yield refused("json-syntax", f"{name} is not JSON that a phone reads: {str(error)[:80]}.")
        return None
    except RecursionError:
        yield _too_deep(name)
        return None
    if _deeper(value):
        yield _too_deep(name)
        return None
    for key in twins:
        yield ignored("json-duplicate-key", f"{name} has the key {said(key)} twice in one object; one of the two is lost. Keep one.")
    if not isinstance(value, dict):
        yield refused("json-not-object", f"{name} is JSON, but not an object in braces. Put its keys into {{ ... }}.")
        return None
    return value


def _too_deep(name: str) -> Finding:
    return refused("json-too-deep", f"{name} has lists or objects inside one another, more than {DEEPEST} deep. No pass needs that.")


def _noting(twins: list[str]) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> Object:
        value = dict(found)
        if len(value) != len(found):
            seen: set[str] = set()
            twins.extend(key for key, _ in found if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return value

    return pairs


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def _hint(text: str, error: JSONDecodeError) -> str:
    before, after = text[: error.pos].rstrip()[-1:], text[error.pos :].lstrip()[:2]
    if not text.strip():
        return "the file is empty"
    if after[:1] in ("}", "]") and before == ",":
        return "there is a comma before a closing bracket; remove it"
    if after in ("//", "/*") or after[:1] == "#":
        return "there is a comment; JSON has none, remove it"
    if after[:1] == "'":
        return "text stands in single quotes; JSON wants double quotes"
    if error.msg.startswith("Extra data"):
        return "something follows after the end; remove it"
    return error.msg.lower()


def _deeper(value: Any) -> bool:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            return True
        level = [child for one in level for child in _children(one) if isinstance(child, dict | list)]
    return False


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
