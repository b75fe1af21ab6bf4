"""How a guest can be known, and what that proves."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from sqlmodel import Session

from walletpass import cards
from walletpass.cards import Card
from walletpass.programs import Program

NOT_OURS = "This is not one of our cards."


class Strength(IntEnum):
    """NAMED: somebody said who they are. SHOWN: something was shown that a photograph can show too. PROVED: only the guest could."""

    NAMED = 1
    SHOWN = 2
    PROVED = 3


# Called with the name of a way and what is looked at, before the look: raises TooMany for somebody who looks too often.
Knock = Callable[[str, str], None]


@dataclass(frozen=True)
class Identified:
    card: Card
    way: str
    strength: Strength


@dataclass(frozen=True)
class Asked:
    """``text`` is what was scanned or typed, as `reading.clean` gives it; ``kind`` the way that was asked for, empty for any."""

    session: Session
    program: Program
    text: str
    kind: str
    knock: Knock


class Way(Protocol):
    """One way to know a guest. ``uses_up``: finding writes that the text was used, so it wants a session that may write."""

    name: str
    uses_up: bool

    def reads(self, text: str) -> bool:
        """Whether the text has the shape of this way; nothing is looked up."""
        ...

    def find(self, asked: Asked) -> Identified:
        """Raises NotOurCode where it is nobody's, and what the way itself has to say."""
        ...


def living(session: Session, program_id: str, card_id: str) -> Card:
    """The card, or the one that it was merged into. Raises NotOurCode for one that is no more."""
    return cards.in_use(session, session.get(Card, (program_id, card_id)))
