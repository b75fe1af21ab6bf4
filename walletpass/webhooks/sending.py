"""One webhook's turn: tell it what it has not heard, and write down how far that went.

Events are sent one after the other, and the next one only when the one before was taken: so a receiver hears of everything, and
first hears of it in the order of the feed. What it was told but we did not write down, because we were killed in between, it is
told again with the same id.
"""

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session

from walletpass import database, events
from walletpass.database import now
from walletpass.errors import ConfigurationError, Gone, Malformed
from walletpass.webhooks import again, letters, log
from walletpass.webhooks.addresses import target
from walletpass.webhooks.line import Answer, Line
from walletpass.webhooks.models import Webhook, WebhookDelivery
from walletpass.webhooks.register import pause, secrets

journal = structlog.get_logger(__name__)

BATCH = 50
# Seconds that one turn may last before it is written down.
TURN = 20.0
# Half a second, then twice as long each time, an hour at most: thirty tries in a row are most of a day.
FIRST_WAIT, LONGEST_WAIT, MOST_FAILURES = 0.5, 3600.0, 30
# The receiver says that it wants to be told nothing any more.
GONE = 410


@dataclass
class Turn:
    """What came of it: how far the feed was told, each try, and the answer that ended it."""

    webhook: Webhook
    reached: int
    told: list[WebhookDelivery] = field(default_factory=list)
    failed: Answer | None = None


def serve(webhook: Webhook, stopping: threading.Event) -> bool:
    """The turn of a webhook that was just claimed. True when there may be more to tell it at once."""
    turn = Turn(webhook, webhook.reached)
    try:
        _tell(turn, stopping)
    except (ConfigurationError, Malformed) as error:
        # Its secret does not open, or its address is none any more: that holds up nobody else.
        turn.failed = Answer(0, error.message)
    database.retrying(lambda: _write_down(turn))
    return turn.reached > webhook.reached and turn.failed is None


def _tell(turn: Turn, stopping: threading.Event) -> None:
    webhook, keys = turn.webhook, secrets(turn.webhook)
    with Line(target(webhook.url)) as line:
        for row, what in again.waiting(webhook):
            answer = _post(line, what, keys) if what is not None else Answer(0, "this event is not kept any more")
            turn.told.append(log.answered(row, answer))
        if webhook.state == "active" and webhook.due_at <= now():
            _follow(turn, line, keys, stopping)


def _follow(turn: Turn, line: Line, keys: list[str], stopping: threading.Event) -> None:
    end = time.monotonic() + TURN
    page = _next(turn.webhook)
    for event in page.events:
        if stopping.is_set() or time.monotonic() > end:
            return
        answer = _post(line, letters.described(event), keys)
        turn.told.append(log.tried(turn.webhook, event, answer))
        if not answer.taken:
            turn.failed = answer
            return
        turn.reached = event.number
    turn.reached = page.reached


def _next(webhook: Webhook) -> events.Page:
    with database.reading() as session:
        try:
            page = events.after(session, webhook.program_id, webhook.reached, BATCH, webhook.kinds)
        except Gone:
            # It was away for longer than events are kept. What is gone cannot be told; the rest can.
            oldest = events.place(session, webhook.program_id, "")
            lost = oldest - webhook.reached
            journal.warning("webhooks.lost", program=webhook.program_id, webhook=webhook.id, events=lost)
            page = events.after(session, webhook.program_id, oldest, BATCH, webhook.kinds)
        session.expunge_all()
    return page


def _post(line: Line, what: dict[str, Any], keys: list[str]) -> Answer:
    body, headers = letters.sealed(what, keys, int(time.time()))
    return line.post(body, headers)


def _write_down(turn: Turn) -> None:
    with database.transaction() as session:
        for told in turn.told:
            session.merge(told)
        row = session.get(Webhook, (turn.webhook.program_id, turn.webhook.id), with_for_update=True, populate_existing=True)
        if row is not None and row.owner == turn.webhook.owner:
            _settle(session, row, turn)
        log.trim(session, turn.webhook)


def _settle(session: Session, row: Webhook, turn: Turn) -> None:
    """Not where somebody else has claimed it meanwhile: our lease was over, and how far it is now is theirs to say."""
    row.owner, row.lease_until = "", None
    if turn.reached > turn.webhook.reached:
        row.failures = 0
        if any(told.state == "delivered" for told in turn.told):
            row.delivered_at = now()
        # Somebody may have sent it back to an earlier place in the meantime.
        if row.reached == turn.webhook.reached:
            row.reached = turn.reached
    if turn.failed is not None and row.state == "active":
        row.failures += 1
        row.due_at = now() + timedelta(seconds=wait(row.failures))
        if turn.failed.status == GONE or row.failures >= MOST_FAILURES:
            pause(session, row, f"{turn.failed.status or ''} {turn.failed.said}".strip())
    session.add(row)


def wait(failures: int) -> float:
    """Seconds until the next try; a part of it is chance, so that receivers that fell together are not asked together."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311 (jitter)
