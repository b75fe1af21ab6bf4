"""What an operator sees of webhooks."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from walletpass.events import Event, EventCount
from walletpass.webhooks.models import Webhook
from walletpass.webhooks.register import listed


def paused(session: Session) -> dict[str, int]:
    """How many webhooks of each program are paused; of those that have any."""
    found: dict[str, int] = {}
    for webhook in listed(session):
        found[webhook.program_id] = found.get(webhook.program_id, 0) + (webhook.state == "paused")
    return found


def warnings(session: Session) -> Iterator[str]:
    """A sentence for each webhook that gave up, for whoever may ask: neither its address nor its answer."""
    for webhook in listed(session):
        if webhook.state == "paused" and webhook.reason:
            yield (
                f"A webhook of {webhook.program_id} is paused: its receiver did not take what it was sent. Nothing is lost yet; mend it, "
                f"then run: walletpass webhooks resume {webhook.program_id} {webhook.id}"
            )


def behind(session: Session, webhook: Webhook) -> int:
    """How many events it has not been told; of all kinds, as nobody has looked at them yet."""
    newest = session.exec(select(EventCount.value).where(col(EventCount.program_id) == webhook.program_id)).first() or 0
    return max(0, newest - webhook.reached)


def oldest_untold(session: Session) -> datetime | None:
    """When the oldest event was written that a webhook, active or paused by us, has not been told. None when all have heard all."""
    moments = [moment for webhook in listed(session) if (moment := waits_since(session, webhook)) is not None]
    return min(moments, default=None)


def waits_since(session: Session, webhook: Webhook) -> datetime | None:
    ours = col(Event.program_id) == webhook.program_id, col(Event.number) > webhook.reached
    return session.exec(select(Event.recorded_at).where(*ours).order_by(col(Event.number)).limit(1)).first()
