"""Things that are said to hang on a hook which the books have given to something else.

Two devices that were offline may have used one hook. Both coats hang there in the room, so neither is moved in the books: the hook is given
to whoever had it first by the time on the devices, and what was hung through the server comes before both; the other keeps its
claim, and a conflict stands until somebody has looked. When the hook becomes free the claim is true, and the conflict is over. So the
books come to the same in whatever order the devices were heard.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from walletpass.coatcheck import hooks, judging, steps, tickets
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.kinds import STANDING, How, State
from walletpass.coatcheck.models import CoatItem, Hook, Shift, Ticket

Rank = tuple[bool, str, str, int]


def place(session: Session, item: CoatItem, hook: Hook, hand: Hand, shift: Shift) -> dict[str, str | None]:
    """Where a thing comes that says it hangs on this hook: the columns of its row, which need not be there yet.

    The hook is given to it if that is its right; what had less right to it waits from now on.
    """
    held, waits = {"hook_id": hook.id, "claim_id": None}, {"hook_id": None, "claim_id": hook.id}
    session.refresh(hook, with_for_update=True)
    if hooks.take(session, item.program_id, [hook.id]) is None:
        return held
    # What was taken off for a moment comes back to its hook, whoever says what.
    last = max((one for one in _holders(session, hook) if one.state == State.HUNG), key=rank, default=None)
    if not hook.in_use or last is None or rank(last) < rank(item):
        return waits
    steps.step(session, last, State.HUNG, _by_itself(hand), shift, **waits)
    judging.judge(session, last.program_id, last.ticket_id)
    return held


def fill(session: Session, program_id: str, hook_ids: Iterable[str], hand: Hand, shift: Shift) -> None:
    """Hooks were let go: what claims them has them now. They are locked by the caller, so nobody claims them meanwhile."""
    for hook_id in sorted(set(hook_ids)):
        for item in sorted(_claimants(session, program_id, hook_id), key=rank):
            if hooks.take(session, program_id, [hook_id]) is not None:
                break
            steps.step(session, item, State(item.state), _by_itself(hand), shift, hook_id=hook_id, claim_id=None)
            judging.judge(session, program_id, item.ticket_id)


def rank(item: CoatItem) -> Rank:
    """Who has the better right to a hook: the lower one."""
    return not item.confirmed, "" if item.confirmed else item.hung_at.isoformat(), item.ticket_id, item.number


def _holders(session: Session, hook: Hook) -> list[CoatItem]:
    return _locked(session, hook.program_id, col(CoatItem.hook_id) == hook.id)


def _claimants(session: Session, program_id: str, hook_id: str) -> list[CoatItem]:
    return _locked(session, program_id, col(CoatItem.claim_id) == hook_id)


def _locked(session: Session, program_id: str, where: object) -> list[CoatItem]:
    """Their tickets are locked behind the hook, against the order: of two who meet there the database gives one its turn again."""
    ours = col(CoatItem.program_id) == program_id, col(CoatItem.state).in_(STANDING)
    wanted = select(CoatItem).where(*ours, where).execution_options(populate_existing=True)  # type: ignore[arg-type]
    for ticket_id in sorted({item.ticket_id for item in session.exec(wanted).all()}):
        tickets.lock(session, session.get_one(Ticket, (program_id, ticket_id)))
    return list(session.exec(wanted).all())


def _by_itself(hand: Hand) -> Hand:
    return Hand(hand.staff_id, hand.till_id, hand.source, How.CLAIM)
