"""Every write once, whatever the Wi-Fi does: key and deed are one transaction."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, jsonify, request
from sqlmodel import Session

from walletpass import ledger, programs
from walletpass.database import transaction
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

Work = Callable[[Session, Program], Answer]


def once(deed: str, key: str, work: Work) -> Response:
    """What ``work`` answers, or the first answer again for a key that was used for this request. Raises NotAllowed unless the actor
    may do the ``deed``, and what `ledger.begin_once` raises."""
    actor: Actor = g.actor
    actor.must(deed)
    return respond(actor.program_id, key, [request.path, request.get_json(silent=True)], work)


def respond(program_id: str, key: str, asked: Any, work: Work) -> Response:
    answer, again = answered(program_id, key, asked, work)
    response = jsonify(answer.body)
    response.status_code = answer.status
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response


def answered(program_id: str, key: str, asked: Any, work: Work) -> tuple[Answer, bool]:
    """The answer, and whether it is the first one again."""
    with transaction() as session:
        first = ledger.begin_once(session, program_id, key, ledger.fingerprint("v1", asked))
        if first is not None:
            return first, True
        return ledger.finish_once(session, program_id, key, work(session, programs.get(session, program_id))), False
