"""Who is told, and with which secret."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from walletpass import events, sealed, signatures
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.sealed import Place
from walletpass.webhooks.addresses import target
from walletpass.webhooks.models import Webhook

MOST = 20
# How long the former secret signs along, for a receiver that is still being given the new one.
OVERLAP = timedelta(hours=24)


def create(
    session: Session, program_id: str, *, url: str, kinds: Iterable[str] = (), after: int | None = None, made_by: str = ""
) -> Webhook:
    """A webhook that is told what happens from now on, or ``after`` a number of the feed. Raises Malformed or Conflict.

    Its secret is what `secret` says, once.
    """
    target(url)
    if len(listed(session, program_id)) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. Switch one off first.")
    webhook = Webhook(
        program_id=program_id, url=url, kinds=known(kinds), secret="", made_by=made_by,
        reached=events.last(session, program_id) if after is None else after,
    )  # fmt: skip
    webhook.secret = sealed.seal(signatures.new_secret().encode(), _place(webhook, "secret"))
    session.add(webhook)
    session.flush()
    return webhook


def known(kinds: Iterable[str]) -> list[str]:
    """Kinds of the feed, each once; none means every kind. Raises Malformed."""
    wanted = sorted(set(kinds))
    unknown = [kind for kind in wanted if kind not in set(Kind)]
    if unknown:
        raise Malformed(f"The feed has no kind {unknown[0][:40]!r}. Kinds: {', '.join(Kind)}.")
    return wanted


def secret(webhook: Webhook) -> str:
    return sealed.unseal(webhook.secret, _place(webhook, "secret")).decode()


def secrets(webhook: Webhook) -> list[str]:
    """What signs at this moment, the newest first."""
    old = webhook.old_secret if webhook.old_until is not None and webhook.old_until > now() else ""
    return [secret(webhook), *([sealed.unseal(old, _place(webhook, "old_secret")).decode()] if old else [])]


def rotate(session: Session, webhook: Webhook) -> str:
    """A new secret. The one before signs along for a day; one before that does not any more."""
    webhook.old_secret = sealed.seal(secret(webhook).encode(), _place(webhook, "old_secret"))
    webhook.old_until = now() + OVERLAP
    made = signatures.new_secret()
    webhook.secret, webhook.secret_at = sealed.seal(made.encode(), _place(webhook, "secret")), now()
    session.add(webhook)
    session.flush()
    return made


def pause(session: Session, webhook: Webhook, reason: str = "") -> None:
    """Nothing is sent until it is resumed; what happens meanwhile waits."""
    webhook.state, webhook.reason = "paused", reason[:200]
    session.add(webhook)


def resume(session: Session, webhook: Webhook) -> None:
    """What waits is sent, beginning at once."""
    webhook.state, webhook.reason, webhook.failures, webhook.due_at = "active", "", 0, now()
    session.add(webhook)


def switch_off(session: Session, webhook: Webhook) -> None:
    """For good: its secrets are forgotten, and its log stays."""
    webhook.state, webhook.reason, webhook.secret, webhook.old_secret = "off", "", "", ""
    session.add(webhook)


def get(session: Session, program_id: str, webhook_id: str, *, locked: bool = True) -> Webhook:
    """One that is not off. ``locked`` until commit, against whoever is sending. Raises NotFound."""
    found = session.get(Webhook, (program_id, webhook_id), with_for_update=locked or None)
    if found is None or found.state == "off":
        raise NotFound("There is no such webhook here.")
    return found


def listed(session: Session, program_id: str = "") -> Sequence[Webhook]:
    """Those of a program, or of all, oldest first; without those that are off."""
    wanted = select(Webhook).where(col(Webhook.state) != "off")
    if program_id:
        wanted = wanted.where(col(Webhook.program_id) == program_id)
    return session.exec(wanted.order_by(col(Webhook.program_id), col(Webhook.id))).all()


def _place(webhook: Webhook, column: str) -> Place:
    return Place(f"webhook.{column}", webhook.program_id, webhook.id)
