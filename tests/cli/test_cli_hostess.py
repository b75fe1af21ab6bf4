"""What is said at the door, and kept tables, by an operator."""

import pytest

from tests.cast import open_house
from walletpass import database, hostess

pytestmark = pytest.mark.usefixtures("opened")


@pytest.fixture(autouse=True)
def house(opened):
    return open_house()


def said(run, *words):
    result = run("hostess", *words)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_the_sentences_are_listed_ordered_switched_off_and_worded(run):
    before = said(run, "sentences", "luna")
    assert [line.split()[1] for line in before] == list(hostess.KINDS)
    changed = said(
        run,
        "sentences",
        "luna",
        "--first",
        "vip",
        "--first",
        "birthday",
        "--off",
        "review",
        "--days",
        "absence=30",
        "--words",
        "vip.uk=Вітаємо, {name}!",
    )
    assert changed[0].split() == ["on", "vip", "uk:", "Вітаємо,", "{name}!"]
    assert [line.split()[1] for line in changed][:3] == ["vip", "birthday", "review"]
    assert "off  review" in "\n".join(changed)
    assert "absence       30 days" in "\n".join(changed)
    assert said(run, "sentences", "luna") == changed
    assert said(run, "sentences", "luna", "--on", "review", "--words", "vip.uk=")[0].split() == ["on", "vip"]


@pytest.mark.parametrize(
    "words",
    [("--days", "absence"), ("--days", "absence=soon"), ("--words", "vip=Hello"), ("--words", "joke.en=Ha"), ("--words", "vip.en={x}")],
    ids=str,
)
def test_what_cannot_be_said_is_refused_and_nothing_changes(run, words):
    before = said(run, "sentences", "luna")
    assert run("hostess", "sentences", "luna", *words).exception is not None
    assert said(run, "sentences", "luna") == before


def test_tables_are_kept_listed_given_and_released(run, house):
    [kept] = said(run, "keep-tables", "luna", "--days", "fri-sun,mon", "--from", "19:00", "--to", "25:30", "--tables", "2")
    assert kept.split("  ")[1:] == ["mon,fri,sat,sun", "19:00-25:30", "2 tables kept"]
    every = said(run, "keep-tables", "luna", "--days", "mon-sun", "--from", "0:00", "--to", "29:00", "--tables", "1")
    with database.transaction() as session:
        hostess.give_table(session, house.program, house.venue.id, reason="An old friend", place="7", by=hostess.By(house.bruno.id))
    assert said(run, "tables", "luna")[-1].endswith("table 7 for 2, by Bruno: An old friend")
    for line in (kept, every[0]):
        said(run, "release-tables", "luna", line.split()[0])
    assert len(said(run, "tables", "luna")) == 1, "what was given stays"


@pytest.mark.parametrize(
    "words", [("--days", "someday"), ("--from", "seven"), ("--to", "18:00"), ("--tables", "0"), ("--venue", "Elsewhere")], ids=str
)
def test_tables_that_cannot_be_kept_are_refused(run, words):
    good = {"--days": "fri", "--from": "19:00", "--to": "23:00", "--tables": "2"}
    options = {**good, words[0]: words[1]}
    result = run("hostess", "keep-tables", "luna", *(word for pair in options.items() for word in pair))
    assert result.exception is not None
    assert said(run, "tables", "luna") == []
