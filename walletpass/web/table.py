"""The code on the table: a guest who gets a card by it has the open check at once."""

from sqlmodel import Session

from walletpass import checks, ledger
from walletpass.cards import Card
from walletpass.ledger import Origin
from walletpass.programs import Program

# What stands in the address behind /j/<code>, and in the form.
CHECK = "check"


def take_check(session: Session, program: Program, join_code: str, card: Card) -> None:
    """The new card's check, if the code is of one that nobody has. Paid a moment ago, it earns now."""
    taken = checks.join(session, program, join_code, card, Origin("system", reason="joined at the table"))
    if taken is not None and taken[1] is not None:
        ledger.tell(session, program, card)
