"""Telling something once more, because somebody asks for it.

All from a place in the feed on: the webhook goes back there, and everything after it follows in order. One event, or a test: a
request beside the order, tried once; the log says what came of it.
"""

from typing import Any

from sqlmodel import Session, col, select

from walletpass import database, events
from walletpass.database import new_id, now
from walletpass.errors import Conflict, NotFound
from walletpass.webhooks import letters
from walletpass.webhooks.models import Webhook, WebhookDelivery

# Requests that wait at once: each may take five seconds.
MOST_WAITING = 20


def rewind(session: Session, webhook: Webhook, number: int) -> None:
    """Go back to behind this number of the feed."""
    webhook.reached = number
    if webhook.state == "active":
        webhook.due_at = now()
    session.add(webhook)


def send_again(session: Session, webhook: Webhook, event_id: str) -> WebhookDelivery:
    """One event, whatever its kind. Raises NotFound or Conflict."""
    event = events.get(session, webhook.program_id, event_id)
    return _ask(session, webhook, event.id, event.kind)


def ping(session: Session, webhook: Webhook) -> WebhookDelivery:
    """A test, also of a webhook that is paused. Raises Conflict."""
    return _ask(session, webhook, new_id(), letters.PING)


def _ask(session: Session, webhook: Webhook, event_id: str, kind: str) -> WebhookDelivery:
    if len(session.exec(_waiting(webhook)).all()) >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} requests wait for this address already. Look at the last answers first.")
    row = WebhookDelivery(program_id=webhook.program_id, webhook_id=webhook.id, event_id=event_id, kind=kind, again=True, state="waiting")
    session.add(row)
    session.flush()
    return row


def waiting(webhook: Webhook) -> list[tuple[WebhookDelivery, dict[str, Any] | None]]:
    """What was asked for, each with what is to be sent; None for an event that is not kept any more."""
    with database.reading() as session:
        found = list(session.exec(_waiting(webhook)).all())
        asked = [(row, _what(session, row)) for row in found]
        session.expunge_all()
    return asked


def _what(session: Session, row: WebhookDelivery) -> dict[str, Any] | None:
    if row.kind == letters.PING:
        return letters.ping(row.program_id, row.event_id, row.at)
    try:
        return letters.described(events.get(session, row.program_id, row.event_id))
    except NotFound:
        return None


def _waiting(webhook: Webhook) -> Any:
    ours = col(WebhookDelivery.program_id) == webhook.program_id, col(WebhookDelivery.webhook_id) == webhook.id
    return (
        select(WebhookDelivery).where(*ours, col(WebhookDelivery.state) == "waiting").order_by(col(WebhookDelivery.id)).limit(MOST_WAITING)
    )
