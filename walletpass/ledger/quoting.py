"""What a check would mean for a card, before anything is booked."""

from dataclasses import dataclass

from sqlmodel import Session

from walletpass.cards import Card, must_be_card
from walletpass.ledger import tiers, worth
from walletpass.ledger.accounts import balance
from walletpass.ledger.bill import Bill
from walletpass.ledger.paying import standing
from walletpass.programs import Program


@dataclass(frozen=True)
class Quote:
    """``points`` can be spent, ``most`` of them on this check, in multiples of ``step``; ``worth`` is what ``most`` pays.

    ``earns`` is for the check as it stands, ``discount`` (minor units) what the tier takes off.
    """

    points: int
    most: int
    step: int
    worth: int
    earns: int
    discount: int
    tier_name: str


def quote(session: Session, program: Program, card: Card, bill: Bill) -> Quote:
    """Reads only. Raises Malformed for a bill that cannot be, CoatTicket for a card that is none."""
    must_be_card(card)
    bill.check(program.max_amount)
    counted, before = bill.under(program), standing(session, program.id, bill.check_id).taken
    available = balance(session, program.id, card.id).points
    step = worth.step(program)
    most = min(available, worth.most(program, counted, before)) // step * step
    if most < max(1, program.minimum_points):
        most = 0
    tier = tiers.tier(session, program, card)
    return Quote(
        points=available, most=most, step=step, worth=worth.price(program, counted, most, before).worth,
        earns=worth.earning(program, tier, bill, before), discount=worth.discount(tier, counted),
        tier_name=tier.name if tier else "",
    )  # fmt: skip
