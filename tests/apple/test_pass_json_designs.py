"""What a design adds to a pass: codes, places, beacons, links, stamps and the coat ticket."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.cards.design_folder import write_design
from walletpass.apple.pass_json import pass_dict, pass_json
from walletpass.cards import Place
from walletpass.cards.designs import load_design, read_design


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return read_design(write_design(tmp_path_factory.mktemp("designs") / "whole")).design


@pytest.fixture
def mine(face, whole):
    return replace(face, design=whole, palette=whole.palettes["plain"], values={"stamps": 3, "holder": "Ana"})


@pytest.fixture
def ticket(mine):
    values = {"coat": "A17", "items": 2, "venue": "By the river"}
    return replace(mine, design=mine.design.ticket, serial_number="ticket1", values=values, authentication_token="")


def fields(face, slot):
    return pass_dict(face)[face.design.style].get(f"{slot}Fields", [])


@pytest.mark.parametrize("name", ["bistro", "club", "coffee"])
def test_the_first_code_and_coat_are_told_too_and_their_end_is_not(mine, name):
    """Wallet tells of a value that differs from the one before, with the new pass's sentence, and never of a field that is new."""
    shipped = load_design(name)

    def back(**values):
        face = replace(mine, design=shipped, palette=next(iter(shipped.palettes.values())), values={"points": 5, **values})
        return {field["key"]: field for field in json.loads(pass_json(face))["storeCard"]["backFields"]}

    before, after = back(), back(confirm="771331", coat="A17")
    for key, value in (("confirm", "771331"), ("coat", "A17")):
        assert (before[key]["value"], after[key]["value"]) == ("–", value)
        assert "changeMessage" not in before[key]
        assert after[key]["changeMessage"] == f"chg_{key}"


@pytest.mark.parametrize("barcode", ["QR", "Aztec", "PDF417"])
def test_a_code_with_room_says_the_whole_code(mine, barcode):
    (code,) = pass_dict(replace(mine, design=replace(mine.design, barcode=barcode)))["barcodes"]
    assert code == {"format": f"PKBarcodeFormat{barcode}", "message": mine.code, "messageEncoding": "iso-8859-1", "altText": mine.number}


def test_bars_say_the_short_number(mine):
    (code,) = json.loads(pass_json(replace(mine, design=replace(mine.design, barcode="Code128"))))["barcodes"]
    assert code["format"] == "PKBarcodeFormatCode128"
    assert code["message"] == mine.number.replace(" ", "")
    assert code["message"].isdigit()
    assert code["altText"] == mine.number


def test_the_designs_places_come_first_and_each_place_once(mine):
    places = (Place("Luna", 52.51, 13.41), Place("Other", 1.0, 2.0))
    assert pass_dict(replace(mine, places=places))["locations"] == [
        {"latitude": 52.51, "longitude": 13.41, "relevantText": "txt_near"},
        {"latitude": 1.0, "longitude": 2.0, "relevantText": "Other"},
    ]


def test_beacons_are_told_with_what_is_known_of_them(mine):
    (beacon,) = pass_dict(mine)["beacons"]
    assert beacon == {"proximityUUID": "9d3a0c1e-5b7f-4c2a-8e6d-1f0a2b3c4d5e", "major": 1, "minor": 2, "relevantText": "txt_near"}
    bare = replace(mine.design, beacons=(replace(mine.design.beacons[0], major=None, minor=None, text=""),))
    assert pass_dict(replace(mine, design=bare))["beacons"] == [{"proximityUUID": "9d3a0c1e-5b7f-4c2a-8e6d-1f0a2b3c4d5e"}]


def test_a_link_is_an_anchor_on_phones_and_an_address_on_watches(mine):
    assert fields(mine, "back")[-1] == {
        "key": "lbl_menu",
        "label": "lbl_menu",
        "value": "https://luna.example/menu?a=1&b=2",
        "attributedValue": '<a href="https://luna.example/menu?a=1&amp;b=2">luna.example/menu?a=1&amp;b=2</a>',
        "dataDetectorTypes": [],
    }


@pytest.mark.parametrize(
    ("values", "text", "count"), [({"stamps": 3}, "3/5", 3), ({}, "0/5", 0), ({"stamps": 99}, "5/5", 5), ({"stamps": -1}, "0/5", 0), ({"stamps": "x"}, "0/5", 0), ({"stamps": 2, "stamps_text": "two"}, "two", 2)]
)  # fmt: skip
def test_stamps_are_told_in_words_as_well(mine, values, text, count):
    face = replace(mine, values=values)
    (field,) = fields(face, "header")
    assert (field["value"], field["changeMessage"], face.stamp_count) == (text, "chg_stamps", count)
    assert json.loads(pass_json(face)) == pass_dict(face)


def test_a_ticket_is_generic_and_asks_nobody_for_news(ticket):
    content = json.loads(pass_json(ticket))
    assert "storeCard" not in content
    assert [field["value"] for field in content["generic"]["primaryFields"]] == ["A17"]
    assert not {"webServiceURL", "authenticationToken", "voided", "expirationDate"} & set(content)
    assert content["serialNumber"] == "ticket1"
    assert content["barcodes"][0]["format"] == "PKBarcodeFormatCode128"


def test_a_ticket_with_a_token_can_be_taken_back(ticket):
    content = json.loads(pass_json(replace(ticket, authentication_token="t" * 43)))
    assert content["webServiceURL"] == "https://cards.example.com/apple"


def test_a_ticket_ends_when_it_is_said_to_and_at_once_when_it_is_handed_back(ticket):
    closing = datetime(2026, 11, 23, 3, 0, 59, 999999, tzinfo=UTC)
    evening = replace(ticket, expires_at=closing)
    assert json.loads(pass_json(evening))["expirationDate"] == "2026-11-23T03:00:59Z"
    later = replace(evening, expires_at=closing.replace(hour=4))
    assert json.loads(pass_json(later))["expirationDate"] == "2026-11-23T04:00:59Z"
    back = json.loads(pass_json(replace(evening, voided=True)))
    assert back["voided"] is True
    assert back["expirationDate"] == ticket.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "barcodes" not in back
