"""A message to everybody who holds a program's card: one message of the class, however many cards there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from walletpass import delivery, programs
from walletpass.database import after_commit, new_id, now, reading, retrying, transaction
from walletpass.errors import ChannelPaused, Conflict, DeliveryError, Malformed, Postponed
from walletpass.google import messages, notices
from walletpass.google.client import LOYALTY_CLASS, Client, NotThere
from walletpass.google.models import GoogleClass, GoogleMessage, Letter

log = structlog.get_logger(__name__)

# Seconds that a worker has for one, before another takes it up.
LEASE = 60
LONGEST_HEADER, LONGEST_BODY = 60, 500


def announce(
    session: Session,
    program_id: str,
    header: str,
    body: str,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    notify: bool = True,
) -> GoogleMessage:
    """Say something to all who hold the card; it leaves with the caller's transaction, or at ``starts_at``.

    Raises Malformed for what Google would not show, Conflict where no card of the program is at Google.
    """
    program = programs.get(session, program_id)
    header, body, moment = header.strip(), body.strip(), now()
    if not 0 < len(header) <= LONGEST_HEADER or not 0 < len(body) <= LONGEST_BODY:
        raise Malformed(f"A message has a header of 1 to {LONGEST_HEADER} characters and a text of 1 to {LONGEST_BODY}.")
    starts_at = max(starts_at or moment, moment)
    if ends_at is not None and ends_at <= starts_at:
        raise Malformed("The message would end before it begins.")
    if not program.google_issuer_id or session.get(GoogleClass, (program_id, "card")) is None:
        raise Conflict(f"No card of {program.name} is in Google Wallet yet, so nobody would read this.")
    letter = GoogleMessage(
        program_id=program_id,
        id=f"say_{new_id()}",
        header=header,
        body=body,
        notify=notify,
        starts_at=starts_at,
        ends_at=ends_at,
        due_at=starts_at,
        created_at=moment,
    )
    session.add(letter)
    session.flush()
    after_commit(session, delivery.ring)
    return letter


def announced(session: Session, program_id: str, limit: int = 50) -> Sequence[GoogleMessage]:
    """What was said, newest first."""
    found = select(GoogleMessage).where(col(GoogleMessage.program_id) == program_id)
    return session.exec(found.order_by(col(GoogleMessage.id).desc()).limit(limit)).all()


def is_due() -> bool:
    with reading() as session:
        return session.exec(select(GoogleMessage.id).where(*_due()).limit(1)).first() is not None


def send_due(client: Client) -> None:
    """One after the other, until none is due or Google does not take them."""
    while letter := retrying(_claim):
        try:
            failure, rang = None, _send(client, letter)
        except DeliveryError as error:
            failure, rang = error, False
        retrying(lambda letter=letter, failure=failure, rang=rang: _settle(letter, failure, rang))  # type: ignore[misc]
        if failure is not None and not failure.permanent:
            return


def _due() -> tuple[ColumnElement[bool], ...]:
    return col(GoogleMessage.state) == Letter.WAITING, col(GoogleMessage.due_at) <= now()


def _claim() -> GoogleMessage | None:
    with transaction() as session:
        due = select(GoogleMessage).where(*_due()).order_by(col(GoogleMessage.due_at)).limit(1)
        letter = session.exec(due.with_for_update(skip_locked=True)).first()
        if letter is not None:
            letter.due_at, letter.attempts = now() + timedelta(seconds=LEASE), letter.attempts + 1
            session.add(letter)
        return letter


def _send(client: Client, letter: GoogleMessage) -> bool | None:
    """Whether it rang; None when it should have, and there were enough that did. What an earlier try has brought there is not sent again."""
    if letter.ends_at is not None and letter.ends_at <= now():
        raise DeliveryError("Its time was over before it could be sent.", permanent=True)
    with reading() as session:
        program = programs.get(session, letter.program_id)
        ring = letter.notify and _rung(session, letter.program_id) < notices.MOST - notices.RESERVE
    interval = {"start": {"date": letter.starts_at.isoformat(timespec="seconds")}}
    if letter.ends_at is not None:
        interval["end"] = {"date": letter.ends_at.isoformat(timespec="seconds")}
    message = {
        "id": letter.id,
        "header": letter.header,
        "body": letter.body,
        "messageType": messages.NOTIFY if ring else messages.SILENT,
        "displayInterval": interval,
    }
    try:
        known = client.get(LOYALTY_CLASS, f"{program.google_issuer_id}.{program.id}")
    except NotThere as error:
        raise DeliveryError(f"{error.message} The next change of a card brings the class back.", permanent=False) from error
    _, rang = messages.send_once(client, LOYALTY_CLASS, known, message)
    return rang or (None if letter.notify else False)


def _rung(session: Session, program_id: str) -> int:
    """How many have made phones ring in the last day; Google counts them for the class."""
    where = (col(GoogleMessage.program_id) == program_id, col(GoogleMessage.notify), col(GoogleMessage.state) == Letter.SENT)
    counted = select(func.count()).select_from(GoogleMessage).where(*where, col(GoogleMessage.done_at) > now() - notices.DAY)
    return session.exec(counted).one()


def _settle(letter: GoogleMessage, failure: DeliveryError | None, rang: bool | None) -> None:
    moment = now()
    with transaction() as session:
        row = session.get_one(GoogleMessage, (letter.program_id, letter.id), with_for_update=True)
        if row.state != Letter.WAITING:
            return
        untried = isinstance(failure, ChannelPaused | Postponed)
        if failure is None:
            row.state, row.done_at, row.reason = Letter.SENT, moment, ""
            if row.notify and rang is None:
                row.notify, row.reason = False, "Shown without a notice: there were enough of them in the last 24 hours."
        elif failure.permanent or (moment - row.starts_at > delivery.GIVE_UP_AFTER and not untried):
            row.state, row.done_at, row.reason = Letter.DEAD, moment, failure.message[:300]
        else:
            row.attempts -= untried
            seconds = failure.after or 0.0 if untried else delivery.wait(row.attempts, failure.after)
            row.due_at, row.reason = moment + timedelta(seconds=seconds), failure.message[:300]
        session.add(row)
    log.info("google.announced", program=letter.program_id, id=letter.id, failure=failure.message if failure else "")
