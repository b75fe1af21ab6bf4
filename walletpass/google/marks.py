"""What a resource was when Google was told of it, in the 64 characters that are kept of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

Resource = dict[str, Any]

# A change of these makes a phone ring, where the write asks for it; of nothing else of an object.
TELLING = ("loyaltyPoints", "secondaryLoyaltyPoints")
WHOLE, PART = 32, 15
UNKNOWN = "?"


@dataclass(frozen=True)
class Mark:
    """``whole`` stands for the resource, ``telling`` for what its holder is told of, ``shape`` for which fields it has.

    A write of the same shape may be a PATCH: nothing that Google has must go.
    """

    whole: str
    telling: str
    shape: str

    @classmethod
    def of(cls, resource: Resource) -> Self:
        told = {name: value.get("balance") for name in TELLING if isinstance(value := resource.get(name), dict)}
        return cls(_digest(resource, WHOLE), _digest(told, PART), _digest(sorted(_paths(resource)), PART))

    @classmethod
    def read(cls, kept: str) -> Self | None:
        """None for nothing; one that was kept in another form is like no resource."""
        parts = kept.split(".")
        if not kept:
            return None
        return cls(*parts) if len(parts) == 3 else cls(UNKNOWN, UNKNOWN, UNKNOWN)

    def unsure(self) -> Self:
        """While a write is on its way, Google may have this one or the next."""
        return replace(self, whole=UNKNOWN, shape=UNKNOWN)

    def __str__(self) -> str:
        return f"{self.whole}.{self.telling}.{self.shape}"


def _digest(content: Any, length: int) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:length]


def _paths(resource: Resource, path: str = "") -> Iterator[str]:
    """Every field that says something; lists are replaced as they are, so they count as one."""
    for key, value in resource.items():
        if isinstance(value, dict):
            yield from _paths(value, f"{path}{key}.")
        elif value not in ("", [], None):
            yield f"{path}{key}"
