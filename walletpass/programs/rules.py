"""Every rule of a program: what it is called, what it may be, and when it means anything.

The columns of `Program` hold the values. The command, the owner's page and the checks all read this one list, so a rule that
is added here can be set, seen and refused everywhere. Sentences are for the command; the page has its own, in three languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from walletpass.programs.models import Program

Kind = Literal["count", "points", "money", "percent", "rate", "bool", "choice", "words"]
Group = Literal["kind", "earns", "pays", "time", "back", "tiers", "else", "limits", "known", "coats"]
GROUPS: tuple[Group, ...] = ("kind", "earns", "pays", "time", "back", "tiers", "else", "limits", "known", "coats")

# Columns are 32 bits wide.
MOST = 1_000_000_000
MOST_POINTS = 1_000_000
YEARS = 3650
# Review sites whose own terms forbid paying for reviews, in whatever kind of points.
FORBID_REWARDS = ("tripadvisor", "google")


@dataclass(frozen=True)
class Rule:
    """``least`` and ``most`` bound a number in the column's own unit: minor units, whole points, points x 100 for a hundred minor
    units (`rate`). The rule means something while every setting of ``when`` has one of the values and ``above`` is not zero."""

    name: str
    group: Group
    kind: Kind
    says: str
    least: int = 0
    most: int = MOST
    choices: tuple[str, ...] = ()
    unit: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    above: str = ""

    @property
    def default(self) -> Any:
        return Program.model_fields[self.name].get_default(call_default_factory=True)

    def applies(self, values: Mapping[str, Any]) -> bool:
        return all(values[name] in allowed for name, allowed in self.when.items()) and (not self.above or bool(values[self.above]))


SPENT = {"kind": ("points", "cashback")}
STAMPS = {"kind": ("stamps",)}
EARNED = {"kind": ("points", "cashback", "stamps")}
EXPIRES = {"expiry": ("earned", "activity", "date", "anniversary"), **EARNED}
ROLLING = {"expiry": ("earned", "activity"), **EARNED}
ON_A_DAY = {"expiry": ("date",), **EARNED}
TIERED = {"tier_by": ("spend", "visits")}

RULES: tuple[Rule, ...] = (
    Rule(
        "kind", "kind", "choice", "What guests collect: points, cashback, stamps, or a discount by tier.",
        choices=("points", "cashback", "stamps", "discount"),
    ),
    Rule("earn_bps", "earns", "rate", "Points for a hundred minor units (1.00); of cashback: percent.", most=1_000_000, when=SPENT),
    Rule("stamp_goal", "earns", "count", "Stamps that make a reward.", least=1, most=100, unit="stamps", when=STAMPS),
    Rule("stamp_categories", "earns", "words", "What earns a stamp, as the POS names its categories; empty: every item.", when=STAMPS),
    Rule("no_earn_categories", "earns", "words", "Categories that never earn."),
    Rule("tax_earns", "earns", "bool", "Whether the tax in a price earns too.", when=SPENT),
    Rule("gift_card_earns", "earns", "bool", "Whether what a gift card pays earns.", when=SPENT),
    Rule("max_amount", "earns", "money", "A larger check is refused as a slip of the finger.", least=1),
    Rule("point_value", "pays", "money", "What one point pays.", least=1, most=1_000_000, when={"kind": ("points",)}),
    Rule("cap_percent", "pays", "percent", "The most of a check that points may pay.", most=100, when=SPENT),
    Rule("minimum_points", "pays", "points", "Fewer are not taken at once.", unit="points", when=SPENT),
    Rule("minimum_money", "pays", "money", "What must stay for money.", when=SPENT),
    Rule("no_redeem_categories", "pays", "words", "Categories that points do not pay.", when=SPENT),
    Rule("hold_minutes", "pays", "count", "How long points stay promised to an open check.", least=1, most=1440, unit="minutes", when=EARNED),
    Rule("second_factor_above", "pays", "points", "Paying with more than this asks for a second proof.", unit="points", when=EARNED),
    Rule("pending", "time", "choice", "When points can be spent.", choices=("none", "days", "action"), when=EARNED),
    Rule("pending_days", "time", "count", "Days until they can.", least=1, most=365, unit="days", when={"pending": ("days",), **EARNED}),
    Rule("expiry", "time", "choice", "When points end.", choices=("never", "earned", "activity", "date", "anniversary"), when=EARNED),
    Rule("expiry_days", "time", "count", "How long they last.", least=1, most=YEARS, unit="days", when=ROLLING),
    Rule("expiry_month", "time", "count", "The month in which they end.", least=1, most=12, when=ON_A_DAY),
    Rule("expiry_day", "time", "count", "The day of that month, the last on which they pay.", least=1, most=31, when=ON_A_DAY),
    Rule(
        "expiry_month_end", "time", "bool", "Whether they last to the end of that month.",
        when={"expiry": ("earned", "activity", "anniversary"), **EARNED},
    ),
    Rule("expiry_warning_days", "time", "count", "How long before the end a guest is told; 0: never.", most=365, unit="days", when=EXPIRES),
    Rule("grace_days", "time", "count", "How long points that come back after their end live on; 0: lost.", most=365, unit="days", when=EXPIRES),
    Rule(
        "refund_policy", "back", "choice", "What is taken when earned points were spent before a refund.",
        choices=("only_pending", "within_balance", "debt"), when=EARNED,
    ),
    Rule("debt_limit", "back", "points", "The deepest debt of a card.", unit="points", when={"refund_policy": ("debt",), **EARNED}),
    Rule("undo_minutes", "back", "count", "How long a cashier may take a deed back; a manager always may.", most=1440, unit="minutes"),
    Rule("tier_by", "tiers", "choice", "What lifts a guest to a tier.", choices=("none", "spend", "visits")),
    Rule("tier_window", "tiers", "choice", "Over which time it is counted.", choices=("rolling", "year"), when=TIERED),
    Rule(
        "tier_days", "tiers", "count", "How long that is.", least=1, most=YEARS, unit="days",
        when={"tier_window": ("rolling",), **TIERED},
    ),
    Rule("welcome_points", "else", "points", "For joining, once for each proven phone number.", most=MOST_POINTS, unit="points"),
    Rule("birthday_points", "else", "points", "For a visit near the birthday, once a year.", most=MOST_POINTS, unit="points"),
    Rule("birthday_window_days", "else", "count", "Days before and after it.", most=60, unit="days", above="birthday_points"),
    Rule(
        "birthday_on_file_days", "else", "count", "How long the date must have been known.", most=365, unit="days",
        above="birthday_points",
    ),
    Rule("referral_points", "else", "points", "For bringing a friend.", most=MOST_POINTS, unit="points"),
    Rule("referral_friend_points", "else", "points", "For the friend.", most=MOST_POINTS, unit="points"),
    Rule("referral_minimum", "else", "money", "What the friend's first check must come to.", above="referral_points"),
    Rule(
        "referral_wait_days", "else", "count", "Days until the points for a friend can be spent.", most=365, unit="days",
        above="referral_points",
    ),
    Rule(
        "referral_review_above", "else", "count", "More friends than this in seven days from one address wait for a manager.", least=1,
        most=10_000, above="referral_points",
    ),
    Rule("survey_points", "else", "points", "For answering how the visit was, privately, once a visit.", most=MOST_POINTS, unit="points"),
    Rule("review_points", "else", "points", "For a public review on a rewarded site.", most=MOST_POINTS, unit="points"),
    Rule("rewarded_sites", "else", "words", "Review sites that are rewarded. TripAdvisor and Google forbid it.", above="review_points"),
    Rule("earns_per_day", "limits", "count", "Checks of one card that earn in a day; 0: any number.", most=1_000, when=EARNED),
    Rule("points_per_day", "limits", "points", "Points one card earns in a day; 0: any number.", unit="points", when=EARNED),
    Rule("redeems_per_day", "limits", "count", "Payments of one card with points in a day; 0: any number.", most=1_000, when=EARNED),
    Rule("many_checks", "limits", "count", "Checks of one card in a shift from which it is listed.", least=2, most=1_000),
    Rule("adjust_limit", "limits", "points", "The largest correction by hand.", unit="points"),
    Rule("late_hours", "limits", "count", "A till's deed that is older waits for a manager.", most=720, unit="hours"),
    Rule("regular_visits", "known", "count", "From this visit on a guest is a regular.", least=1, most=1_000, unit="visits"),
    Rule("vip_visits", "known", "count", "From this visit on a guest is a VIP; 0: by hand alone.", most=10_000, unit="visits"),
    Rule("vip_spent", "known", "money", "Who has spent so much is a VIP; 0: by hand alone."),
    Rule("phone_lookup", "known", "bool", "Whether staff may find a guest by phone number."),
    Rule("coat_queue", "coats", "count", "Guests who may wait for their coats at once.", least=1, most=200),
    Rule("coat_days", "coats", "count", "How long a coat that stayed is kept before it is disposed of.", least=1, most=3650, unit="days"),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}
