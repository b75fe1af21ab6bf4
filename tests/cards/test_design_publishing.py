"""A changed design is a new version of every card that wears it, once; nothing else is."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from tests.cast import House, issue_card, issue_ticket, open_house
from walletpass import cards, config, database, programs
from walletpass.cards import Card, DesignVersion, publishing
from walletpass.config import Settings
from walletpass.delivery import Outbox


@pytest.fixture
def own_designs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Settings.designs_dir, tmp_path / "designs", ignore=shutil.ignore_patterns("artwork", "*.py")))


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept; nobody sleeps here."""
    slept: list[float] = []
    monkeypatch.setattr(publishing.time, "sleep", slept.append)
    monkeypatch.setattr("walletpass.cards.designs.reading.GLANCE", 0.0)
    return slept


@pytest.fixture
def worn(house: House, own_designs: Path) -> House:
    config.use(replace(config.current(), designs_dir=str(own_designs)))
    with database.transaction() as session:
        for number in range(60):
            card = issue_card(session, house.program, f"Guest {number}", f"+49 151 2345{number:04}")
            cards.put_on(session, card, "apple")
    cards.remember_designs()
    return house


def edit(designs: Path, old: str = "rgb(116, 43, 29)", new: str = "rgb(116, 43, 30)") -> None:
    file = designs / "bistro" / "design.toml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


def versions(program_id: str = "luna") -> list[int]:
    with database.reading() as session:
        return list(session.exec(select(Card.version).where(col(Card.program_id) == program_id)))


def waiting() -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Outbox).where(col(Outbox.state) == "pending")).one()


def changed(program_id: str = "luna") -> bool:
    with database.reading() as session:
        return cards.unpublished(session, programs.get(session, program_id))


def test_tickets_of_coats_that_hang_change_with_the_cards_and_those_of_the_past_stay(worn: House, own_designs: Path) -> None:
    hangs, over = issue_ticket(worn, coat="A17"), issue_ticket(worn)
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", over.id))
    edit(own_designs)
    assert sum(cards.publish_design("luna")) == 62
    with database.reading() as session:
        assert cards.get(session, "luna", hangs.id).version == 2
        assert cards.get(session, "luna", over.id).version == 2
        assert cards.get(session, "luna", over.id).tag < cards.get(session, "luna", hangs.id).tag


def test_a_changed_design_bumps_each_card_once_and_puts_it_on_its_way_once(worn: House, own_designs: Path) -> None:
    assert not changed()
    edit(own_designs)
    assert changed()
    assert sum(cards.publish_design("luna")) == 61
    assert set(versions()) == {2}
    assert waiting() == 60
    assert not changed()


def test_publishing_again_changes_nothing(worn: House, own_designs: Path) -> None:
    assert list(cards.publish_design("luna")) == []
    edit(own_designs)
    list(cards.publish_design("luna"))
    assert list(cards.publish_design("luna")) == []
    assert set(versions()) == {2}


def test_a_remark_or_another_palette_is_no_change(worn: House, own_designs: Path) -> None:
    edit(own_designs, 'name = "Bistro"', '# Our own.\nname = "Bistro"')
    edit(own_designs, "rgb(23, 33, 63)", "rgb(23, 33, 64)")
    assert not changed()
    assert list(cards.publish_design("luna")) == []


def test_another_restaurant_in_another_palette_is_left_alone(worn: House, own_designs: Path) -> None:
    open_house("sova")
    cards.remember_designs()
    edit(own_designs)
    assert not changed("sova")
    assert list(cards.publish_design("sova")) == []
    assert versions("sova") == [1]


def test_a_restaurant_that_puts_on_another_design_publishes_it(worn: House) -> None:
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.design, program.palette = "club", "noir"
        session.add(program)
    assert changed()
    assert sum(cards.publish_design("luna")) == 61
    assert not changed()


def test_an_interrupted_round_goes_on_where_it_stood(worn: House, own_designs: Path) -> None:
    edit(own_designs)
    round_ = cards.publish_design("luna")
    assert next(round_) == publishing.BATCH
    del round_
    assert changed()
    assert sum(cards.publish_design("luna")) == 61 - publishing.BATCH
    assert set(versions()) == {2}


def test_a_design_changed_again_in_the_middle_reaches_every_card(worn: House, own_designs: Path) -> None:
    edit(own_designs)
    next(cards.publish_design("luna"))
    edit(own_designs, "rgb(116, 43, 30)", "rgb(116, 43, 31)")
    assert sum(cards.publish_design("luna")) == 61
    assert sorted(set(versions())) == [2, 3]


def test_what_was_never_published_is_remembered_once(worn: House, own_designs: Path) -> None:
    edit(own_designs)
    cards.remember_designs()
    assert changed()
    with database.reading() as session:
        row = session.get(DesignVersion, "luna")
        assert row is not None
        assert (row.design, row.palette, len(row.fingerprint), row.reached) == ("bistro", "luna", 64, None)


def test_cards_that_nobody_ever_published_are_all_told(house: House) -> None:
    assert sum(cards.publish_design("luna")) == 1
    assert versions() == [2]


def test_publishing_waits_until_every_server_has_seen_the_files(
    worn: House, own_designs: Path, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(own_designs)
    waited.clear()
    list(cards.publish_design("luna"))
    assert len([seconds for seconds in waited if 1.5 < seconds <= 2.0]) == 1
    now = time.time()
    monkeypatch.setattr(publishing.time, "time", lambda: now + 60)
    waited.clear()
    list(cards.publish_design("luna"))
    assert [seconds for seconds in waited if seconds > 0.5] == []


def test_a_voided_card_is_told_too_and_stays_voided(worn: House, own_designs: Path) -> None:
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", worn.ana.id))
    edit(own_designs)
    list(cards.publish_design("luna"))
    with database.reading() as session:
        card = cards.get(session, "luna", worn.ana.id)
        assert (card.state, card.version) == ("voided", 3)
