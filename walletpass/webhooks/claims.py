"""Whose turn it is. A webhook is told by one thread at a time, in whatever process: its row is claimed under a lease."""

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlmodel import Session, col
from sqlmodel import select as rows

from walletpass.database import now
from walletpass.delivery import owners
from walletpass.events import EventCount
from walletpass.webhooks.models import Webhook, WebhookDelivery

# Longer than a turn by more than its last try may take.
LEASE = timedelta(seconds=60)


def due(session: Session, limit: int) -> list[tuple[str, str]]:
    """Webhooks that have something to be told and that nobody is telling, those that wait longest first."""
    moment = now()
    asked = select(col(WebhookDelivery.id)).where(
        col(WebhookDelivery.program_id) == col(Webhook.program_id),
        col(WebhookDelivery.webhook_id) == col(Webhook.id),
        col(WebhookDelivery.state) == "waiting",
    )
    behind = (col(Webhook.state) == "active") & (col(Webhook.due_at) <= moment) & (col(Webhook.reached) < col(EventCount.value))
    found = session.execute(
        select(col(Webhook.program_id), col(Webhook.id))
        .outerjoin(EventCount, col(EventCount.program_id) == col(Webhook.program_id))
        .where(col(Webhook.state) != "off", or_(behind, asked.exists()))
        .where(or_(col(Webhook.lease_until).is_(None), col(Webhook.lease_until) < moment))
        .order_by(col(Webhook.due_at))
        .limit(limit)
    )
    return [(program_id, webhook_id) for program_id, webhook_id in found]


def claim(session: Session, program_id: str, webhook_id: str, owner: str) -> Webhook | None:
    """The webhook, ours for a minute; None when somebody else was faster."""
    free = or_(col(Webhook.lease_until).is_(None), col(Webhook.lease_until) < now())
    ours = col(Webhook.program_id) == program_id, col(Webhook.id) == webhook_id
    taking = update(Webhook).where(*ours, free).values(owner=owner, lease_until=now() + LEASE).returning(col(Webhook.id))
    if session.execute(taking).first() is None:
        return None
    return session.get(Webhook, (program_id, webhook_id), populate_existing=True)


def release_ended(session: Session) -> int:
    """What a killed process of this machine held need not wait for the end of its lease."""
    held = session.exec(rows(Webhook).where(col(Webhook.owner) != "").with_for_update()).all()
    ended = [webhook for webhook in held if owners.is_gone(webhook.owner)]
    for webhook in ended:
        webhook.owner, webhook.lease_until = "", None
        session.add(webhook)
    return len(ended)
