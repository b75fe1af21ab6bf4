"""The guest as a till sees them: who it is, what the card counts, and what paying with it asks for."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from walletpass.api.schemas import CardOut, DeliveryOut, GuestOut, Out, RecentOut


class RulesOut(Out):
    """As they are for this guest, whose tier may earn more."""

    kind: Literal["points", "cashback", "stamps", "discount"] = Field(description="What the card counts; discount: nothing.")
    currency: str
    earn_bps: int = Field(description="Points x 10,000 for one minor unit.")
    stamp_goal: int = Field(description="Stamps that make a reward; they are paid in multiples of it.")
    tier: str = Field("", description="The guest's tier; empty where there is none.")
    discount_percent: int = Field(0, description="What the tier takes off, and this API does not: the point of sale does.")
    point_value: int = Field(description="Minor units that one point pays.")
    cap_percent: int
    minimum_points: int
    minimum_money: int
    max_amount: int


class RedeemingOut(Out):
    """What paying with points asks for besides points."""

    needs: Literal["nothing", "proof", "reason"] = Field(
        description="nothing: points up to above; proof: the guest proves that it is them, by one of factors; reason: the same, but you may "
        "say why not."
    )
    proof: str = Field(description="Of what was shown just now: send it along with redeem. Empty where it says nothing of the guest.")
    factors: list[str] = Field(
        description="How this guest can prove it: changing_code is scanned, the others go through second-factor (sms, card_code, pin, passkey)."
    )
    above: int = Field(description="More points than these ask for a proof, also where needs is nothing.")


class FavouritesOut(Out):
    """Names from the menu, the best liked first; what cannot be had today is left out."""

    dishes: list[str]
    drinks: list[str]


class GuestView(Out):
    card: CardOut
    guest: GuestOut
    redeeming: RedeemingOut
    delivery: DeliveryOut
    visits: int
    average_check: int | None
    last_visit: datetime | None
    days_since_last_visit: int | None
    rules: RulesOut
    recent: list[RecentOut]
    first_visit: bool = Field(description="The guest has never paid a check here before.")
    regular: bool = Field(description="At least as many visits as the program asks of a regular.")
    favourites: FavouritesOut
    usual_waiter: str = Field(description="Who served most of the last year's checks; empty where nobody is known.")
