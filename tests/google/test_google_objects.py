import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from walletpass import cards, google
from walletpass.cards import Card, CardFace, Contact, Place


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
    assert "countryCode" not in said


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
    assert [text["id"] for text in said["textModulesData"]] == ["text_how"]
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(min_size=1).map("Zz".__add__), more=st.dictionaries(st.sampled_from(["coat", "phone", "note"]), st.just("Zz +49 151")))
def test_nothing_that_a_card_shows_of_a_person_is_told_to_google(face: CardFace, name: str, more: dict[str, str]) -> None:
    person = replace(face, values={"points": 10, "holder": name, **more})
    assert _texts_in(google.loyalty_class(person)) == _texts_in(google.loyalty_class(face))
    told = json.dumps([google.loyalty_class(person), google.loyalty_object(person)], ensure_ascii=False)
    assert name not in json.loads(json.dumps(_texts_in([google.loyalty_class(person), google.loyalty_object(person)])))
    assert "Zz" not in told


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts_in(each)]
    return [str(value)]
