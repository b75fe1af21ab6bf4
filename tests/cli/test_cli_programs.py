"""What an operator changes of a restaurant that is open: what cards say, and what points are worth."""

import pytest
from sqlmodel import select

from walletpass import cards, database, programs
from walletpass.delivery import Outbox
from walletpass.errors import Malformed, NotFound


def program():
    with database.reading() as session:
        return programs.get(session, "luna")


def venue():
    with database.reading() as session:
        (found,) = programs.venues(session, "luna")
        return found


def on_the_way():
    with database.reading() as session:
        return [(row.card_id, row.channel, row.bulk) for row in session.exec(select(Outbox)).all()]


@pytest.fixture
def in_a_wallet(luna):
    """Ana's card is on her iPhone."""
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, "luna", luna.ana.id), "apple")


def test_what_the_back_of_a_card_says_reaches_the_phones(run, opened, luna, in_a_wallet):
    done = run("programs", "set", "luna", "--website", "https://luna.example", "--phone", "+49 (30) 5550-1234", "--email", "ciao@luna.example",
               "--terms", "A point for every euro.", "--currency", "UAH")  # fmt: skip
    assert done.output == "Trattoria Luna: currency, email, phone, terms, website changed. 1 card on its way.\n"
    found = program()
    assert (found.website, found.email, found.currency) == ("https://luna.example", "ciao@luna.example", "UAH")
    assert on_the_way() == [(luna.ana.id, "apple", True)]
    with database.reading() as session:
        assert cards.face(session, cards.get(session, "luna", luna.ana.id)).contact.website == "https://luna.example"
    assert (
        run("programs", "set", "luna", "--website", "https://luna.example").output
        == "Trattoria Luna: nothing changed. 0 cards on their way.\n"
    )
    assert run("programs", "set", "luna", "--website", "").exit_code == 0
    assert program().website == ""


