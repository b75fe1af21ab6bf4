import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.webhooks.receiver import Receiver
from walletpass import database, events, webhooks
from walletpass.database import now
from walletpass.delivery import owners
from walletpass.events import Kind
from walletpass.webhooks import Webhook, claims, sending


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def follow(url: str, program_id: str = "luna", **how: Any) -> Webhook:
    with database.transaction() as session:
        return webhooks.create(session, program_id, url=url, **how)


def tell(count: int = 1, program_id: str = "luna", kind: Kind = Kind.POINTS_ADJUSTED) -> None:
    """As many events, each in a transaction of its own."""
    for _ in range(count):
        with database.transaction() as session:
            events.happened(session, program_id, kind)


def row(webhook: Webhook) -> Webhook:
    with database.reading() as session:
        found = session.get_one(Webhook, (webhook.program_id, webhook.id))
        session.expunge(found)
    return found


def turn(webhook: Webhook, *, owner: str | None = None) -> bool:
    """One turn of the webhook, as a thread of the dispatcher gives it."""
    with database.transaction() as session:
        claimed = claims.claim(session, webhook.program_id, webhook.id, owner or owners.name())
    assert claimed is not None
    return sending.serve(claimed, threading.Event())


def change(webhook: Webhook, how: Callable[..., Any], *what: Any) -> Any:
    """A verb of the room at this webhook, in a transaction."""
    with database.transaction() as session:
        return how(session, webhooks.get(session, webhook.program_id, webhook.id), *what)


def at_once(webhook: Webhook) -> None:
    """The wait after a failure is over."""
    with database.transaction() as session:
        found = session.get_one(Webhook, (webhook.program_id, webhook.id))
        found.due_at = now()
        session.add(found)


def log(webhook: Webhook) -> list[tuple[str, int, str]]:
    with database.reading() as session:
        return [(one.state, one.status, one.reason) for one in webhooks.newest(session, webhook.program_id, webhook.id)]
