import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from walletpass.apple.package import strings_file
from walletpass.apple.pass_json import pass_dict, pass_json
from walletpass.cards import Place
from walletpass.cards.designs import FieldSpec

pytestmark = pytest.mark.filterwarnings("error")
anything = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


HOSTILE = [
    '"',
    "\\",
    '","x":"',
    "\ue000serial\ue000",
    "\ue000value holder\ue000",
    "1" + "0" * 40,
    "\u2028",
    "\x00",
    "lbl_points",
    "Олена 🎈",
]
texts = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"))
MORE = {"numberStyle": "PKNumberStyleDecimal", "label": "lbl_points", "changeMessage": "chg_points"}


def field(content, key):
    return next((field for slot in content["storeCard"].values() for field in slot if field["key"] == key), None)


def test_the_pass_says_what_apple_requires(face):
    content = json.loads(pass_json(face))
    assert content["formatVersion"] == 1
    assert content["passTypeIdentifier"] == "pass.example.luna"
    assert content["teamIdentifier"] == "LUNA000001"
    assert content["serialNumber"] == face.serial_number
    assert content["organizationName"] == content["logoText"] == "Trattoria Luna"
    assert content["description"]
    assert content["webServiceURL"] == "https://cards.example.com/apple"
    assert content["authenticationToken"] == face.authentication_token
    assert len(content["authenticationToken"]) == 43
    assert content["suppressStripShine"] is content["sharingProhibited"] is True
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", content["backgroundColor"])


def test_the_code_is_a_qr_in_an_array_with_the_number_below(face):
    assert json.loads(pass_json(face))["barcodes"] == [
        {"format": "PKBarcodeFormatQR", "message": face.code, "messageEncoding": "iso-8859-1", "altText": face.number}
    ]


def test_fields_carry_keys_of_strings_and_points_are_a_number(face):
    content = pass_dict(face)
    points = field(content, "points")
    assert points["value"] == 0
    assert isinstance(points["value"], int)
    assert points["label"] == "lbl_points"
    assert points["changeMessage"] == "chg_points"
    assert field(content, "how")["value"] == "txt_how"
    assert field(content, "holder")["value"] == "Ana"


def test_a_field_without_a_value_is_left_out(face):
    assert field(pass_dict(face), "coat") is None
    assert field(pass_dict(replace(face, values={**face.values, "coat": "A17"})), "coat")["value"] == "A17"
    assert b"null" not in pass_json(face)


def test_on_the_back_phones_are_links_and_card_numbers_are_not(face):
    content = pass_dict(face)
    assert field(content, "phone")["dataDetectorTypes"] == ["PKDataDetectorTypePhoneNumber"]
    assert field(content, "card_number")["dataDetectorTypes"] == []
    assert "dataDetectorTypes" not in field(content, "holder")


def test_the_back_leads_to_the_cards_own_page(face):
    own = FieldSpec("back", "page", "page", "lbl_phone")
    face = replace(face, design=replace(face.design, fields=(*face.design.fields, own)))
    for address in ("https://cards.example.com/c/luna/K7dPwq", 'https://cards.example.com/c/luna/"x'):
        content = json.loads(pass_json(replace(face, web_url=address)))
        shown = field(content, "page")
        assert (shown["value"], shown["dataDetectorTypes"]) == (address, ["PKDataDetectorTypeLink"])
    assert field(json.loads(pass_json(replace(face, web_url=""))), "page") is None


def test_ten_places_at_most(face):
    assert pass_dict(face)["locations"] == [{"latitude": 52.5, "longitude": 13.4, "relevantText": "Luna at the river"}]
    many = replace(face, places=tuple(Place(f"p{n}", 1.0, float(n)) for n in range(12)))
    assert len(pass_dict(many)["locations"]) == 10
    assert "locations" not in pass_dict(replace(face, places=()))


def test_a_voided_card_has_expired_and_has_no_code(face):
    content = pass_dict(replace(face, voided=True))
    assert content["voided"] is True
    assert content["expirationDate"] == face.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "barcodes" not in content
    assert "voided" not in pass_dict(face)


def test_a_guest_called_like_a_string_key_is_not_translated(face):
    content = pass_dict(replace(face, organization="lbl_points", values={"points": 1, "holder": "txt_how"}))
    strings = face.design.strings["en"]
    assert content["organizationName"] not in strings
    assert content["organizationName"].startswith("lbl_points")
    assert field(content, "holder")["value"] not in strings


@anything
@given(
    values=st.dictionaries(
        st.sampled_from(["points", "holder", "coat", "other", "number"]), st.none() | st.booleans() | st.integers() | texts
    ),
    serial=texts,
    voided=st.booleans(),
    expires=st.none() | st.integers(10**9, 2 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    barcode=st.sampled_from(["QR", "Code128"]),
    token=st.sampled_from(["", "t" * 43]),
)
def test_the_fast_json_says_what_the_plain_one_says(face, values, serial, voided, expires, barcode, token):
    design = replace(face.design, barcode=barcode)
    mine = replace(face, design=design, values=values, voided=voided, serial_number=serial, expires_at=expires, authentication_token=token)
    assert json.loads(pass_json(mine)) == {**pass_dict(mine), "serialNumber": json.loads(pass_json(mine))["serialNumber"]}
    assert list(json.loads(pass_json(mine))) == list(pass_dict(mine))


@anything
@given(organization=texts, phone=texts, place=texts, holder=texts, points=st.integers())
def test_what_an_operator_writes_stays_as_it_is_for_every_card(face, organization, phone, place, holder, points):
    contact, places = replace(face.contact, phone=phone), (Place(place, 1.0, 2.0),)
    theirs = replace(face, organization=organization, contact=contact, places=places)
    for mine in (theirs, replace(theirs, serial_number="0" * 26, values={"points": points, "holder": holder})):
        assert json.loads(pass_json(mine)) == pass_dict(mine)
        assert pass_json(mine) == pass_json(replace(mine))


@anything
@given(name=st.text(st.characters(exclude_categories=[])), points=st.integers(-(2**53), 2**53))
def test_any_name_and_balance_come_back_from_the_json(face, name, points):
    data = pass_json(replace(face, values={"points": points, "holder": name}))
    content = json.loads(data.decode("utf-8"))
    assert field(content, "points") == {"key": "points", "value": points, **MORE}
    whole = name.encode("utf-8", "replace").decode()
    assert field(content, "holder")["value"].removesuffix("\u2060") == whole.removesuffix("\u2060")


def read_strings(data):
    """As Apple reads them: quoted, with backslashes."""
    pairs = re.findall(r'"((?:[^"\\]|\\.)*)" = "((?:[^"\\]|\\.)*)";\n', data.decode("utf-16"), re.DOTALL)
    plain = {"n": "\n", "r": "\r"}
    return {key: re.sub(r"\\(.)", lambda match: plain.get(match[1], match[1]), text, flags=re.DOTALL) for key, text in pairs}


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(st.characters(codec="utf-8"))))
def test_any_text_comes_back_from_the_strings_file(strings):
    data = strings_file(strings)
    assert data.startswith(b"\xfe\xff")
    assert read_strings(data) == strings
