"""pass.json: what must be there, and what Wallet makes of it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.apple.inspected import UKRAINIAN, Maker, pictures, rules

GONE = ...
P384 = base64.b64encode(
    ec.generate_private_key(ec.SECP384R1())
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
QR = {"format": "PKBarcodeFormatQR", "message": "10031844", "messageEncoding": "iso-8859-1"}
LUNA = {"latitude": 52.5, "longitude": 13.4}
UUID = "f1b1a2c3-0000-4000-8000-%012d"


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


def field(**changes):
    """A card whose second field is changed."""
    made = {"key": "holder", "label": "Guest", "value": "Ana", **changes}
    return {"storeCard": {"secondaryFields": [{key: value for key, value in made.items() if value is not GONE}]}}


def slot(name, *fields):
    return {"storeCard": {name: list(fields)}}


def many(count, **more):
    return [{"key": f"key{number}", "value": "x", **more} for number in range(count)]


TOP = [
    ("null-value", {"logoText": None}),
    ("null-value", {"storeCard": {"headerFields": [{"key": "a", "value": 1, "label": None}]}}),
    ("required-key-missing", {"description": GONE}),
    ("required-key-missing", {"serialNumber": ""}),
    ("value-type", {"organizationName": 7}),
    ("value-type", {"voided": "no"}),
    ("value-type", {"storeCard": {"headerFields": {"key": "a", "value": 1}}}),
    ("value-type", {"storeCard": {"headerFields": ["a"]}}),
    ("value-type", {"associatedStoreIdentifiers": ["1"]}),
    ("value-type", {"formatVersion": "1"}),
    ("format-version", {"formatVersion": 2}),
    ("identifier-prefix", {"passTypeIdentifier": "example.luna"}),
    ("key-unknown", {"backgroundColour": "rgb(1, 2, 3)"}),
    ("style-missing", {"storeCard": GONE}),
    ("style-several", {"generic": {}}),
    ("key-not-for-style", {"sellURL": "https://example.com"}),
    ("key-not-for-style", {"storeCard": {"transitType": "PKTransitTypeAir"}}),
    ("grouping-identifier", {"groupingIdentifier": "evening"}),
    ("style-scheme", {"preferredStyleSchemes": ["posterEventTicket"]}),
    ("colour-not-rgb", {"backgroundColor": "rgb(1-2-3)"}),
    ("colour-not-rgb", {"labelColor": "rgb(1, 2, 256)"}),
    ("colour-not-rgb", {"foregroundColor": "white"}),
    ("colour-hex", {"backgroundColor": "#742b1d"}),
    ("strip-colour", {"stripColor": "rgb(1, 2, 3)"}),
    ("actions-too-many", {"featuredActions": [{"identifier": str(one), "type": "call", "url": "tel:1"} for one in range(3)]}),
    ("action-incomplete", {"featuredActions": [{"identifier": "a", "type": "call"}]}),
    ("action-incomplete", {"featuredActions": [{"identifier": "a", "type": "dance", "url": "https://example.com"}]}),
    ("pass-voided", {"voided": True}),
    ("pass-expired", {"expirationDate": "2020-01-01T00:00:00Z"}),
]
FIELDS = [
    ("field-key-missing", field(key=GONE)),
    ("field-key-twice", {"storeCard": {"headerFields": many(1), "backFields": many(1)}}),
    ("field-value-missing", field(value=GONE)),
    ("value-type", field(value=True)),
    ("value-type", field(label=3)),
    ("key-unknown", field(chnageMessage="%@")),
    ("key-unknown", slot("headerField", {"key": "a", "value": 1})),
    ("field-number-needed", field(currencyCode="EUR")),
    ("field-number-needed", field(value="12", numberStyle="PKNumberStyleDecimal")),
    ("field-currency-and-style", field(value=1, currencyCode="EUR", numberStyle="PKNumberStyleDecimal")),
    ("field-currency-unknown", field(value=1, currencyCode="euro")),
    ("field-date-style-alone", field(value="2026-11-22T19:30+01:00", dateStyle="PKDateStyleShort")),
    ("date-without-time", field(value="2026-11-22", dateStyle="PKDateStyleShort", timeStyle="PKDateStyleNone")),
    ("date-unreadable", field(value=20261122, dateStyle="PKDateStyleShort", timeStyle="PKDateStyleNone")),
    ("option-unknown", field(value=1, numberStyle="PKNumberStyleRoman")),
    ("option-unknown", field(textAlignment="left")),
    ("option-unknown", slot("backFields", {"key": "a", "value": "b", "dataDetectorTypes": ["All"]})),
    ("alignment-not-here", slot("backFields", {"key": "a", "value": "b", "textAlignment": "PKTextAlignmentLeft"})),
    ("alignment-not-here", slot("primaryFields", {"key": "a", "value": "b", "textAlignment": "PKTextAlignmentLeft"})),
    ("detectors-not-here", field(dataDetectorTypes=[])),
    ("row-not-here", field(row=1)),
    ("slot-not-for-style", slot("additionalInfoFields", {"key": "a", "value": "b"})),
    ("row-full", {"storeCard": {"secondaryFields": many(3), "auxiliaryFields": [{"key": "a", "value": 1}, {"key": "b", "value": 1}]}}),
    ("header-full", {"storeCard": {"headerFields": many(4)}}),
    ("primary-full", {"storeCard": {"primaryFields": many(2)}}),
    ("markup-not-a-link", field(attributedValue="<b>Ana</b>")),
    ("markup-not-a-link", field(attributedValue="<a href='https://example.com' onclick='x'>Ana</a>")),
    ("change-message-without-value", field(changeMessage="Something is new")),
]
CODES = [
    ("value-type", {"barcodes": QR}),
    ("value-type", {"barcodes": ["10031844"]}),
    ("barcodes-empty", {"barcodes": []}),
    ("barcode-deprecated", {"barcodes": GONE, "barcode": QR}),
    ("barcode-format-unknown", {"barcodes": [{**QR, "format": "QR"}]}),
    ("barcode-message-missing", {"barcodes": [{**QR, "message": ""}]}),
    ("barcode-encoding-missing", {"barcodes": [{"format": QR["format"], "message": "1"}]}),
    ("barcode-encoding-unknown", {"barcodes": [{**QR, "messageEncoding": "latin-99"}]}),
    ("barcode-encoding-unknown", {"barcodes": [{**QR, "messageEncoding": "rot13"}]}),
    ("barcode-encoding-unknown", {"barcodes": [{**QR, "messageEncoding": "idna"}]}),
    ("barcode-encoding-unknown", {"barcodes": [{**QR, "messageEncoding": "utf-8\0"}]}),
    ("barcode-not-encodable", {"barcodes": [{**QR, "message": "Привіт"}]}),
    ("barcode-not-encodable", {"barcodes": [{**QR, "message": "\ud800", "messageEncoding": "utf-8"}]}),
    ("barcode-new-format", {"barcodes": [{**QR, "format": "PKBarcodeFormatEAN13"}]}),
]
RELEVANCE = [
    ("date-without-time", {"expirationDate": "2030-11-22"}),
    ("date-without-zone", {"expirationDate": "2030-11-22T19:30:00"}),
    ("date-unreadable", {"expirationDate": "22.11.2030"}),
    ("date-unreadable", {"expirationDate": "2030-13-22T19:30:00Z"}),
    ("date-with-fraction", {"expirationDate": "2030-11-22T19:30:00.123Z"}),
    ("locations-too-many", {"locations": [LUNA] * 11}),
    ("location-incomplete", {"locations": [{"latitude": 1}]}),
    ("location-out-of-range", {"locations": [{"latitude": 152.5, "longitude": 13.4}]}),
    ("value-type", {"locations": [{"latitude": "52.5", "longitude": 13.4}]}),
    ("max-distance", {"maxDistance": 0}),
    ("beacon-uuid", {"beacons": [{"proximityUUID": "luna"}]}),
    ("beacon-number", {"beacons": [{"proximityUUID": UUID % 1, "major": 65536}]}),
    ("beacons-too-many", {"beacons": [{"proximityUUID": UUID % number} for number in range(11)]}),
    ("relevant-date-deprecated", {"relevantDate": "2030-11-22T19:30Z"}),
    ("relevant-dates-incomplete", {"relevantDates": [{"startDate": "2030-11-22T19:30Z"}]}),
    ("relevant-dates-renamed", {"relevantDates": [{"relevantDate": "2030-11-22T19:30Z"}]}),
    ("relevant-dates-order", {"relevantDates": [{"startDate": "2030-11-22T19:30Z", "endDate": "2030-11-22T18:30Z"}]}),
    ("relevant-dates-long", {"relevantDates": [{"startDate": "2030-11-22T19:30Z", "endDate": "2030-11-25T18:30Z"}]}),
    ("date-without-time", {"relevantDates": [{"date": "2030-11-22"}]}),
    ("relevance-needs-location", {"locations": GONE, "beacons": [{"proximityUUID": UUID % 1}]}),
]
SERVICE = [
    ("token-without-service", {"webServiceURL": GONE}),
    ("token-missing", {"authenticationToken": GONE}),
    ("token-short", {"authenticationToken": "too-short"}),
    ("web-service-url", {"webServiceURL": "https:// cards.example.com"}),
    ("web-service-url", {"webServiceURL": "cards.example.com/apple"}),
    ("web-service-url", {"webServiceURL": "https://[::1/apple"}),
    ("web-service-url", {"webServiceURL": "https://cards.example.com:https/apple"}),
    ("web-service-http", {"webServiceURL": "http://cards.example.com/apple"}),
    ("web-service-v1", {"webServiceURL": "https://cards.example.com/apple/v1"}),
    ("app-launch-without-app", {"appLaunchURL": "luna://card"}),
    ("user-info-secret", {"userInfo": {"deep": [{"apiKey": "x"}], "table": 7, "nothing": None}}),
]


@pytest.mark.parametrize(("rule", "changes"), TOP + FIELDS + CODES + RELEVANCE + SERVICE)
def test_what_wallet_does_not_like_in_pass_json_has_one_finding(maker, rule, changes):
    if "passTypeIdentifier" in changes:
        rule = [rule, "pass-type-differs"]
    assert maker.found(maker.make(maker.content(**changes))) == (rule if isinstance(rule, list) else [rule])


def test_everything_wallet_knows_may_stand_in_a_pass_without_a_finding(maker):
    content = maker.content(
        logoText="Luna",
        suppressStripShine=True,
        sharingProhibited=True,
        maxDistance=50,
        beacons=[{"proximityUUID": (UUID % 1).upper(), "major": 1, "minor": 65535, "relevantText": "Here"}],
        relevantDates=[
            {"date": "2030-11-22T19:30:00+01:00", "relevantDate": "2030-11-22T19:30:00+01:00"},
            {"startDate": "2030-11-22T19:30Z", "endDate": "2030-11-22T21:30Z"},
        ],
        expirationDate="2040-01-01T00:00Z",
        userInfo={"anything": [None, {"goes": 1}]},
        associatedStoreIdentifiers=[1],
        appLaunchURL="luna://card",
        featuredActions=[{"identifier": "a", "type": "place", "placeIdentifier": "x"}],
        semantics={"balance": {"amount": "12.50", "currencyCode": "EUR"}},
        posterGeneric={"headerFields": [{"key": "points", "value": 120}], "footerFields": [{"key": "f", "value": "x"}]},
        barcodes=[{**QR, "format": "PKBarcodeFormatEAN13"}, {**QR, "messageEncoding": "utf-8", "message": "Привіт"}],
        storeCard={
            "headerFields": [{"key": "points", "label": "lbl_points", "value": 120.5, "currencyCode": "EUR"}],
            "secondaryFields": [
                {
                    "key": "since",
                    "value": "2026-11-22T19:30Z",
                    "dateStyle": "PKDateStyleShort",
                    "timeStyle": "PKDateStyleNone",
                    "isRelative": True,
                },
                {"key": "holder", "value": "Ana", "textAlignment": "PKTextAlignmentRight"},
            ],
            "backFields": [{"key": "site", "value": "example.com", "attributedValue": "<a href='https://example.com'>Site</a> 1 < 2"}],
        },
    )
    assert maker.found(maker.make(content)) == []


STYLES = [
    ("generic", {}, []),
    ("coupon", {}, []),
    (
        "eventTicket",
        {"groupingIdentifier": "evening", "sellURL": "https://example.com", "preferredStyleSchemes": ["posterEventTicket"]},
        [],
    ),
    ("boardingPass", {"trackBagsURL": "https://example.com", "groupingIdentifier": "evening"}, ["transit-type"]),
    ("generic", {"preferredStyleSchemes": ["generic"]}, ["style-scheme"]),
]


@pytest.mark.parametrize(("style", "changes", "expected"), STYLES)
def test_each_style_has_its_own_rules(maker, style, changes, expected):
    assert maker.found(maker.make(maker.content(style, **changes))) == expected


def test_a_boarding_pass_says_by_what(maker):
    content = maker.content("boardingPass")
    content["boardingPass"]["transitType"] = "PKTransitTypeTrain"
    assert maker.found(maker.make(content)) == []


def test_a_change_message_is_looked_up_in_every_language(maker):
    ukrainian = UKRAINIAN.replace("%@ ", "").encode()
    report = maker.inspect(maker.make(**{"uk.lproj/pass.strings": ukrainian}))
    assert rules(report) == ["change-message-without-value"]
    assert report.findings[0].sentence.startswith("uk.lproj translates storeCard.headerFields[0].changeMessage")


def test_a_sentence_says_what_was_meant(maker):
    report = maker.inspect(maker.make(maker.content(backgroundColour="rgb(1, 2, 3)")))
    assert "did you mean backgroundColor?" in report.findings[0].sentence


def test_the_same_fault_many_times_is_said_a_dozen_times_and_counted(maker):
    card = {"backFields": [{"key": f"key{number}"} for number in range(500)]}
    report = maker.inspect(maker.make(maker.content(storeCard=card)))
    assert rules(report) == ["field-value-missing"] * 12
    assert report.findings[-1].sentence.endswith("And 488 more like this.")


def test_what_a_stranger_wrote_cannot_steer_the_terminal(maker):
    report = maker.inspect(maker.make(maker.content(**{"backgroundColor": "\x1b[2J\u202e", "\x1b]0;": 1})))
    assert rules(report) == ["key-unknown", "colour-not-rgb"]
    assert all(finding.sentence.isprintable() for finding in report.findings)


@pytest.mark.parametrize(
    ("rule", "nfc"),
    [
        ("nfc-incomplete", {"message": "1"}),
        ("nfc-key", {"message": "1", "encryptionPublicKey": "no key"}),
        ("nfc-key", {"message": "1", "encryptionPublicKey": P384}),
        ("key-unknown", {"message": "1", "encryptionPublicKey": P384, "colour": 1}),
    ],
)
def test_nfc_has_its_own_faults(maker, rule, nfc):
    # The certificate of these tests is none for NFC.
    found = maker.found(maker.make(maker.content(nfc=nfc)))
    assert rule in found
    assert set(found) <= {rule, "nfc-key", "nfc-without-certificate"}


def test_a_long_nfc_message_is_cut(maker):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = base64.b64encode(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
    content = maker.content(nfc={"message": "x" * 65, "encryptionPublicKey": spki})
    assert maker.found(maker.make(content)) == ["nfc-message-long", "nfc-without-certificate"]


FORM = b'{"description": "Join us", "requiredPersonalizationFields": ["PKPassPersonalizationFieldName"]}'


def test_personalization_needs_nfc_and_asks_for_something(maker):
    assert maker.found(maker.make(**{"personalization.json": FORM})) == ["personalization-without-nfc"]
    logos = pictures("personalizationLogo", 150, 40)
    assert maker.found(maker.make(**{"personalization.json": FORM, **logos})) == ["personalization-without-nfc"]
    empty = maker.make(**{"personalization.json": b'{"description": "Join us"}'})
    assert maker.found(empty) == ["personalization-incomplete", "personalization-without-nfc"]


def test_the_moment_of_looking_decides_what_is_past(maker):
    soon = datetime.now(UTC) + timedelta(hours=1)
    data = maker.make(maker.content(expirationDate=f"{soon:%Y-%m-%dT%H:%M:%SZ}"))
    assert maker.found(data) == []
    assert maker.found(data, now=soon + timedelta(seconds=1)) == ["pass-expired"]
