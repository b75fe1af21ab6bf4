"""The rules of a program: whatever is given is kept as it is, or refused in a sentence with nothing changed."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from tests.cast import open_house
from walletpass import database, programs
from walletpass.errors import Malformed
from walletpass.programs import RULES, Program, RuleChange, Step, money, typed
from walletpass.programs.rules import BY_NAME, GROUPS

# Columns that are no rules: who the restaurant is, how it looks, and what its cards say.
NO_RULES = {
    "id", "name", "currency", "country", "language", "timezone", "design", "palette", "pass_type_identifier", "team_identifier",
    "google_issuer_id", "google_names", "rotating_codes", "phone", "email", "website", "booking_page", "terms", "created_at",
}  # fmt: skip
VALUES = st.one_of(
    st.integers(-3, 400),
    st.integers(),
    st.sampled_from([None, True, False, "", "points", "stamps", "days", "date", "debt", "spend", "year", 1.5, float("nan"), 10**9, 2**63]),
    st.text(max_size=50),
    st.lists(st.one_of(st.text(max_size=45), st.sampled_from(["wine", "coffee", " wine", "a,b", "\u200b", "x" * 41])), max_size=4),
    st.lists(st.integers(), max_size=2),
)
RULE = st.sampled_from(sorted(BY_NAME))


def change(**values):
    with database.transaction() as session:
        return programs.change(session, programs.lock(session, "luna"), by="dmitro", **values)


def rules():
    with database.reading() as session:
        program = programs.get(session, "luna")
        return {rule.name: getattr(program, rule.name) for rule in RULES}


def changes():
    with database.reading() as session:
        return [(row.name, row.old, row.new, row.staff_id) for row in session.exec(select(RuleChange).order_by(RuleChange.id))]


def test_every_column_of_rules_is_described():
    assert {rule.name for rule in RULES} == set(Program.model_fields) - NO_RULES
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert rule.group in GROUPS
        assert rule.says.endswith(".")
        assert set(rule.when) <= BY_NAME.keys()
        for name, values in rule.when.items():
            assert set(values) <= set(BY_NAME[name].choices)
        assert not rule.above or BY_NAME[rule.above].kind == "points"


def test_what_a_program_starts_with_may_be_its_rules():
    fresh = Program(id="luna", name="Luna", pass_type_identifier="pass.x", team_identifier="T" * 10)
    assert programs.faults(fresh, {rule.name: rule.default for rule in RULES}) == []


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(RULE, VALUES, min_size=1, max_size=4))
@example({"expiry": "date", "expiry_month": 2, "expiry_day": 29})
@example({"expiry": "date", "expiry_month": 2, "expiry_day": 30})
@example({"kind": "discount", "tier_by": "none"})
@example({"tax_earns": 1})
def test_any_value_is_kept_as_it_is_or_refused_with_nothing_changed(luna, values):
    before, told = rules(), changes()
    refused, new = outcome(values)
    if refused is not None:
        assert refused.message.endswith(".")
        assert refused.details["field"] in BY_NAME
        assert (rules(), changes()) == (before, told)
        return
    after = rules()
    assert after == {**before, **values}
    assert all(type(after[name]) is type(value) for name, value in values.items())
    assert new == {name for name, value in values.items() if before[name] != value}
    with_new = {row.name: (row.old, row.new, row.staff_id) for row in latest(len(new))}
    assert with_new == {name: (before[name], values[name], "dmitro") for name in new}
    assert len(changes()) == len(told) + len(new)


def outcome(values):
    try:
        return None, change(**values)
    except Malformed as refused:
        return refused, set()


def latest(count):
    with database.reading() as session:
        return programs.changes(session, "luna", count)


@given(RULE, st.data(), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_written_is_read_back(name, data, currency):
    rule = BY_NAME[name]
    word = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40)
    kinds = {"bool": st.booleans(), "choice": st.sampled_from(rule.choices or ("",)), "words": st.lists(word, max_size=5, unique=True)}
    value = data.draw(kinds.get(rule.kind, st.integers(rule.least, rule.most)))
    assert typed.read(rule, typed.write(rule, value, currency), currency) == value


@pytest.mark.parametrize(
    ("text", "places", "number"),
    [
        ("12.50", 2, 1250), ("12,5", 2, 1250), ("12", 2, 1200), ("1 200", 0, 1200), ("1\u00a0200,00", 2, 120_000), ("0", 2, 0),
        ("1,234", 2, None), ("1.2.3", 2, None), ("-1", 2, None), ("", 2, None), ("1e3", 2, None), ("٣", 0, None), ("12.5", 0, None), ("9" * 13, 0, None),
    ],
)  # fmt: skip
def test_an_amount_that_could_be_read_in_two_ways_is_not_read(text, places, number):
    assert money.read(text, places) == number


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"birthday_window_days": 61}, "birthday_window_days"),
        ({"expiry": "date", "expiry_month": 4, "expiry_day": 31}, "expiry_day"),
        ({"expiry": "date", "expiry_month": 13}, "expiry_month"),
        ({"expiry": "earned", "expiry_days": 30, "expiry_warning_days": 30}, "expiry_warning_days"),
        ({"expiry": "earned", "expiry_days": 30, "expiry_warning_days": 3, "pending": "days", "pending_days": 30}, "pending_days"),
        ({"review_points": 50}, "review_points"),
        ({"kind": "discount"}, "tier_by"),
        ({"kind": "lottery"}, "kind"),
        ({"stamp_goal": 0}, "stamp_goal"),
    ],
)
def test_rules_that_do_not_go_together_are_refused(house, values, field):
    before = rules()
    with pytest.raises(Malformed) as refused:
        change(**values)
    assert refused.value.details["field"] == field
    assert (rules(), changes()) == (before, [])


def test_a_leap_day_and_rewarded_sites_may_be(house):
    assert change(expiry="date", expiry_month=2, expiry_day=29) == {"expiry", "expiry_month", "expiry_day"}
    assert change(review_points=50, rewarded_sites=["thefork"]) == {"review_points", "rewarded_sites"}


def test_an_old_quarrel_of_two_rules_stops_no_other_change(house):
    with database.transaction() as session:
        programs.get(session, "luna").kind = "discount"
    assert change(cap_percent=40) == {"cap_percent"}


def test_who_changed_what_is_kept_with_the_change(house):
    change(cap_percent=40, no_earn_categories=["wine"])
    change(cap_percent=40)
    assert sorted(changes()) == [("cap_percent", 50, 40, "dmitro"), ("no_earn_categories", [], ["wine"], "dmitro")]
    with database.reading() as session:
        assert programs.edition(session, "luna") == 2
        assert programs.edition(session, "sova") == 0


def test_a_new_restaurant_is_opened_with_rules_that_may_be(sqlite):
    with pytest.raises(Malformed, match="cap_percent is 100 at most"):
        open_house(cap_percent=101)


def set_tiers(*steps):
    with database.transaction() as session:
        return programs.set_tiers(session, programs.lock(session, "luna"), steps, by="dmitro")


def tiers():
    with database.reading() as session:
        return [
            (tier.position, tier.name, tier.threshold, tier.earn_bps, tier.discount_percent) for tier in programs.tiers(session, "luna")
        ]


SILVER, GOLD = Step("Silver", 30_000, 1200, 5), Step("Gold", 100_000, 1500, 10)


def test_tiers_are_kept_from_the_lowest_up_and_replaced_whole(house):
    assert set_tiers(SILVER, GOLD)
    assert tiers() == [(1, "Silver", 30_000, 1200, 5), (2, "Gold", 100_000, 1500, 10)]
    assert not set_tiers(SILVER, GOLD)
    assert set_tiers(GOLD)
    assert tiers() == [(1, "Gold", 100_000, 1500, 10)]
    assert [name for name, *_ in changes()] == ["tiers", "tiers"]
    open_house("sova")
    with database.reading() as session:
        assert programs.tiers(session, "sova") == []


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([GOLD, SILVER], "tier-2-threshold"),
        ([SILVER, Step("Silver", 40_000, 1)], "tier-2-name"),
        ([Step("", 1, 1)], "tier-1-name"),
        ([Step("x" * 41, 1, 1)], "tier-1-name"),
        ([Step("Gold", 0, 1)], "tier-1-threshold"),
        ([Step("Gold", 1, -1)], "tier-1-earn_bps"),
        ([Step("Gold", 1, 1, 101)], "tier-1-discount_percent"),
        ([Step(f"T{number}", number, 1) for number in range(1, 10)], "tiers"),
    ],
)
def test_steps_that_do_not_rise_are_refused(house, steps, field):
    set_tiers(SILVER)
    with pytest.raises(Malformed) as refused:
        set_tiers(*steps)
    assert refused.value.details["field"] == field
    assert tiers() == [(1, "Silver", 30_000, 1200, 5)]
