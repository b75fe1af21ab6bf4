"""Google's own description of its Wallet API, revision and all, as google-api-python-client ships it.

Only the file is read: the library that brings it is large, and its code is never imported.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

if find_spec("googleapiclient") is None:
    raise ImportError("google-api-python-client, which brings Google's description of its Wallet API, is not installed")

DOCUMENT = "discovery_cache/documents/walletobjects.v1.json"
# What a write at each address holds.
BODIES = {
    "loyaltyClass": "LoyaltyClass",
    "loyaltyObject": "LoyaltyObject",
    "genericClass": "GenericClass",
    "genericObject": "GenericObject",
    "addMessage": "AddMessageRequest",
    "issuer": "Issuer",
    "permissions": "Permissions",
    "jwt": "JwtResource",
    "validate": "JwtValidateRequest",
}
# Set by the platform; a write that sends one back was made from a read.
OUTPUT_ONLY = ("hasUsers", "hasLinkedDevice", "classReference", "review")
INT64 = re.compile(r"-?\d{1,19}")


def problems(kind: str, body: Any) -> list[str]:
    """Sentences like Google's about everything in ``body`` that the schema of ``kind`` (a key of BODIES) does not allow."""
    return list(_object(BODIES[kind], body, ""))


@lru_cache(maxsize=1)
def revision() -> str:
    return str(_document()["revision"])


@lru_cache(maxsize=1)
def schemas() -> dict[str, dict[str, Schema]]:
    """Name -> property -> what it may be, for everything that can be reached from BODIES; descriptions are left out."""
    every = _document()["schemas"]
    kept: dict[str, dict[str, Schema]] = {}
    waiting = list(BODIES.values())
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = {key: _essence(value) for key, value in every[name].get("properties", {}).items()}
            waiting += [
                reference for value in kept[name].values() if (reference := value.get("$ref") or value.get("items", {}).get("$ref"))
            ]
    return kept


def _document() -> dict[str, Any]:
    spec = find_spec("googleapiclient")
    folders = spec.submodule_search_locations if spec else None
    document: dict[str, Any] = json.loads((Path(next(iter(folders or ()))) / DOCUMENT).read_bytes())
    return document


def _essence(value: Schema) -> Schema:
    essence: Schema = {key: value[key] for key in ("type", "format", "$ref", "enum") if key in value}
    if value.get("deprecated") or str(value.get("description", "")).startswith("Deprecated"):
        essence["deprecated"] = True
    if "enumDeprecated" in value:
        essence["aliases"] = [one for one, old in zip(value["enum"], value["enumDeprecated"], strict=True) if old]
    if "items" in value:
        essence["items"] = _essence(value["items"])
    return essence


def _object(name: str, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"Invalid value at '{path or name}': an object is wanted, not {value!r}."
        return
    known = schemas()[name]
    for key, child in value.items():
        where = f"{path}.{key}".lstrip(".")
        if key not in known:
            yield f'Invalid JSON payload received. Unknown name "{key}"{f" at {path!r}" if path else ""}: Cannot find field.'
        elif known[key].get("deprecated"):
            yield f"{where} is deprecated."
        elif not path and key in OUTPUT_ONLY:
            yield f"{where} is set by Google alone."
        else:
            yield from _value(known[key], child, where)


def _value(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield f"Invalid value at '{path}': null says nothing; leave the key out."
    elif "$ref" in schema:
        yield from _object(schema["$ref"], value, path)
    elif schema["type"] == "array":
        if not isinstance(value, list):
            yield f"Invalid value at '{path}': a list is wanted, not {value!r}."
            return
        for place, child in enumerate(value):
            yield from _value(schema["items"], child, f"{path}[{place}]")
    elif "enum" in schema:
        yield from _enum(schema, value, path)
    elif problem := _plain(schema, value):
        yield f"Invalid value at '{path}': {value!r} {problem}."


def _enum(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if value not in schema["enum"] or value.endswith("UNSPECIFIED"):
        yield f"Invalid value at '{path}': {value!r} is none of {', '.join(one for one in schema['enum'] if one.isupper())}."
    elif value in schema.get("aliases", ()):
        yield f"Invalid value at '{path}': {value!r} is an old spelling."


def _plain(schema: Schema, value: Any) -> str:
    right, sentence = PLAIN[schema["type"], schema.get("format", "")]
    return "" if right(value) else sentence


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


PLAIN: dict[tuple[str, str], tuple[Callable[[Any], bool], str]] = {
    ("string", ""): (lambda value: isinstance(value, str), "is not text"),
    ("string", "int64"): (
        lambda value: isinstance(value, str) and INT64.fullmatch(value) is not None,
        "is not a 64-bit number in a string",
    ),
    ("boolean", ""): (lambda value: isinstance(value, bool), "is not true or false"),
    ("integer", "int32"): (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31,
        "is not a 32-bit number",
    ),
    ("number", "double"): (_number, "is not a number"),
}
