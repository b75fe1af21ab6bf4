import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.google.faces import DESIGNS, EVENING, KNOWN, shipped
from walletpass import cards, database, google, programs
from walletpass.cards import Card, CardFace, Contact, Place
from walletpass.cards.designs import FieldSpec, Link, Spot
from walletpass.cards.designs.model import CARD_VALUES
from walletpass.google import rules
from walletpass.sandbox import androidface, googlerules


@pytest.fixture
def face(card: Card, look: Callable[[Card], CardFace]) -> CardFace:
    return look(card)


def test_the_class_says_what_all_cards_of_the_restaurant_share(face: CardFace) -> None:
    said = google.loyalty_class(face)
    assert said["id"] == "3388000000000000001.luna"
    assert (said["issuerName"], said["programName"]) == ("Trattoria Luna", "Trattoria Luna")
    assert said["localizedProgramName"] == {"defaultValue": {"language": "en", "value": "Trattoria Luna"}}
    assert said["reviewStatus"] == "UNDER_REVIEW"
    assert said["hexBackgroundColor"] == "#b05307"
    assert said["multipleDevicesAndHoldersAllowedStatus"] == "ONE_USER_ALL_DEVICES"
    assert said["merchantLocations"] == [{"latitude": 52.5, "longitude": 13.4}]
    assert said["homepageUri"]["uri"] == "https://luna.example"
    assert [link["uri"] for link in said["linksModuleData"]["uris"]] == ["tel:+4930123456", "mailto:ciao@luna.example"]
    assert said["accountIdLabel"] == "Card number"
    assert said["countryCode"] == "DE"
    assert said["callbackOptions"] == {"url": "https://cards.luna.example/google/callback/luna"}


def test_texts_and_links_are_called_what_the_design_calls_them_in_three_languages(face: CardFace) -> None:
    said = google.loyalty_class(face)
    terms, address, how = said["textModulesData"]
    assert (terms["id"], terms["header"], terms["body"]) == ("terms", "Terms", "One point for every euro.")
    assert address["body"] == "Am Kanal 1, Berlin"
    assert how["localizedBody"] == {
        "defaultValue": {"language": "en", "value": "Show the code."},
        "translatedValues": [{"language": "ru", "value": "Покажите код."}, {"language": "uk", "value": "Покажіть код."}],
    }
    assert said["linksModuleData"]["uris"][0]["localizedDescription"]["translatedValues"][1] == {"language": "uk", "value": "Телефон"}


def test_the_restaurants_own_language_comes_first(face: CardFace) -> None:
    label = google.loyalty_object(replace(face, language="uk"))["loyaltyPoints"]
    assert label["label"] == "Бали"
    assert label["localizedLabel"]["defaultValue"] == {"language": "uk", "value": "Бали"}
    assert {each["language"] for each in label["localizedLabel"]["translatedValues"]} == {"en", "ru"}


def test_the_object_says_the_points_the_number_and_the_code(face: CardFace) -> None:
    said = google.loyalty_object(face)
    assert said["id"] == f"3388000000000000001.{face.serial_number}"
    assert said["classId"] == "3388000000000000001.luna"
    assert (said["state"], said["accountId"]) == ("ACTIVE", face.number)
    assert said["loyaltyPoints"]["balance"] == {"int": 10}
    assert said["barcode"] == {"type": "QR_CODE", "value": face.code, "alternateText": face.number}


def test_a_voided_card_is_inactive(face: CardFace) -> None:
    assert google.loyalty_object(replace(face, voided=True))["state"] == "INACTIVE"


def test_images_stand_at_addresses_made_of_their_bytes(face: CardFace) -> None:
    digest = hashlib.sha256(face.palette.images["google_logo.png"]).hexdigest()[:16]
    assert cards.artwork_path(face.palette, "google_logo.png") == f"/artwork/{digest}/google_logo.png"
    said = google.loyalty_class(face)
    assert said["programLogo"]["sourceUri"]["uri"] == f"https://cards.luna.example/artwork/{digest}/google_logo.png"
    assert said["heroImage"]["sourceUri"]["uri"].endswith("/google_hero.png")
    assert said["heroImage"]["sourceUri"]["uri"] != said["programLogo"]["sourceUri"]["uri"]


