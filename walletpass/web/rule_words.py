"""What the owner's page says of each rule: a label, and one sentence with the program's own numbers where they help."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from walletpass.programs import money

Values = Mapping[str, Any]
# A dinner for one, which the examples are counted on: 50.00 or 5,000, as the currency has decimals.
DINNER = 5_000


class Words:
    """The words for one set of values, which need not be saved."""

    def __init__(self, values: Values, currency: str) -> None:
        self.values, self.currency = values, currency

    def money(self, minor: int) -> str:
        amount = Decimal(minor).scaleb(-money.decimals(self.currency))
        return str(format_currency(amount, self.currency, locale=get_locale()))

    def number(self, number: int | Decimal) -> str:
        return str(format_decimal(number, locale=get_locale()))

    def points(self, points: int) -> str:
        if self.values["kind"] == "cashback":
            return self.money(points)
        if self.values["kind"] == "stamps":
            return str(ngettext("%(count)s stamp", "%(count)s stamps", points, count=self.number(points)))
        return str(ngettext("%(count)s point", "%(count)s points", points, count=self.number(points)))

    def worth(self, points: int) -> str:
        return self.money(points * (self.values["point_value"] if self.values["kind"] == "points" else 1))

    def earned(self, amount: int = DINNER) -> str:
        return self.points(amount * self.values["earn_bps"] // 10_000)

    def label(self, name: str) -> str:
        return LABELS[name](self)

    def says(self, name: str) -> str:
        return SENTENCES[name](self)


Said = Callable[[Words], str]

LABELS: dict[str, Said] = {
    "kind": lambda w: _("Kind of card"),
    "earn_bps": lambda w: _("Rate"),
    "stamp_goal": lambda w: _("Stamps for a reward"),
    "stamp_categories": lambda w: _("What earns a stamp"),
    "no_earn_categories": lambda w: _("What never earns"),
    "tax_earns": lambda w: _("Tax earns too"),
    "gift_card_earns": lambda w: _("Gift cards earn"),
    "max_amount": lambda w: _("Largest check"),
    "point_value": lambda w: _("Worth of a point"),
    "cap_percent": lambda w: _("Most of a check"),
    "minimum_points": lambda w: _("Fewest at once"),
    "minimum_money": lambda w: _("Always in money"),
    "no_redeem_categories": lambda w: _("What points do not pay"),
    "hold_minutes": lambda w: _("Kept for an open check"),
    "second_factor_above": lambda w: _("Second proof above"),
    "pending": lambda w: _("Can be spent"),
    "pending_days": lambda w: _("Wait"),
    "expiry": lambda w: _("Points end"),
    "expiry_days": lambda w: _("They last"),
    "expiry_month": lambda w: _("Month"),
    "expiry_day": lambda w: _("Day"),
    "expiry_month_end": lambda w: _("To the end of the month"),
    "expiry_warning_days": lambda w: _("Warning before"),
    "grace_days": lambda w: _("Grace for returned points"),
    "refund_policy": lambda w: _("When the points are spent already"),
    "debt_limit": lambda w: _("Deepest debt"),
    "undo_minutes": lambda w: _("A cashier may undo for"),
    "tier_by": lambda w: _("Guests rise by"),
    "tier_window": lambda w: _("Counted over"),
    "tier_days": lambda w: _("Days that count"),
    "welcome_points": lambda w: _("Welcome"),
    "birthday_points": lambda w: _("Birthday"),
    "birthday_window_days": lambda w: _("Days around it"),
    "birthday_on_file_days": lambda w: _("Known for"),
    "referral_points": lambda w: _("For bringing a friend"),
    "referral_friend_points": lambda w: _("For the friend"),
    "referral_minimum": lambda w: _("The friend’s first check"),
    "referral_wait_days": lambda w: _("Wait"),
    "referral_review_above": lambda w: _("Looked at from"),
    "survey_points": lambda w: _("Private survey"),
    "review_points": lambda w: _("Public review"),
    "rewarded_sites": lambda w: _("Rewarded sites"),
    "earns_per_day": lambda w: _("Checks a day"),
    "points_per_day": lambda w: _("Points a day"),
    "redeems_per_day": lambda w: _("Payments a day"),
    "many_checks": lambda w: _("Many checks in a shift"),
    "adjust_limit": lambda w: _("Largest correction"),
    "late_hours": lambda w: _("Late deeds"),
    "regular_visits": lambda w: _("A regular from visit"),
    "vip_visits": lambda w: _("A VIP from visit"),
    "vip_spent": lambda w: _("A VIP who has spent"),
    "phone_lookup": lambda w: _("Find by phone number"),
    "coat_queue": lambda w: _("Guests in the queue for coats"),
    "coat_days": lambda w: _("Coats are kept for"),
}


def _rate(w: Words) -> str:
    dinner = w.money(DINNER)
    if w.values["kind"] == "cashback":
        return str(_("Percent that come back: a check of %(amount)s gives %(back)s.", amount=dinner, back=w.earned()))
    return str(_("Points for %(hundred)s: a check of %(amount)s earns %(points)s.", hundred=w.money(100), amount=dinner, points=w.earned()))


def _cap(w: Words) -> str:
    most = w.money(DINNER * w.values["cap_percent"] // 100)
    return str(_("Of a check of %(amount)s, points pay %(most)s at most.", amount=w.money(DINNER), most=most))


def _stamps(w: Words) -> str:
    goal = w.values["stamp_goal"]
    more = 2 * goal + 2
    return str(_(
        "%(goal)s stamps make a reward; who has %(more)s gets 2 rewards and keeps 2 stamps.", goal=w.number(goal), more=w.number(more)
    ))  # fmt: skip


SENTENCES: dict[str, Said] = {
    "kind": lambda w: _("What guests collect. It is the one rule that every other follows."),
    "earn_bps": _rate,
    "stamp_goal": _stamps,
    "stamp_categories": lambda w: _("Categories as your till names them, with commas. Empty: every item is a stamp."),
    "no_earn_categories": lambda w: _("Categories as your till names them, with commas: tobacco, deposit."),
    "tax_earns": lambda w: _("Switched off, only the price without tax earns."),
    "gift_card_earns": lambda w: _("The part of a check paid by a gift card earns. Selling a gift card never does."),
    "max_amount": lambda w: _("A check above %(amount)s is refused as a slip of the finger.", amount=w.money(w.values["max_amount"])),
    "point_value": lambda w: _("A hundred points pay %(amount)s.", amount=w.worth(100)),
    "cap_percent": _cap,
    "minimum_points": lambda w: _("Fewer are not taken in one payment. 0: any number."),
    "minimum_money": lambda w: _("This much of every check stays for money, whatever the points."),
    "no_redeem_categories": lambda w: _("Categories that are paid with money only, with commas."),
    "hold_minutes": lambda w: _("Points promised to a check that nobody closes are free again after this."),
    "second_factor_above": lambda w: _(
        "Paying with more than %(points)s asks for a code or a PIN, as a picture of a card is easily taken.",
        points=w.points(w.values["second_factor_above"]),
    ),
    "pending": lambda w: _("Waiting points are on the card, and cannot be spent yet."),
    "pending_days": lambda w: _("Absolute days: a refund in this time takes them away before anybody spent them."),
    "expiry": lambda w: _("A guest is told before it happens. What was earned under the old rule keeps its end."),
    "expiry_days": lambda w: _("From the day they were earned, or from the last visit."),
    "expiry_month": lambda w: _("The month in which all points of a year end."),
    "expiry_day": lambda w: _("The last day on which they pay. 29 February is the 28th in other years."),
    "expiry_month_end": lambda w: _("Whatever day it would be, the last of that month is meant."),
    "expiry_warning_days": lambda w: _("The card says so this many days ahead. 0: never."),
    "grace_days": lambda w: _("When a payment is undone after its points ended, they live this long. 0: they are lost."),
    "refund_policy": lambda w: _("A check is refunded, and the guest has spent what it earned."),
    "debt_limit": lambda w: _(
        "Down to this. The card shows 0 and pays nothing, until the next visits have made %(points)s good.",
        points=w.points(w.values["debt_limit"]),
    ),
    "undo_minutes": lambda w: _("Later only a manager can, at any time."),
    "tier_by": lambda w: _("Counted on its own: points that are spent lift or lower nobody."),
    "tier_window": lambda w: _("Up at once, from the next check on. Down only at the end of it, one step at a time."),
    "tier_days": lambda w: _("Always the last %(days)s days before a visit.", days=w.number(w.values["tier_days"])),
    "welcome_points": lambda w: _("For joining, once for each phone number that was proven. 0: none."),
    "birthday_points": lambda w: _("Given with a visit near the birthday, once a year. 0: none."),
    "birthday_window_days": lambda w: _("The visit may be so many days before or after."),
    "birthday_on_file_days": lambda w: _("Who gives or changes the date waits so many days, or everybody has a birthday today."),
    "referral_points": lambda w: _("When a friend comes who was no guest yet. 0: none."),
    "referral_friend_points": lambda w: _("What the friend gets for the first check."),
    "referral_minimum": lambda w: _("Smaller first checks bring nobody anything: %(amount)s.", amount=w.money(w.values["referral_minimum"])),
    "referral_wait_days": lambda w: _("So many days after it: a refund in this time takes the points back."),
    "referral_review_above": lambda w: _("More friends than this from one address in seven days wait for a manager. Your own Wi-Fi is exempt."),
    "survey_points": lambda w: _("For saying how it was, privately, once a visit. 0: they are asked, and get nothing."),
    "review_points": lambda w: _("For a review on a site that is switched on below. 0: reviews are recorded and thanked, as always."),
    "rewarded_sites": lambda w: _("Other sites by their short names, with commas."),
    "earns_per_day": lambda w: _("More checks of one card than this earn nothing that day. 0: any number."),
    "points_per_day": lambda w: _("One card earns no more than this in a day. 0: any number."),
    "redeems_per_day": lambda w: _("One card pays no more often than this in a day. 0: any number."),
    "many_checks": lambda w: _("A card with so many checks in one shift is on the list that a manager reads in the morning."),
    "adjust_limit": lambda w: _("By hand, up or down, with a reason: %(points)s at most.", points=w.points(w.values["adjust_limit"])),
    "late_hours": lambda w: _("What a till without a network brings later than this waits for a manager."),
    "regular_visits": lambda w: _("From this visit on every screen says that a regular is here."),
    "vip_visits": lambda w: _("From this visit on the hostess sees that a VIP is here. 0: only whom somebody marks by hand."),
    "vip_spent": lambda w: _("So much in all visits together makes a VIP. 0: only whom somebody marks by hand."),
    "phone_lookup": lambda w: _("Switched off, only a card, a code or a name finds a guest."),
    "coat_queue": lambda w: _("So many may call their coats from the card at once. The next one is asked to wait a little."),
    "coat_days": lambda w: _("A coat that stayed overnight is on the list for disposal after so many days."),
}  # fmt: skip
