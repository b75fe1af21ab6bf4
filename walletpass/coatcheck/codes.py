"""Four digits for a guest without a card: said aloud, so not easily guessed by the next in the queue."""

import re
import secrets
from itertools import pairwise

from sqlmodel import Session

from walletpass.coatcheck import tickets
from walletpass.coatcheck.models import Cloakroom
from walletpass.errors import CodeTaken, NoHookFree, WeakCode

FOUR = re.compile(r"[0-9]{4}")
# Rows and columns of a telephone's keys, which hurried fingers type.
ON_THE_KEYS = ("2580", "0852", "1470", "0741", "3690", "0963", "1593", "3571", "7531", "9513")
LONGEST_SEARCH = 2_000


def weakness(code: str) -> str:
    """Why a code is easily guessed, in a sentence; empty for a good one."""
    if not FOUR.fullmatch(code):
        return "A code has four digits."
    steps = {int(second) - int(first) for first, second in pairwise(code)}
    if len(set(code)) < 3:
        return "A code has at least three different digits."
    if len(steps) == 1:
        return "A code does not count up or down."
    if code[:2] == code[2:] or code == code[::-1] or (code[0] == code[1] and code[2] == code[3]):
        return "A code is not two pairs."
    if code[:2] in ("19", "20"):
        return "A code does not look like a year."
    if code in ON_THE_KEYS:
        return "A code is not a line on the keys."
    return ""


def check(session: Session, room: Cloakroom, code: str) -> None:
    """Raises WeakCode with the reason, or CodeTaken."""
    if why := weakness(code):
        raise WeakCode(f"{why} Take another one.", field="code")
    if tickets.open_of_code(session, room, code):
        raise CodeTaken("An open ticket has this code. Take another one.")


def propose(session: Session, room: Cloakroom) -> str:
    """A good one that is free here; the check-in decides. Raises NoHookFree where thousands are open."""
    taken = {ticket.code for ticket in tickets.open_in(session, room)}
    for _ in range(LONGEST_SEARCH):
        code = f"{secrets.randbelow(10_000):04d}"
        if code not in taken and not weakness(code):
            return code
    raise NoHookFree("Nearly every code is taken here.")
