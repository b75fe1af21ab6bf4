from sqlmodel import Session

from walletpass import programs
from walletpass.errors import Malformed, NotFound


def venue_of(session: Session, program_id: str, wanted: str, bound: str = "") -> str:
    """The venue that is meant: the one that is named, the one that the sender is ``bound`` to, or the only one there is.

    Empty for a program without venues. Raises NotFound for another restaurant's, or not the sender's own; Malformed where there are
    several and none is named: an arrival is somewhere.
    """
    known = [venue.id for venue in programs.venues(session, program_id)]
    named = wanted or bound
    if named:
        if named not in known or (bound and named != bound):
            raise NotFound("There is no such venue here.")
        return named
    if len(known) > 1:
        raise Malformed("Say which venue: this restaurant has several.", field="venue")
    return known[0] if known else ""