def test_what_a_restaurant_has_not_said_is_left_out(face: CardFace) -> None:
    said = google.loyalty_class(replace(face, contact=Contact("", "", "", "", ""), places=()))
    assert "homepageUri" not in said
    assert [text["id"] for text in said["textModulesData"]] == ["txt_how"]
    assert said["linksModuleData"] == {"uris": []}


def test_an_address_without_a_scheme_gets_one(face: CardFace) -> None:
    said = google.loyalty_class(replace(face, contact=replace(face.contact, website="luna.example")))
    assert said["homepageUri"]["uri"] == "https://luna.example"


def test_google_takes_ten_places_and_no_dots_in_the_ids_of_texts(face: CardFace) -> None:
    fields = tuple(replace(field, key="how.it.works") if field.key == "how" else field for field in face.design.fields)
    design = replace(face.design, fields=fields)
    said = google.loyalty_class(replace(face, design=design, places=tuple(Place(str(n), float(n), 1.0) for n in range(12))))
    assert len(said["merchantLocations"]) == 10
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", text["id"]) for text in said["textModulesData"])


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
@pytest.mark.parametrize("values", [{}, KNOWN, {"points": -5, "stamps": 99, "tier": "x" * 900, "message": "y" * 900}])
@pytest.mark.parametrize("name", DESIGNS)
def test_every_state_of_every_shipped_design_is_valid_at_google(name: str, values: dict[str, Any], language: str) -> None:
    face = shipped(name, values={"holder": "Ana", **values}, language=language)
    for palette in face.design.palettes.values():
        worn = replace(face, palette=palette)
        for each in (worn, replace(worn, voided=True), replace(worn, rotation_key="AB" * 20, rotating_prefix="21" + "0" * 39)):
            for kind, resource in (("loyaltyClass", google.loyalty_class(each)), ("loyaltyObject", google.loyalty_object(each))):
                googlerules.check(kind, resource)
                rules.check(kind, resource)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("bistro", [["Points 1240"], ["Coat A17"]]),
        ("club", [["Points 1240", "Tier Gold"], ["Visits 12", "Next reward Tiramisu"], ["Coat A17"]]),
        ("coffee", [["Stamps 4/10", "Next reward Tiramisu"], ["Coat A17"]]),
    ],
)
def test_the_rows_show_what_the_front_of_the_design_shows_and_the_coat_below(name: str, rows: list[list[str]]) -> None:
    assert _rows(shipped(name, values=KNOWN)) == rows
    assert _rows(shipped(name, values={**KNOWN, "coat": ""})) == rows[:-1]


def test_the_holder_has_a_place_in_the_rows_where_google_may_know_the_name() -> None:
    face = shipped("club", values={**KNOWN, "holder": "Ana Zoryana-Quill"}, google_names=True)
    assert _rows(face)[1] == ["Guest Ana", "Visits 12", "Next reward Tiramisu"]
    assert google.loyalty_object(face)["accountName"] == "Ana"
    assert google.loyalty_class(face)["accountNameLabel"] == "Guest"


@pytest.mark.parametrize("names", [False, True])
def test_the_restaurant_says_whether_google_may_know_names(card: Card, look: Callable[[Card], CardFace], names: bool) -> None:
    with database.transaction() as session:
        programs.get(session, "luna").google_names = names
    assert google.loyalty_object(look(card)).get("accountName") == ("Ana" if names else None)


@pytest.mark.parametrize("name", ["bistro", "club", "coffee"])
def test_the_card_leads_to_its_own_page_where_google_may_know_what_that_says(name: str) -> None:
    face = shipped(name)
    assert "linksModuleData" not in google.loyalty_object(replace(face, google_names=False))
    said = google.loyalty_object(replace(face, google_names=True))
    googlerules.check("loyaltyObject", said)
    (link,) = said["linksModuleData"]["uris"]
    assert (link["uri"], link["description"]) == (face.web_url, "Your page: coat and table")


