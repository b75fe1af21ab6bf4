"""Messages between the commit that wrote them and the transport that takes them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import Session, col, select

from walletpass import sealed
from walletpass.database import new_id, now
from walletpass.errors import DeliveryError, Malformed
from walletpass.messages.models import OPEN, Message, State, Way, way_to
from walletpass.messages.transport import UNSET, reachable
from walletpass.programs import Program
from walletpass.sealed import Place

LIFE = timedelta(hours=24)
LONGEST_TEXT = 2_000
# A message is in hand for as long as its transport may take, and some more; then another process may send it.
LEASE = timedelta(seconds=60)
LONGEST_WAIT = 900.0
# Said of what was not tried: it is due again at once.
LATER = DeliveryError("not tried yet", permanent=False)
OVER, WITHDRAWN = "its time was over", "withdrawn"
NAMES = {"sms": "SMS", "email": "e-mail"}
# How long we know of a message that has ended.
KEPT = timedelta(days=90)


def post(
    session: Session, program: Program, to: str, text: str, kind: str, language: str, *, life: timedelta = LIFE
) -> str:  # fmt: skip
    """Put words on their way to a phone (E.164) or a mailbox, in the caller's transaction; the id of the message.

    After ``life`` they are not sent any more. Raises Malformed for an address that is neither, and for a text that is too long.
    """
    if not ("@" in to or (to.startswith("+") and to[1:].isdigit())) or len(to) > 254:
        raise Malformed("A message goes to a phone number like +4915123456789 or to an e-mail address.")
    if not text or len(text) > LONGEST_TEXT:
        raise Malformed(f"A message has 1 to {LONGEST_TEXT} letters.")
    message = Message(
        program_id=program.id,
        id=new_id(),
        channel=way_to(to),
        kind=kind,
        recipient=to,
        language=language,
        text="",
        expires_at=now() + life,
    )
    message.text = sealed.seal(text.encode(), _place(message))
    session.add(message)
    session.flush()
    return message.id


def words(message: Message) -> str:
    """Raises ConfigurationError when the key they were sealed with has left the ring."""
    return sealed.unseal(message.text, _place(message)).decode()


def withdraw(session: Session, program_id: str, message_id: str) -> None:
    """Do not send it, if that has not begun: something newer says it better."""
    waiting = and_(col(Message.program_id) == program_id, col(Message.id) == message_id, col(Message.state) == State.PENDING)
    session.execute(update(Message).where(waiting).values(state=State.DEAD, reason=WITHDRAWN, text="", ended_at=now()))


def forget(session: Session, program_id: str, recipient: str) -> None:
    """Leave no trace of a phone number or mailbox, whatever is on its way there."""
    session.execute(delete(Message).where(col(Message.program_id) == program_id, col(Message.recipient) == recipient))


def is_due(session: Session, channel: str) -> bool:
    """A cheap look without a lock: is there anything for `bury` or `claim`?"""
    moment = now()
    return session.exec(select(Message.id).where(or_(_over(channel, moment), _due(channel, moment))).limit(1)).first() is not None


def bury(session: Session, channel: str) -> None:
    """End what nobody would want to read any more."""
    over = and_(_over(channel, now()), col(Message.state).in_([State.PENDING, State.SENDING]))
    reason = func.coalesce(func.nullif(col(Message.reason), ""), OVER)
    session.execute(
        update(Message)
        .where(over)
        .values(state=State.DEAD, reason=reason, text="", ended_at=now(), owner="", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def claim(session: Session, channel: str, owner: str, limit: int) -> Sequence[Message]:
    """Take up to ``limit`` due messages under a lease, those first that have least time left."""
    moment = now()
    wanted = select(Message).where(_due(channel, moment)).order_by(col(Message.expires_at), col(Message.id)).limit(limit)
    found = session.exec(wanted.with_for_update(skip_locked=True)).all()
    for message in found:
        message.state, message.owner, message.lease_until = State.SENDING, owner, moment + LEASE
        message.attempts += 1
        session.add(message)
    session.flush()
    return found


def settle(session: Session, program_id: str, message_id: str, owner: str, failure: DeliveryError | None) -> State | None:
    """Write down what became of a claimed message; None when the lease has passed to somebody else."""
    ours = (
        col(Message.program_id) == program_id,
        col(Message.id) == message_id,
        col(Message.state) == State.SENDING,
        col(Message.owner) == owner,
    )
    message = session.exec(select(Message).where(*ours).with_for_update()).first()
    if message is None:
        return None
    if failure is None:
        end(message, State.SENT, "")
    elif failure.permanent:
        end(message, State.DEAD, failure.message)
    elif failure is LATER:
        message.state, message.owner, message.lease_until = State.PENDING, "", None
        message.attempts -= 1
    else:
        message.state, message.reason, message.owner, message.lease_until = State.PENDING, failure.message[:300], "", None
        message.due_at = now() + timedelta(seconds=wait(message))
    session.add(message)
    return State(message.state)


def wait(message: Message) -> float:
    """Seconds before the next try: exponential with full jitter, and at most a tenth of the message's life."""
    most = min(LONGEST_WAIT, (message.expires_at - message.created_at).total_seconds() / 10)
    return random.uniform(0.5, max(1.0, min(most, 2.0 ** min(message.attempts, 20))))  # noqa: S311 (jitter)


