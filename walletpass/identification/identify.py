from sqlmodel import Session

from walletpass.errors import CoatTicket, NotOurCode
from walletpass.identification.reading import clean
from walletpass.identification.way import NOT_OURS, Asked, Identified, Knock, Way
from walletpass.identification.ways import WAYS
from walletpass.programs import Program

# A signed token of an app; codes are much shorter.
LONGEST = 4096


def identify(session: Session, program: Program, text: str, *, kind: str = "", knock: Knock = lambda way, what: None) -> Identified:
    """The card of whoever stands there, how it was found, and what that proves.

    Ways are tried in their order; ``kind`` is one of them, where the caller knows. NotOurCode, with one sentence, for everything
    that is nobody's: another restaurant's, an address, a Wi-Fi code, a product. ManyGuests where a number is several guests';
    CodeUsed and CodeExpired from ways that prove, CoatTicket for the ticket of a guest without a card. Nothing of a text that is not ours is kept.
    """
    read, refusal = clean(text[: LONGEST + 1]), NotOurCode(NOT_OURS)
    if len(read) <= LONGEST:
        for way in _ways(read, kind):
            try:
                return way.find(Asked(session, program, read, kind, knock))
            except CoatTicket as error:
                # Somebody's phone number may read like the number of a ticket.
                refusal = error
            except NotOurCode:
                continue
    raise refusal


def uses_up(text: str, kind: str = "") -> bool:
    """Whether identifying by this text writes that it was used: it wants a session that may."""
    return any(way.uses_up for way in _ways(clean(text[: LONGEST + 1]), kind))


def _ways(text: str, kind: str) -> list[Way]:
    return [way for way in WAYS if way.reads(text) and kind in ("", way.name)]
