"""Money goes back for a check that was paid: points follow, on whatever cards they were."""

from typing import Annotated

from flask import Response
from flask_openapi import APIBlueprint, Tag
from pydantic import Field, StrictInt
from sqlmodel import Session

from walletpass import checks, ledger
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.bills import lines_of
from walletpass.api.once import answer, once, origin, tell_all
from walletpass.api.points import must_be_in_time
from walletpass.api.schemas import FAULTS, MOST, MOST_LINES, Amount, CardsOut, CheckId, EntryOut, In, KeyHeader, LineIn, Reason
from walletpass.errors import Malformed, NotFound
from walletpass.ledger import Answer, Bill, EarnedCheck, accounts
from walletpass.programs import Program

bp = APIBlueprint("api_refunds", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="Points")], abp_responses=FAULTS, abp_security=SECURITY)
bp.before_request(authenticate)


class RefundIn(In):
    check_id: CheckId
    amount: Annotated[StrictInt, Field(ge=1, le=MOST)] | None = Field(
        None, description="How much of the check goes back. Or give lines_left."
    )
    lines_left: list[LineIn] | None = Field(
        None, max_length=MOST_LINES, description="The lines that stay, so that points follow what each of them earned; none: all goes back."
    )
    discount: Amount = Field(0, description="On the whole of what stays; goes with lines_left.")
    reason: Reason


class RefundOut(CardsOut):
    entries: list[EntryOut]
    points_back: int = Field(description="Points that had paid a part of the check and are on their cards again.")
    points_taken: int = Field(description="Points that the check had earned and has not any more.")
    money: int = Field(description="Minor units to be paid back; the rest came back as points.")


@bp.post("/refund", summary="Take a paid check back, all or a part: points go both ways", responses={200: RefundOut})
def refund(header: KeyHeader, body: RefundIn) -> Response:
    def deed(session: Session, program: Program) -> Answer:
        if (body.amount is None) == (body.lines_left is None) or (body.amount is not None and body.discount):
            raise Malformed("Give either amount, or lines_left with an optional discount.")
        # Before the look at what is left of it: of two refunds at once the second sees the first.
        accounts.lock_check(session, program.id, body.check_id)
        standing = session.get(EarnedCheck, (program.id, body.check_id), populate_existing=True)
        if standing is None:
            raise NotFound("No closed check is known by this id, or all of it was refunded.")
        must_be_in_time(program, ledger.entry(session, program.id, f"{standing.card_id}-{standing.seq}"), "refund")
        amount, stays = _split(standing, body)
        done = ledger.refund(session, program, body.check_id, amount, origin(header.key, body.reason), remaining=stays)
        checks.refunded(session, program.id, body.check_id, amount, origin(header.key, body.reason))
        return answer(
            RefundOut(
                entries=[EntryOut.model_validate(entry) for entry in done.entries],
                points_back=done.points_back,
                points_taken=done.points_taken,
                money=done.money,
                balances=tell_all(session, program.id, (entry.card_id for entry in done.entries)),
            )
        )

    return once("refund", header.key, deed)


def _split(standing: EarnedCheck, body: RefundIn) -> tuple[int, Bill | None]:
    """How much goes back, and the lines that stay where they are known. Raises Malformed."""
    left = standing.amount - standing.refunded
    if body.amount is not None:
        return body.amount, None
    if not body.lines_left:
        return left, None
    stays = Bill(standing.check_id, lines_of(body.lines_left), body.discount)
    stays.check(MOST)
    if stays.amount >= left:
        raise Malformed(f"The lines that stay must be worth less than the {left} that are left of this check.", maximum=left - 1)
    return left - stays.amount, stays
