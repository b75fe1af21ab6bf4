"""The card on its page shows what the wallets show, whatever design the restaurant chose."""

import re

import pytest

from tests.cast import issue_card, make_app
from walletpass import cards, database, programs
from walletpass.apple.pass_json import pass_dict
from walletpass.cards.designs import stamped

LABELS = {
    "en": {"stamps": "Stamps", "tier": "Tier", "points": "Points"},
    "uk": {"stamps": "Чашки", "tier": "Рівень", "points": "Бали"},
    "ru": {"stamps": "Чашки", "tier": "Уровень", "points": "Баллы"},
}


@pytest.fixture
def open_card(sqlite):
    """Ana's card of a restaurant with such a design, showing such values."""

    def make(design, palette, **values):
        with database.transaction() as session:
            program = programs.create(
                session, id=design, name="Luna", pass_type_identifier=f"pass.example.{design}", team_identifier="LUNA000001",
                design=design, palette=palette,
            )  # fmt: skip
            card = issue_card(session, program, "Ana")
            cards.show(session, card, **values)
            return card

    return make


def look(card, language="en"):
    return make_app().test_client().get(f"/c/{card.program_id}/{card.link}?lang={language}").text


def facts(page):
    return dict(re.findall(r"<div><dt>([^<]*)</dt><dd(?: class=\"balance\")?>([^<]*)</dd></div>", page))


def strip(page):
    (address,) = re.findall(r'<img class="art" src="([^"]+)"', page)
    return make_app().test_client().get(address).data


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
@pytest.mark.parametrize("count", [0, 7, 10])
def test_a_stamps_card_shows_its_stamps_and_how_many(open_card, language, count):
    card = open_card("coffee", "morning", stamps=count, next_reward="Flat white")
    page = look(card, language)
    assert facts(page)[LABELS[language]["stamps"]] == f"{count}/10"
    assert "Flat white" in facts(page).values()
    assert LABELS[language]["points"] not in facts(page)
    design = cards.load_design("coffee")
    assert strip(page) == stamped(design.palettes["morning"], design.stamps, "strip@3x.png", count)


def test_a_new_stamps_card_has_no_stamp_yet(open_card):
    assert facts(look(open_card("coffee", "night")))["Stamps"] == "0/10"


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_a_club_card_shows_its_tier_and_points(open_card, language):
    page = look(open_card("club", "noir", points=12_840, tier="Gold", visits=37), language)
    shown = facts(page)
    assert shown[LABELS[language]["tier"]] == "Gold"
    assert re.sub(r"\D", "", shown[LABELS[language]["points"]]) == "12840"
    assert strip(page) == cards.load_design("club").palettes["noir"].images["strip@3x.png"]


@pytest.mark.parametrize(("design", "palette"), [("bistro", "luna"), ("coffee", "night"), ("club", "noir")])
def test_the_page_and_the_pass_show_the_same(open_card, design, palette):
    card = open_card(design, palette, points=1240, stamps=3, tier="Gold", visits=12, next_reward="Tiramisu")
    with database.reading() as session:
        face = cards.face(session, cards.get(session, design, card.id))
    front = pass_dict(face)[face.design.style]
    on_pass = [
        (face.design.text(field["label"], "en"), str(field["value"]))
        for slot in ("header", "primary", "secondary", "auxiliary")
        for field in front.get(f"{slot}Fields", [])
        if field["value"] != face.number
    ]
    assert [(label, value.replace(",", "")) for label, value in facts(look(card)).items()] == on_pass