def end(message: Message, state: State, reason: str) -> None:
    message.state, message.reason, message.text, message.ended_at = state, reason[:300], "", now()
    message.owner, message.lease_until = "", None


def sweep(session: Session) -> None:
    session.execute(delete(Message).where(col(Message.ended_at) < now() - KEPT))


def count_waiting(session: Session, channel: str) -> int:
    return session.exec(select(func.count()).select_from(Message).where(OPEN, col(Message.channel) == channel)).one()


def count_dead(session: Session, channel: str, since: datetime | None = None) -> int:
    """What was given up since that moment, or the last day; what was withdrawn is not lost."""
    lost = (
        col(Message.channel) == channel,
        col(Message.state) == State.DEAD,
        col(Message.reason) != WITHDRAWN,
        col(Message.ended_at) >= (since or now() - timedelta(days=1)),
    )
    return session.exec(select(func.count()).select_from(Message).where(*lost)).one()


def warnings(session: Session, *, reasons: bool = True) -> list[str]:
    """A sentence for each way on which nothing can be sent, or was given up in the last day.

    A mail server is missed when there is mail. Without ``reasons`` what only the operator should read is left out, and so is what
    was never set up.
    """
    said = []
    for channel, sentence in UNSET.items():
        lost = count_dead(session, channel)
        if lost:
            why = f" The last one: {_last_reason(session, channel)}" if reasons else ""
            many = f"{lost} messages by {NAMES[channel]} were" if lost > 1 else f"One message by {NAMES[channel]} was"
            said.append(f"{many} given up in the last day.{why}")
        if reasons and not reachable(channel) and (channel == Way.SMS or count_waiting(session, channel)):
            said.append(sentence)
    return said


def _last_reason(session: Session, channel: str) -> str:
    lost = col(Message.channel) == channel, col(Message.state) == State.DEAD, col(Message.reason) != WITHDRAWN
    return session.exec(select(Message.reason).where(*lost).order_by(col(Message.ended_at).desc())).first() or ""


def _due(channel: str, moment: datetime) -> Any:
    ready = and_(col(Message.state) == State.PENDING, col(Message.due_at) <= moment)
    return and_(col(Message.channel) == channel, OPEN, col(Message.expires_at) > moment, or_(ready, _stuck(moment)))


def _over(channel: str, moment: datetime) -> Any:
    """Not what is in somebody's hand: it may have been taken at this moment."""
    free = or_(col(Message.state) == State.PENDING, _stuck(moment))
    return and_(col(Message.channel) == channel, OPEN, col(Message.expires_at) <= moment, free)


def _stuck(moment: datetime) -> Any:
    return and_(col(Message.state) == State.SENDING, col(Message.lease_until) <= moment)


def _place(message: Message) -> Place:
    return Place("message.text", message.program_id, message.id)