def test_rules_of_points_change_without_a_push(run, opened, luna, in_a_wallet):
    done = run("programs", "set", "luna", "--points-per-unit", "0.29", "--cap", "30", "--minimum-points", "100", "--minimum-money", "500")
    assert done.output == "Trattoria Luna: cap_percent, earn_bps, minimum_money, minimum_points changed. 0 cards on their way.\n"
    found = program()
    assert (found.earn_bps, found.cap_percent, found.minimum_points, found.minimum_money) == (29, 30, 100, 500)
    assert on_the_way() == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--website", "luna"), ("--website", "javascript:alert(1)"), ("--website", "https://luna.example/" + "x" * 200), ("--phone", "call us"),
        ("--phone", "1" * 33), ("--email", "luna"), ("--terms", "x" * 4001), ("--currency", "eur"), ("--currency", ""), ("--points-per-unit", "-1"),
        ("--points-per-unit", "nan"), ("--points-per-unit", "inf"), ("--points-per-unit", "0.125"), ("--cap", "101"), ("--cap", "-1"),
        ("--minimum-points", "-1"), ("--minimum-money", "-1"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_shape_changes_nothing(run, opened, luna, in_a_wallet, option, value):
    before = program()
    refused = run("programs", "set", "luna", "--phone", "+49 30 1", option, value)
    assert isinstance(refused.exception, Malformed), refused.output
    assert refused.exception.message
    assert (program(), on_the_way()) == (before, [])


def test_a_venue_moves_and_its_cards_know(run, opened, luna, in_a_wallet):
    done = run("programs", "venue", "luna", "--name", "Luna", "--address", "Am Kanal 1", "--latitude", "52.1", "--longitude", "-13.2")
    assert done.output == "Luna: address, latitude, longitude, name changed. 1 card on its way.\n"
    assert (venue().name, venue().address, venue().latitude, venue().longitude) == ("Luna", "Am Kanal 1", 52.1, -13.2)
    assert on_the_way() == [(luna.ana.id, "apple", True)]


@pytest.mark.parametrize(
    "words", [("--latitude", "91"), ("--longitude", "181"), ("--name", ""), ("--name", "x" * 81), ("--address", "x" * 201)]
)
def test_a_venue_is_nowhere_that_is_not_on_earth(run, opened, luna, words):
    before = venue()
    assert isinstance(run("programs", "venue", "luna", *words).exception, Malformed)
    assert venue() == before


def test_of_several_venues_one_is_named(run, opened, luna):
    with database.transaction() as session:
        programs.add_venue(session, programs.get(session, "luna"), "Luna am See")
    refused = run("programs", "venue", "luna", "--address", "Seeweg 1")
    assert "There are: Luna am Park, Luna am See." in refused.exception.message
    refused = run("programs", "venue", "luna", "--venue", "Luna am See", "--latitude", "52")
    assert "A place needs both" in refused.exception.message
    assert run("programs", "venue", "luna", "--venue", "Luna am See", "--address", "Seeweg 1").output.startswith(
        "Luna am See: address changed."
    )


@pytest.mark.parametrize("command", ["set", "venue"])
def test_nobody_s_values_are_not_changed(run, opened, luna, command):
    assert isinstance(run("programs", command, "nobody").exception, NotFound)


def test_any_rule_is_set_by_its_name_and_listed_as_it_is_written(run, opened, luna):
    done = run("programs", "set", "luna", "--rule", "tier_by=spend", "--rule", "max_amount=250.50", "--rule", "no_earn_categories=wine, tobacco",
               "--rule", "tax_earns=off", "--rule", "earn_bps=2.5")  # fmt: skip
    assert done.output == "Trattoria Luna: earn_bps, max_amount, no_earn_categories, tax_earns, tier_by changed. 0 cards on their way.\n"
    found = program()
    assert (found.tier_by, found.max_amount, found.no_earn_categories, found.tax_earns, found.earn_bps) == (
        "spend", 25_050, ["wine", "tobacco"], False, 250,
    )  # fmt: skip
    listed = run("programs", "rules", "luna").output
    for rule in programs.RULES:
        assert rule.says in listed
    for line in (
        "  max_amount=250.50 ",
        "  no_earn_categories=wine, tobacco ",
        "  tax_earns=off ",
        "  earn_bps=2.5 ",
        "(usually 10000.00)",
    ):
        assert line in listed
    told = run("programs", "rules", "luna", "--changes").output
    assert "max_amount: 1000000 -> 25050 (command)" in told


@pytest.mark.parametrize(
    "word", ["colour=red", "cap_percent", "cap_percent=lots", "cap_percent=101", "kind=lottery", "tax_earns=perhaps", "review_points=9"]
)
def test_a_rule_of_the_wrong_shape_changes_nothing(run, opened, luna, word):
    before = program()
    refused = run("programs", "set", "luna", "--rule", "undo_minutes=33", "--rule", word)
    assert isinstance(refused.exception, Malformed), refused.output
    assert program() == before


def test_tiers_are_written_as_they_are_listed(run, opened, luna):
    run("programs", "set", "luna", "--rule", "tier_by=spend")
    assert run("programs", "tiers", "luna", "Silver:300:12:5", "Gold:1000.00:15:10").output == "Trattoria Luna: 2 steps, changed.\n"
    listed = run("programs", "rules", "luna").output
    assert "1. Silver:300.00:12:5" in listed
    assert "2. Gold:1000.00:15:10" in listed
    assert run("programs", "tiers", "luna", "Silver:300.00:12:5", "Gold:1000.00:15:10").output.endswith("as before.\n")
    for step in ("Gold", "Gold:1:2", "Gold:x:1:1", "Gold:0:1:1", "Gold:1:1:101"):
        assert isinstance(run("programs", "tiers", "luna", step).exception, Malformed)
    assert run("programs", "tiers", "luna").output == "Trattoria Luna: 0 steps, changed.\n"
