"""What is hung up, and what becomes of it."""

from enum import StrEnum


class ItemKind(StrEnum):
    """The names are a promise to whoever reads the API; people read them in their language."""

    COAT = "coat"
    BAG = "bag"
    UMBRELLA = "umbrella"
    HAT = "hat"
    HELMET = "helmet"
    SUITCASE = "suitcase"
    PRAM = "pram"
    OTHER = "other"


class State(StrEnum):
    HUNG = "hung"
    PULLED = "pulled"
    KEPT = "kept"
    RETURNED = "returned"
    LOST = "lost"
    DISPOSED = "disposed"


# On a hook, or just off it with the hook waiting.
STANDING = (State.HUNG, State.PULLED)
# In the house.
HERE = (*STANDING, State.KEPT)
# From what to what; "" is the moment at which a thing is taken in, hung to hung another hook.
EDGES = (
    ("", State.HUNG),
    (State.HUNG, State.HUNG),
    (State.HUNG, State.PULLED),
    (State.PULLED, State.HUNG),
    (State.HUNG, State.RETURNED),
    (State.HUNG, State.KEPT),
    (State.HUNG, State.LOST),
    (State.KEPT, State.RETURNED),
    (State.KEPT, State.DISPOSED),
)


class How(StrEnum):
    """By what the attendant knew whose thing it is, or why nobody was asked."""

    SCAN = "scan"
    CODE = "code"
    NUMBER = "number"
    HAND = "hand"
    OVERRIDE = "override"
    SHIFT = "shift"
    REPLAY = "replay"
    CLAIM = "claim"