def test_many_fields_fill_two_rows_and_no_more() -> None:
    fields = tuple(FieldSpec("auxiliary", name, name, "lbl_points") for name in CARD_VALUES)
    design = replace(shipped("club").design, fields=fields)
    said = google.loyalty_class(shipped("club", design=design))
    googlerules.check("loyaltyClass", said)
    infos = said["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    assert [list(row) for row in infos] == [["twoItems"], ["threeItems"], ["oneItem"]]


def test_a_card_is_called_what_the_design_calls_it_in_every_language() -> None:
    said = google.loyalty_class(shipped("club"))
    assert (said["issuerName"], said["programName"]) == ("Trattoria Luna", "Club card")
    names = said["localizedProgramName"]["translatedValues"]
    assert {"language": "uk", "value": "Клубна картка"} in names


def test_the_tier_is_a_text_beside_the_points_and_its_kind_stays() -> None:
    for tier in ("Gold", 2, "12"):
        said = google.loyalty_object(shipped("club", values={"points": 1, "tier": tier}))["secondaryLoyaltyPoints"]
        assert said["label"] == "Tier"
        assert said["balance"] == {"string": str(tier)}
    assert "secondaryLoyaltyPoints" not in google.loyalty_object(shipped("club", values={"points": 1}))


def test_visits_stand_beside_the_points_where_there_is_no_tier() -> None:
    club = shipped("club").design
    design = replace(club, fields=tuple(field for field in club.fields if field.value != "tier"))
    said = google.loyalty_object(shipped("club", design=design, values={"points": 1, "visits": 12}))
    assert said["secondaryLoyaltyPoints"]["balance"] == {"int": 12}
    assert "visits" not in [text["id"] for text in said["textModulesData"]]
    assert "secondaryLoyaltyPoints" not in google.loyalty_object(shipped("club", design=design, values={"visits": "twelve"}))


@pytest.mark.parametrize(("count", "balance"), [(0, "0/10"), (4, "4/10"), (10, "10/10"), (99, "10/10")])
def test_every_number_of_stamps_has_a_text_and_a_picture_of_its_own(count: int, balance: str) -> None:
    face = shipped("coffee", values={"stamps": count})
    said = google.loyalty_object(face)
    assert said["loyaltyPoints"]["label"] == "Stamps"
    assert said["loyaltyPoints"]["balance"] == {"string": balance}
    match = re.fullmatch(r"https://cards\.luna\.example/artwork/([0-9a-f]{16})/(.+)", said["heroImage"]["sourceUri"]["uri"])
    assert match is not None
    assert cards.find_artwork(iter([face.design]), match[1], match[2])


def test_a_card_says_what_it_knows_and_nothing_of_what_it_does_not() -> None:
    said = google.loyalty_object(shipped("club", values=KNOWN))["textModulesData"]
    assert {text["id"]: text["body"] for text in said} == {
        "visits": "12", "next_reward": "Tiramisu", "message": "Truffles!", "coat": "A17",
    }  # fmt: skip
    coat = next(text for text in said if text["id"] == "coat")
    assert coat["header"] == "Coat"
    assert {"language": "ru", "value": "Гардероб"} in coat["localizedHeader"]["translatedValues"]
    assert google.loyalty_object(shipped("club", values={"coat": "", "message": " "}))["textModulesData"] == []
    assert google.loyalty_object(shipped("club", values={"visits": 0}))["textModulesData"][0]["body"] == "0"


def test_a_very_long_message_is_cut_where_the_phone_would_cut_it() -> None:
    (said,) = google.loyalty_object(shipped("club", values={"message": "x" * 900}))["textModulesData"]
    assert len(said["body"]) == 500
    assert said["body"].endswith("x…")


def test_the_links_of_the_design_come_after_telephone_and_mail() -> None:
    design = replace(shipped("club").design, links=(Link("lbl_how", "https://luna.example/menu"),))
    uris = google.loyalty_class(shipped("club", design=design))["linksModuleData"]["uris"]
    assert [(link["uri"], link["description"]) for link in uris] == [
        ("tel:+4930123456", "Call us"),
        ("mailto:ciao@luna.example", "Write to us"),
        ("https://luna.example/menu", "How it works"),
    ]
    assert {"language": "uk", "value": "Як це працює"} in uris[2]["localizedDescription"]["translatedValues"]


def test_places_of_design_and_restaurant_stand_on_class_and_card_each_once() -> None:
    design = replace(shipped("club").design, spots=(Spot(1.0, 2.0), Spot(52.5, 13.4)))
    face = shipped("club", design=design)
    both = [{"latitude": 1.0, "longitude": 2.0}, {"latitude": 52.5, "longitude": 13.4}]
    assert google.loyalty_class(face)["merchantLocations"] == google.loyalty_object(face)["merchantLocations"] == both


@pytest.mark.parametrize(
    ("barcode", "type", "value"),
    [("QR", "QR_CODE", ""), ("Aztec", "AZTEC", ""), ("PDF417", "PDF_417", ""), ("Code128", "CODE_128", "10425531")],
)
def test_the_code_is_of_the_designs_own_kind(barcode: str, type: str, value: str) -> None:
    face = shipped("club", design=replace(shipped("club").design, barcode=barcode))
    assert google.loyalty_object(face)["barcode"] == {"type": type, "value": value or face.code, "alternateText": "1042 5531"}


def test_where_the_code_changes_no_other_code_is_there() -> None:
    face = shipped("club", rotation_key="AB" * 20, rotating_prefix="21" + "7" * 39)
    said = google.loyalty_object(face)
    assert "barcode" not in said
    assert face.code not in json.dumps(said)
    assert said["rotatingBarcode"] == {
        "type": "QR_CODE",
        "valuePattern": "21" + "7" * 39 + "{totp_value_0}",
        "alternateText": "1042 5531",
        "totpDetails": {"algorithm": "TOTP_SHA1", "periodMillis": "30000", "parameters": [{"key": "AB" * 20, "valueLength": 8}]},
    }
    assert "AB" * 20 not in repr(face)


def test_a_voided_card_keeps_nothing_that_was_the_guests() -> None:
    said = google.loyalty_object(shipped("club", values={**KNOWN, "holder": "Ana"}, google_names=True, voided=True))
    assert said["state"] == "INACTIVE"
    assert said["textModulesData"] == []
    assert not {"barcode", "rotatingBarcode", "accountName"} & said.keys()


def test_a_card_that_ends_says_when_and_is_expired_afterwards() -> None:
    said = google.loyalty_object(shipped("club", expires_at=EVENING))
    assert (said["state"], said["validTimeInterval"]) == ("ACTIVE", {"end": {"date": "2026-11-20T01:30:00Z"}})
    later = google.loyalty_object(shipped("club", expires_at=EVENING, changed_at=datetime(2026, 11, 20, 2, tzinfo=UTC)))
    assert later["state"] == "EXPIRED"


@pytest.mark.parametrize("name", DESIGNS)
def test_one_program_has_one_kind_of_balance(name: str) -> None:
    said = [google.loyalty_object(shipped(name, values=values)) for values in ({}, KNOWN, {"points": 0, "stamps": 0}, {"points": -1})]
    for figure in ("loyaltyPoints", "secondaryLoyaltyPoints"):
        assert len({tuple(each[figure]["balance"]) for each in said if figure in each}) <= 1


def _rows(face: CardFace) -> list[list[str]]:
    """The rows as the sandbox's Android draws them."""
    drawn = androidface.card(google.loyalty_object(face), google.loyalty_class(face), "en")["rows"]
    return [[f"{item['label']} {item['value']}" for item in row] for row in drawn]
