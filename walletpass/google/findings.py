"""What a look at the set-up of Google Wallet tells: a sentence each, and whether something must be mended."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["fault", "hint", "sound"]


@dataclass(frozen=True)
class Finding:
    level: Level
    sentence: str


def fault(sentence: str) -> Finding:
    return Finding("fault", sentence)


def hint(sentence: str) -> Finding:
    return Finding("hint", sentence)


def sound(sentence: str) -> Finding:
    return Finding("sound", sentence)
