"""What a request says of a check, as the ledger knows it."""

import hashlib
from collections.abc import Sequence

from walletpass.api.schemas import BillIn, LineIn, PaidIn
from walletpass.errors import Malformed
from walletpass.ledger import Bill, Line


def bill_of(body: BillIn, key: str) -> Bill:
    """The check of a request; without a name of its own it gets one from the key, so that a repeat names the same check.

    Raises Malformed.
    """
    return bill(body, body.check_id or f"key:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}")


def bill(body: PaidIn, check_id: str) -> Bill:
    """Raises Malformed unless exactly one of amount and lines was given, or where gift cards pay more than the check."""
    if (body.amount is None) == (body.lines is None) or (body.amount is not None and body.discount):
        raise Malformed("Give either amount, or lines with an optional discount.")
    lines = (Line(body.amount),) if body.amount is not None else lines_of(body.lines or ())
    made = Bill(check_id, lines, body.discount, body.gift_card)
    if made.gift_card > max(0, made.amount):
        raise Malformed("Gift cards pay no more than the check.", maximum=max(0, made.amount))
    return made


def lines_of(lines: Sequence[LineIn]) -> tuple[Line, ...]:
    """``sku`` and ``name`` say what it was, and nothing about points."""
    for line in lines:
        if line.tax > line.amount:
            raise Malformed("The tax of a line is a part of its amount.", maximum=line.amount)
    return tuple(Line(**line.model_dump(exclude={"sku", "name"})) for line in lines)
