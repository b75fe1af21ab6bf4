"""Who is told what happens here. Every write carries an Idempotency-Key; no stored answer holds a secret."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, jsonify, request
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import events, ledger, webhooks
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.api.webhooks_shapes import (
    DeliveriesOut,
    DeliveryRow,
    LogQuery,
    ReplayIn,
    SecretOut,
    WebhookIn,
    WebhookOut,
    WebhookPath,
    WebhooksOut,
)
from walletpass.database import reading, transaction
from walletpass.errors import Malformed
from walletpass.ledger import Answer
from walletpass.staff import Actor
from walletpass.webhooks import Webhook

bp = APIBlueprint(
    "api_webhooks", __name__, url_prefix="/api/v1/webhooks", abp_tags=[Tag(name="Webhooks")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

Deed = Callable[[Session, str], dict[str, Any]]


@bp.post("", summary="Be told what happens", responses={201: SecretOut})
def create(header: KeyHeader, body: WebhookIn) -> Response:
    def deed(session: Session, program_id: str) -> dict[str, Any]:
        after = None if body.after is None else events.place(session, program_id, body.after)
        made = webhooks.create(session, program_id, url=body.url, kinds=body.kinds, after=after, made_by=g.actor.staff_id)
        return _shown(session, made)

    return _once("create", header.key, deed, status=201, secret=True)


@bp.get("", summary="Every webhook, and how far each is behind", responses={200: WebhooksOut})
def listed() -> dict[str, Any]:
    with reading() as session:
        return {"webhooks": [_shown(session, webhook) for webhook in webhooks.listed(session, _program())]}


@bp.get("/<webhook_id>", summary="One webhook", responses={200: WebhookOut})
def one(path: WebhookPath) -> dict[str, Any]:
    with reading() as session:
        return _shown(session, webhooks.get(session, _program(), path.webhook_id, locked=False))


@bp.delete("/<webhook_id>", summary="Switch it off for good", responses={200: WebhookOut})
def switch_off(header: KeyHeader, path: WebhookPath) -> Response:
    return _once(f"off/{path.webhook_id}", header.key, _change(path, webhooks.switch_off))


@bp.post("/<webhook_id>/pause", summary="Tell it nothing for now; what happens waits", responses={200: WebhookOut})
def pause(header: KeyHeader, path: WebhookPath) -> Response:
    return _once(f"pause/{path.webhook_id}", header.key, _change(path, webhooks.pause))


@bp.post("/<webhook_id>/resume", summary="Tell it what has waited", responses={200: WebhookOut})
def resume(header: KeyHeader, path: WebhookPath) -> Response:
    return _once(f"resume/{path.webhook_id}", header.key, _change(path, webhooks.resume))


@bp.post("/<webhook_id>/rotate", summary="A new secret; the old one signs along for a day", responses={200: SecretOut})
def rotate(header: KeyHeader, path: WebhookPath) -> Response:
    return _once(f"rotate/{path.webhook_id}", header.key, _change(path, webhooks.rotate), secret=True)


@bp.post("/<webhook_id>/test", summary="Send it a test, beside the order", responses={202: DeliveryRow})
def test(header: KeyHeader, path: WebhookPath) -> Response:
    def deed(session: Session, program_id: str) -> dict[str, Any]:
        asked = webhooks.ping(session, webhooks.get(session, program_id, path.webhook_id))
        return DeliveryRow.model_validate(asked).model_dump(mode="json")

    return _once(f"test/{path.webhook_id}", header.key, deed, status=202)


@bp.post("/<webhook_id>/replay", summary="Tell it again: one event, or everything behind a cursor", responses={200: WebhookOut})
def replay(header: KeyHeader, path: WebhookPath, body: ReplayIn) -> Response:
    def deed(session: Session, program_id: str) -> dict[str, Any]:
        if (body.after is None) == (body.event is None):
            raise Malformed("Give either after, a cursor of the feed, or event, the id of one.")
        webhook = webhooks.get(session, program_id, path.webhook_id)
        if body.after is not None:
            webhooks.rewind(session, webhook, events.place(session, program_id, body.after))
        else:
            webhooks.send_again(session, webhook, body.event or "")
        return _shown(session, webhook)

    return _once(f"replay/{path.webhook_id}", header.key, deed)


@bp.get("/<webhook_id>/deliveries", summary="What was tried and answered, newest first", responses={200: DeliveriesOut})
def deliveries(path: WebhookPath, query: LogQuery) -> dict[str, Any]:
    with reading() as session:
        webhook = webhooks.get(session, _program(), path.webhook_id, locked=False)
        found = webhooks.newest(session, webhook.program_id, webhook.id, query.limit, query.before)
        return {"deliveries": [DeliveryRow.model_validate(row).model_dump(mode="json") for row in found]}


def _change(path: WebhookPath, verb: Callable[[Session, Webhook], object]) -> Deed:
    def deed(session: Session, program_id: str) -> dict[str, Any]:
        webhook = webhooks.get(session, program_id, path.webhook_id)
        verb(session, webhook)
        session.flush()
        return _shown(session, webhook)

    return deed


def _program() -> str:
    actor: Actor = g.actor
    actor.must("integrate")
    return actor.program_id


def _shown(session: Session, webhook: Webhook) -> dict[str, Any]:
    values = webhook.model_dump()
    return WebhookOut(**{**values, "behind": webhooks.behind(session, webhook)}).model_dump(mode="json")


def _once(route: str, key: str, deed: Deed, *, status: int = 200, secret: bool = False) -> Response:
    program_id, body = _program(), request.get_json(silent=True)
    with transaction() as session:
        answer = ledger.begin_once(session, program_id, key, ledger.fingerprint(f"webhooks/{route}", body))
        again = answer is not None
        if answer is None:
            answer = ledger.finish_once(session, program_id, key, _kept(session, deed(session, program_id), program_id, status, secret))
        told = {name: value for name, value in answer.body.items() if name != "secret_at"}
        if secret:
            told["secret"] = _secret(session, program_id, answer)
    response = jsonify(told)
    response.status_code = answer.status
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response


def _kept(session: Session, told: dict[str, Any], program_id: str, status: int, secret: bool) -> Answer:
    if secret:
        told["secret_at"] = session.get_one(Webhook, (program_id, told["id"])).secret_at.isoformat()
    return Answer(status, told)


def _secret(session: Session, program_id: str, answer: Answer) -> str:
    """To whoever repeats the request with its key; not any more when there is a newer one."""
    webhook = session.get_one(Webhook, (program_id, answer.body["id"]))
    current = webhook.state != "off" and webhook.secret_at.isoformat() == answer.body["secret_at"]
    return webhooks.secret(webhook) if current else ""
