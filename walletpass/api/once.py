"""One write of the API: exactly once, told to every card that it touched, and then to whoever asked."""

from collections.abc import Callable, Iterable
from datetime import datetime

from flask import Response, g, jsonify, request
from pydantic import BaseModel
from sqlmodel import Session

from walletpass import cards, ledger, programs, staff
from walletpass.api.schemas import BalanceOut, CardBalanceOut, EntryOut, WriteOut
from walletpass.database import transaction
from walletpass.errors import Refusal
from walletpass.ledger import Answer, Entry, Origin
from walletpass.programs import Program
from walletpass.staff import Actor

ROOT = "/api/v1/"

Deed = Callable[[Session, Program], Answer]


def once(must: str, key: str, deed: Deed) -> Response:
    """Key, entries, cards and outbox rows: one transaction. ``must`` is what the actor has to be allowed.

    Raises NotAllowed, and what `ledger.begin_once` and the deed raise.
    """
    actor: Actor = g.actor
    actor.must(must)
    try:
        answer, again = _answered(actor, key, deed)
    except Refusal as refused:
        # A refusal leaves nothing in the books, and the report says who was refused what.
        staff.noticed(actor, f"refused.{must}.{'over_limit' if 'maximum' in refused.details else refused.code}")
        raise
    response = jsonify(answer.body)
    response.status_code = answer.status
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response


def _answered(actor: Actor, key: str, deed: Deed) -> tuple[Answer, bool]:
    route, asked = request.path.removeprefix(ROOT), request.get_json(silent=True)
    with transaction() as session:
        answer = ledger.begin_once(session, actor.program_id, key, ledger.fingerprint(route, asked))
        again = answer is not None
        if answer is None:
            answer = deed(session, programs.get(session, actor.program_id))
            ledger.finish_once(session, actor.program_id, key, answer)
    return answer, again


def origin(key: str, reason: str = "", event_at: datetime | None = None) -> Origin:
    """Whoever sent this request, where and why."""
    actor: Actor = g.actor
    return Origin(actor.source, key, actor.venue_id, actor.staff_id, actor.till_id, reason, event_at, actor.own_card)


def answer(body: BaseModel, status: int = 200) -> Answer:
    return Answer(status, body.model_dump(mode="json"))


def wrote(session: Session, entry: Entry) -> Answer:
    """Tell the card of one entry, and then the till."""
    balance = tell(session, entry.program_id, entry.card_id)
    return answer(WriteOut(entry=EntryOut.model_validate(entry), balance=balance))


def tell(session: Session, program_id: str, card_id: str) -> BalanceOut:
    """Let the card, and all that one guest has, show what there is now; of a card that went up in another, that one's."""
    card, program = cards.survivor(session, program_id, card_id), programs.get(session, program_id)
    return BalanceOut.model_validate(ledger.tell(session, program, card or cards.get(session, program_id, card_id)))


def tell_all(session: Session, program_id: str, card_ids: Iterable[str]) -> list[CardBalanceOut]:
    """Every card that was touched, once; in one order, so that of two deeds on the same cards none waits for the other."""
    touched = sorted(set(card_ids))
    for card_id in sorted({card.id for one in touched if (card := cards.survivor(session, program_id, one))}):
        tell(session, program_id, card_id)
    balances = {card_id: BalanceOut.model_validate(ledger.balance(session, program_id, card_id)) for card_id in touched}
    return [CardBalanceOut(card=card_id, **balance.model_dump()) for card_id, balance in balances.items()]
