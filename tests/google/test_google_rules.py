"""What Google would refuse is refused by us first, in a sentence that mends it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.google.faces import shipped, ticket
from walletpass import google
from walletpass.errors import ConfigurationError
from walletpass.google import rules
from walletpass.sandbox import googlerules

Body = dict[str, Any]
PLACE = {"latitude": 52.5, "longitude": 13.4}

# kind, what is done to a sound one, our sentence, and whether the API itself would answer 400
FAULTS: dict[str, tuple[str, Callable[[Body], Any], str, bool]] = {
    "a bad suffix": ("loyaltyObject", lambda b: b.update(id="3388000000000000001.ana quill"), "not 'ana quill'", True),
    "no suffix": ("loyaltyClass", lambda b: b.update(id="3388000000000000001"), "after the issuer id come letters", True),
    "a long id": ("loyaltyObject", lambda b: b.update(id="3388000000000000001." + "x" * 81), "at most 100 in all", True),
    "an issuer id of letters": ("loyaltyClass", lambda b: b.update(id="BCR2DN4T.luna"), "The Google issuer id 'BCR2DN4T'", True),
    "a class of another issuer": ("loyaltyObject", lambda b: b.update(classId="1.luna"), "two issuer ids", False),
    "two balances": ("loyaltyObject", lambda b: b["loyaltyPoints"]["balance"].update(string="7/10"), "one kind of balance", True),
    "no balance": ("loyaltyObject", lambda b: b["loyaltyPoints"].update(balance={}), "not none", True),
    "too many points": ("loyaltyObject", lambda b: b["loyaltyPoints"]["balance"].update(int=2**31), "2,147,483,647", True),
    "a second figure of two kinds": (
        "loyaltyObject",
        lambda b: b.update(secondaryLoyaltyPoints={"balance": {"int": 1, "string": "Gold"}}),
        "secondaryLoyaltyPoints must have one kind",
        True,
    ),
    "eleven places": ("loyaltyClass", lambda b: b.update(merchantLocations=[PLACE] * 11), "has 11 entries; Google takes 10", True),
    "eleven places on a card": ("loyaltyObject", lambda b: b.update(merchantLocations=[PLACE] * 11), "Google takes 10", True),
    "eleven texts": (
        "loyaltyClass",
        lambda b: b.update(textModulesData=[{"id": f"t{number}", "body": "x"} for number in range(11)]),
        "textModulesData has 11",
        False,
    ),
    "a place beyond the pole": ("loyaltyClass", lambda b: b["merchantLocations"][0].update(latitude=91.0), "no place on Earth", True),
    "a text with a dot": ("loyaltyClass", lambda b: b["textModulesData"][0].update(id="a.b"), "'a.b' must be letters", True),
    "two texts of one name": (
        "loyaltyObject",
        lambda b: b.update(textModulesData=[{"id": "coat", "body": "A"}] * 2),
        "there 2 times",
        False,
    ),
    "a colour by name": ("loyaltyClass", lambda b: b.update(hexBackgroundColor="rgb(1, 2, 3)"), "a colour like #14283c", True),
    "a colour on a card": ("loyaltyObject", lambda b: b.update(hexBackgroundColor="#14283c"), "belongs to the class", True),
    "an http image": (
        "loyaltyClass",
        lambda b: b["programLogo"]["sourceUri"].update(uri="http://cards.luna.example/logo.png"),
        "programLogo: Google only comes to https",
        False,
    ),
    "an image without a host": (
        "loyaltyClass",
        lambda b: b["heroImage"]["sourceUri"].update(uri="/artwork/x.png"),
        "heroImage: Google",
        True,
    ),
    "an http callback": (
        "loyaltyClass",
        lambda b: b.update(callbackOptions={"url": "http://cards.luna.example/google/callback/luna"}),
        "callbackOptions: Google only comes to https",
        True,
    ),
    "a bare link": ("loyaltyClass", lambda b: b["homepageUri"].update(uri="luna.example"), "A link needs its scheme", False),
    "a very long name": ("loyaltyClass", lambda b: b.update(issuerName="x" * 81), "issuerName has 81 letters; there is room for 80", False),
    "a very long translation": (
        "loyaltyClass",
        lambda b: b["textModulesData"][0].update(localizedBody={"defaultValue": {"language": "en", "value": "x" * 5001}}),
        "localizedBody has 5001 letters",
        False,
    ),
    "no language": (
        "loyaltyClass",
        lambda b: b["localizedIssuerName"]["defaultValue"].update(language=""),
        "localizedIssuerName: a text in several languages needs a default",
        True,
    ),
    "no name": ("loyaltyClass", lambda b: b.update(programName=""), "It lacks programName", True),
    "an approved class": ("loyaltyClass", lambda b: b.update(reviewStatus="APPROVED"), "reviewStatus must be one of UNDER_REVIEW", True),
    "an unknown state": ("loyaltyObject", lambda b: b.update(state="GONE"), "state must be one of", True),
    "an unknown code": ("loyaltyObject", lambda b: b["barcode"].update(type="MAXICODE"), "the type must be one of", True),
    "four rows": (
        "loyaltyClass",
        lambda b: b["classTemplateInfo"]["cardTemplateOverride"].update(
            cardRowTemplateInfos=b["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"][:1] * 4
        ),
        "at most three rows, not 4",
        True,
    ),
    "a row of half": (
        "loyaltyClass",
        lambda b: b["classTemplateInfo"]["cardTemplateOverride"].update(cardRowTemplateInfos=[{"twoItems": {"startItem": {}}}]),
        "one, two or three items",
        True,
    ),
    "a code that stays beside one that changes": (
        "loyaltyObject",
        lambda b: b.update(
            google.loyalty_object(shipped("bistro", rotation_key="AB" * 20, rotating_prefix="2" * 41)) | {"barcode": b["barcode"]}
        ),
        "must not show one that does not",
        False,
    ),
    "a ticket without a title": ("genericObject", lambda b: b.update(header={}), "It lacks header", True),
}


def sound(kind: str) -> Body:
    face, of_coat = shipped("bistro"), ticket()
    return copy.deepcopy(
        {
            "loyaltyClass": google.loyalty_class(face),
            "loyaltyObject": google.loyalty_object(face),
            "genericClass": google.generic_class(of_coat),
            "genericObject": google.generic_object(of_coat),
        }[kind]
    )


@pytest.mark.parametrize("name", FAULTS)
def test_what_google_would_refuse_is_refused_in_words(name: str) -> None:
    kind, harm, sentence, answers_400 = FAULTS[name]
    body = sound(kind)
    rules.check(kind, body)
    googlerules.check(kind, body)
    harm(body)
    with pytest.raises(ConfigurationError) as refused:
        rules.check(kind, body)
    assert sentence in refused.value.message
    if answers_400:
        with pytest.raises(googlerules.Invalid):
            googlerules.check(kind, body)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"type": "AZTEC"}, "only QR_CODE and PDF_417 can change"),
        ({"valuePattern": "2123"}, "where {totp_value_0} stands"),
        ({"totpDetails": {"periodMillis": 30000, "parameters": [{"key": "AB" * 20, "valueLength": 8}]}}, "milliseconds in a string"),
        ({"totpDetails": {"periodMillis": "30000", "parameters": [{"key": "nothex", "valueLength": 8}]}}, "a key in Base16"),
    ],
)
def test_a_code_that_cannot_change_is_refused(fault: Body, sentence: str) -> None:
    body = google.loyalty_object(shipped("bistro", rotation_key="AB" * 20, rotating_prefix="2" * 41))
    googlerules.check("loyaltyObject", body)
    rules.check("loyaltyObject", body)
    body["rotatingBarcode"] |= fault
    with pytest.raises(ConfigurationError, match=sentence):
        rules.check("loyaltyObject", body)


def test_a_sandbox_on_this_machine_may_be_plain_http() -> None:
    face = shipped("bistro", base_url="http://127.0.0.1:8000")
    rules.check("loyaltyClass", google.loyalty_class(face))


def test_a_part_of_a_card_may_lack_the_rest() -> None:
    rules.check("loyaltyObject", {"state": "INACTIVE"}, whole=False)
    with pytest.raises(ConfigurationError, match=r"It lacks id\. It lacks classId"):
        rules.check("loyaltyObject", {"state": "INACTIVE"})


def test_what_google_spells_otherwise_is_the_same() -> None:
    assert rules.same_enum("UNDER_REVIEW", "underReview")
    assert rules.same_enum("ONE_USER_ALL_DEVICES", "oneUserAllDevices")
    assert not rules.same_enum("UNDER_REVIEW", "approved")
    rules.check("loyaltyObject", sound("loyaltyObject") | {"state": "active"})


def test_every_fault_is_named_at_once() -> None:
    body = sound("loyaltyClass") | {"hexBackgroundColor": "red", "merchantLocations": [PLACE] * 11, "issuerName": ""}
    with pytest.raises(ConfigurationError) as refused:
        rules.check("loyaltyClass", body)
    for words in ("The loyaltyClass 3388000000000000001.luna cannot go to Google", "lacks issuerName", "not 'red'", "has 11 entries"):
        assert words in refused.value.message
