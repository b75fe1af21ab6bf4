"""Other systems that send us signed events: each with a secret of its own."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from walletpass import sealed, signatures
from walletpass.database import new_id, now
from walletpass.errors import Malformed, NotFound, WrongSignature
from walletpass.sealed import Place
from walletpass.staff.actors import Actor
from walletpass.staff.models import WebhookSource

LONGEST_LABEL = 80
REFUSED = "No source of this name has signed this with its secret within the last five minutes."


def add_source(session: Session, program_id: str, label: str) -> tuple[WebhookSource, str]:
    """A source, and its secret, which is shown once. Raises Malformed for the label."""
    label = " ".join("".join(char for char in label if char.isprintable()).split())
    if not 1 <= len(label) <= LONGEST_LABEL:
        raise Malformed(f"Say in 1 to {LONGEST_LABEL} letters what the source is.")
    secret, source_id = signatures.new_secret(), new_id()
    source = WebhookSource(program_id=program_id, id=source_id, label=label, secret="")
    source.secret = sealed.seal(secret.encode(), _place(source))
    session.add(source)
    session.flush()
    return source, secret


def revoke_source(session: Session, program_id: str, source_id: str) -> WebhookSource:
    """What it signs is refused from now on. Raises NotFound for one that is none, or was revoked before."""
    source = session.get(WebhookSource, (program_id, source_id))
    if source is None or source.revoked_at is not None:
        raise NotFound("There is no such source here.")
    source.revoked_at = now()
    session.add(source)
    session.flush()
    return source


def sources(session: Session, program_id: str) -> Sequence[WebhookSource]:
    """Those that were not revoked, oldest first."""
    standing = select(WebhookSource).where(col(WebhookSource.program_id) == program_id, col(WebhookSource.revoked_at).is_(None))
    return session.exec(standing.order_by(col(WebhookSource.id))).all()


def actor_by_signature(session: Session, name: str, signature: str, body: bytes) -> Actor:
    """Who signed ``body``: the source called ``<program>/<id>``. Raises WrongSignature, with one sentence for whatever does not fit."""
    program_id, _, source_id = name.partition("/")
    known = session.get(WebhookSource, (program_id, source_id)) if name.isascii() and name.isprintable() and len(name) <= 80 else None
    source = known if known is not None and known.revoked_at is None else None
    # A source that is none is compared as well: it takes no less time to be refused.
    secret = sealed.unseal(source.secret, _place(source)).decode() if source else signatures.new_secret()
    try:
        signatures.must_fit([secret], signature, body, int(now().timestamp()))
    except WrongSignature as error:
        raise WrongSignature(REFUSED) from error
    if source is None:
        raise WrongSignature(REFUSED)
    return Actor(program_id, "api", "integration", source.label, key_hash=source.id)


def _place(source: WebhookSource) -> Place:
    return Place("webhook_source.secret", source.program_id, source.id)
