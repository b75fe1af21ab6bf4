"""What was tried and what was answered: the newest tries of each webhook."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from walletpass.database import now
from walletpass.events import Event
from walletpass.webhooks.line import Answer
from walletpass.webhooks.models import Webhook, WebhookDelivery

KEPT = 200


def tried(webhook: Webhook, event: Event, answer: Answer) -> WebhookDelivery:
    row = WebhookDelivery(program_id=webhook.program_id, webhook_id=webhook.id, event_id=event.id, kind=event.kind, state="waiting")
    return answered(row, answer)


def answered(row: WebhookDelivery, answer: Answer) -> WebhookDelivery:
    row.state, row.status, row.reason = "delivered" if answer.taken else "failed", answer.status, answer.said[:200]
    row.milliseconds, row.at = answer.milliseconds, now()
    return row


def newest(session: Session, program_id: str, webhook_id: str, limit: int = 50, before: str = "") -> Sequence[WebhookDelivery]:
    """Newest first; ``before`` an id of the last page."""
    ours = select(WebhookDelivery).where(col(WebhookDelivery.program_id) == program_id, col(WebhookDelivery.webhook_id) == webhook_id)
    if before:
        ours = ours.where(col(WebhookDelivery.id) < before)
    return session.exec(ours.order_by(col(WebhookDelivery.id).desc()).limit(limit)).all()


def trim(session: Session, webhook: Webhook) -> None:
    ours = col(WebhookDelivery.program_id) == webhook.program_id, col(WebhookDelivery.webhook_id) == webhook.id
    last = select(WebhookDelivery.id).where(*ours).order_by(col(WebhookDelivery.id).desc()).offset(KEPT).limit(1)
    oldest = session.exec(last).first()
    if oldest is not None:
        session.execute(delete(WebhookDelivery).where(*ours, col(WebhookDelivery.id) <= oldest, col(WebhookDelivery.state) != "waiting"))
