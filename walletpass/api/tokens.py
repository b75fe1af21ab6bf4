"""Rings, stickers, coins and plastic cards: bound to a guest, and taken off again."""

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Response, g, jsonify, request
from flask_openapi import APIBlueprint, Tag
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session

from walletpass import cards, identification, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.finding import identify
from walletpass.api.schemas import FAULTS, CardRef, In, KeyHeader, Out
from walletpass.database import reading, transaction
from walletpass.errors import Malformed, SecondFactorNeeded
from walletpass.guests import ConsentGiven
from walletpass.identification import BoundToken, Strength
from walletpass.identification.carriers import CONSENT
from walletpass.ledger import Answer
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_tokens", __name__, url_prefix="/api/v1/tokens", abp_tags=[Tag(name="Tokens")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)

Kind = Literal["nfc", "ring", "keyring", "wristband", "coin", "stripe", "other", "app", "match"]
Short = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=40)]


class CarrierConsentIn(In):
    """The words that the guest agreed to, as they stood there. Kept are their version, language and SHA-256."""

    text: Annotated[str, StringConstraints(strict=True, min_length=20, max_length=4000)]
    version: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20)]
    language: Annotated[str, StringConstraints(strict=True, min_length=2, max_length=8)]


class TokenIn(In):
    card: CardRef
    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=400)] = Field(
        description="As the reader gives it. Kept is an HMAC of it. For app and match the name that the app or the reader has for the guest."
    )
    kind: Kind
    label: Short = Field("", description="What staff see, for example blue ring.")
    proof: Annotated[str, StringConstraints(strict=True, max_length=80)] = Field(
        "", description="From the guest view, for a card by its id."
    )
    consent: CarrierConsentIn | None = Field(None, description="For match, and only there: the guest's explicit consent.")


class UnbindIn(In):
    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-z]{26}$")] = Field(description="The id of the bound token.")


class TokenOut(Out):
    id: str
    card_id: str
    kind: Kind
    label: str
    bound_at: datetime
    unbound_at: datetime | None


class TokensOut(Out):
    tokens: list[TokenOut]


class CardQuery(BaseModel):
    card: str = Field(min_length=1, max_length=200, description="A card id, a card number or a scanned code.")


@bp.post("", summary="Bind something that a guest carries to the card", responses={200: TokenOut})
def bind(header: KeyHeader, body: TokenIn) -> Response:
    """The card has to be there: scanned, or by the proof of its guest view. token_taken where it opens another guest's card."""
    actor: Actor = g.actor
    actor.must("redeem")
    if body.consent is not None and body.kind != "match":
        raise Malformed("A consent goes with kind match.")

    def deed(session: Session) -> BoundToken:
        card = _present(session, actor, body)
        given = ConsentGiven(CONSENT, body.consent.version, body.consent.language, body.consent.text) if body.consent else None
        return identification.bind(session, card, body.text, body.kind, label=body.label, by=actor.staff_id, consent=given)

    return _once("tokens", header.key, deed)


@bp.post("/unbind", summary="A lost ring opens nothing any more", responses={200: TokenOut})
def unbind(header: KeyHeader, body: UnbindIn) -> Response:
    actor: Actor = g.actor
    actor.must("redeem")
    return _once("tokens/unbind", header.key, lambda session: identification.unbind(session, actor.program_id, body.id))


@bp.get("", summary="What opens this card", responses={200: TokensOut})
def bound(query: CardQuery) -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("look_up")
    if identification.uses_up(query.card):
        raise Malformed("Ask by the card's id, its number, or a code that stays.")
    with reading() as session:
        held = identification.bound(session, identify(session, actor, query.card).card)
        return TokensOut(tokens=[TokenOut.model_validate(one) for one in held]).model_dump(mode="json")


def _present(session: Session, actor: Actor, body: TokenIn) -> cards.Card:
    """Whoever binds a ring of their own to somebody's card has that card from then on: so it must be shown."""
    found = identify(session, actor, body.card)
    proof = identification.read_proof(found.card, actor.bearer, body.proof)
    shown = max(found.strength, proof.strength if proof else Strength.NAMED)
    if shown < Strength.SHOWN and not identification.may_go_on(actor):
        raise SecondFactorNeeded("Scan the guest's card: a token is bound to a card that is there.", factors=[], above=0)
    return found.card


def _once(route: str, key: str, deed: Any) -> Response:
    actor: Actor = g.actor
    with transaction() as session:
        # The token itself stays out of the table of keys: the fingerprint is a hash, and the answer holds ids.
        answer = ledger.begin_once(session, actor.program_id, key, ledger.fingerprint(route, request.get_json()))
        again = answer is not None
        if answer is None:
            told = TokenOut.model_validate(deed(session)).model_dump(mode="json")
            answer = ledger.finish_once(session, actor.program_id, key, Answer(200, told))
    response = jsonify(answer.body)
    if again:
        response.headers["Idempotent-Replay"] = "true"
    return response
