"""The shape of an event that a point of sale sends."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StrictBool, StringConstraints, model_validator

from walletpass.api.checks_shapes import Lines, Paid, Position, Short
from walletpass.api.schemas import Amount, CardRef, CheckId, In, Reason
from walletpass.checks import MOST_LINES

Event = Literal["check.opened", "check.lines", "check.guest", "check.billed", "check.closed", "check.refunded", "check.voided"]
TABLE = {"place", "waiter", "venue_id"}
# Which members go with which event, besides id, type, at and check_id.
MEMBERS: dict[str, set[str]] = {
    "check.opened": TABLE,
    "check.lines": TABLE | {"lines", "instead"},
    "check.guest": TABLE | {"card"},
    "check.billed": TABLE,
    "check.closed": TABLE | {"lines", "instead", "card", "amount", "discount", "gift_card"},
    "check.refunded": {"positions", "amount", "reason"},
    "check.voided": {"reason"},
}
NEEDED = {"check.lines": {"lines"}, "check.guest": {"card"}, "check.refunded": {"reason"}, "check.voided": {"reason"}}
ALWAYS = {"id", "type", "at", "check_id"}


class EventIn(In):
    """check.closed may bring lines and card along, so a simple system sends nothing else; a check that is not known yet is opened by
    its first event. check.guest with a null card detaches."""

    id: CheckId = Field(description="The event's own name. Sent again, it gets the first answer again.")
    type: Event
    at: AwareDatetime | None = Field(None, description="When it happened, if not just now; at most the program's late hours ago.")
    check_id: CheckId
    venue_id: Annotated[str, StringConstraints(strict=True, max_length=26)] = ""
    place: Annotated[str, StringConstraints(strict=True, max_length=20)] = ""
    waiter: Short = ""
    lines: Lines | None = None
    instead: StrictBool = False
    card: CardRef | None = None
    positions: Annotated[list[Position], Field(min_length=1, max_length=MOST_LINES)] | None = None
    amount: Paid | None = None
    discount: Amount = 0
    gift_card: Amount = 0
    reason: Reason | None = None

    @model_validator(mode="after")
    def _members_fit_the_event(self) -> "EventIn":
        odd = self.model_fields_set - ALWAYS - MEMBERS[self.type]
        missing = NEEDED.get(self.type, set()) - self.model_fields_set
        if odd or missing:
            named = ", ".join(sorted(odd or missing))
            raise ValueError(f"{self.type} {'does not go with' if odd else 'needs'} {named}")
        return self
