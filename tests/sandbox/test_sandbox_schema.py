"""What Google's own schema, and the rules beside it, find in a body."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from walletpass.sandbox.googlerules import Invalid, check, check_body
from walletpass.sandbox.googleschema import problems, revision, schemas

ISSUER = "3388000000000000001"
PICTURE = {"sourceUri": {"uri": "https://luna.example/logo.png"}}
CLASS: dict[str, Any] = {
    "id": f"{ISSUER}.luna", "issuerName": "Luna", "programName": "Luna", "programLogo": PICTURE, "reviewStatus": "UNDER_REVIEW",
}  # fmt: skip
OBJECT: dict[str, Any] = {"id": f"{ISSUER}.card", "classId": CLASS["id"], "state": "ACTIVE"}
TOTP = {"algorithm": "TOTP_SHA1", "periodMillis": "30000", "parameters": [{"key": "31" * 20, "valueLength": 8}]}
ROTATING = {"type": "QR_CODE", "valuePattern": "2{totp_value_0}", "totpDetails": TOTP}


def item(path: str = "object.loyaltyPoints") -> dict[str, Any]:
    return {"firstValue": {"fields": [{"fieldPath": path}]}}


def template(*rows: Any) -> dict[str, Any]:
    return {"classTemplateInfo": {"cardTemplateOverride": {"cardRowTemplateInfos": list(rows)}}}


ROW = {"oneItem": {"item": item()}}


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("loyaltyObject", {"colour": "red"}, 'Unknown name "colour"'),
        ("loyaltyObject", {"barcode": {"type": "QR_CODE", "text": "1"}}, "Unknown name \"text\" at 'barcode'"),
        ("loyaltyObject", {"locations": []}, "locations is deprecated"),
        ("loyaltyObject", {"infoModuleData": {}}, "infoModuleData is deprecated"),
        ("loyaltyObject", {"version": "1"}, "version is deprecated"),
        ("loyaltyClass", {"wordMark": PICTURE}, "wordMark is deprecated"),
        ("loyaltyClass", {"allowMultipleUsersPerObject": True}, "allowMultipleUsersPerObject is deprecated"),
        ("loyaltyClass", {"callbackOptions": {"updateRequestUrl": "https://a.example"}}, "updateRequestUrl is deprecated"),
        ("loyaltyObject", {"messages": [{"kind": "walletobjects#message"}]}, "messages[0].kind is deprecated"),
        ("loyaltyObject", {"hasUsers": True}, "hasUsers is set by Google alone"),
        ("loyaltyObject", {"classReference": CLASS}, "classReference is set by Google alone"),
        ("loyaltyObject", {"state": "active"}, "'active' is an old spelling"),
        ("loyaltyObject", {"barcode": {"type": "qrCode"}}, "'qrCode' is an old spelling"),
        ("loyaltyObject", {"state": "ASLEEP"}, "is none of"),
        ("loyaltyObject", {"state": "STATE_UNSPECIFIED"}, "is none of"),
        ("loyaltyObject", {"state": 1}, "is none of"),
        ("loyaltyObject", {"state": ["ACTIVE"]}, "is none of"),
        ("loyaltyObject", {"notifyPreference": "notifyOnUpdate"}, "is none of"),
        ("genericObject", {"notifyPreference": "NOTIFY_ON_UPDATE"}, "Unknown name"),
        ("loyaltyObject", {"hexBackgroundColor": "#123456"}, "Unknown name"),
        ("loyaltyObject", {"rotatingBarcode": {**ROTATING, "totpDetails": {**TOTP, "periodMillis": 30000}}}, "64-bit number in a string"),
        ("loyaltyClass", {"redemptionIssuers": [1]}, "64-bit number in a string"),
        ("loyaltyObject", {"loyaltyPoints": {"balance": {"money": {"micros": 5}}}}, "64-bit number in a string"),
        ("loyaltyObject", {"loyaltyPoints": {"balance": {"int": 2**31}}}, "is not a 32-bit number"),
        ("loyaltyObject", {"loyaltyPoints": {"balance": {"int": True}}}, "is not a 32-bit number"),
        ("loyaltyObject", {"loyaltyPoints": {"balance": {"string": 7}}}, "is not text"),
        ("loyaltyObject", {"loyaltyPoints": {"balance": {"int": 1, "string": "1"}}}, "needs exactly one of"),
        ("loyaltyObject", {"loyaltyPoints": {"label": "Points"}}, "needs exactly one of"),
        ("loyaltyObject", {"loyaltyPoints": "120"}, "an object is wanted"),
        ("loyaltyObject", {"textModulesData": {"id": "a"}}, "a list is wanted"),
        ("loyaltyObject", {"accountId": None}, "null says nothing"),
        ("loyaltyObject", {"disableExpirationNotification": "no"}, "is not true or false"),
        ("loyaltyObject", {"heroImage": {"contentDescription": {"defaultValue": {"language": "en", "value": "a"}}}}, "exactly one of sourceUri"),
        ("loyaltyObject", {"heroImage": {**PICTURE, "privateImageId": "1"}}, "exactly one of sourceUri"),
        ("loyaltyObject", {"heroImage": {"sourceUri": {"uri": "/logo.png"}}}, "not an address Google can fetch"),
        ("loyaltyObject", {"merchantLocations": [{"latitude": 1.0, "longitude": 1.0}] * 11}, "more than 10"),
        ("loyaltyObject", {"merchantLocations": [{"latitude": 91, "longitude": 1}]}, "no place on Earth"),
        ("loyaltyObject", {"messages": [{"body": "a"}] * 11}, "more than 10"),
        ("loyaltyObject", {"id": "luna.card"}, "Invalid resource ID"),
        ("loyaltyObject", {"id": f"{ISSUER}.a/b"}, "Invalid resource ID"),
        ("loyaltyObject", {"classId": f"{ISSUER}."}, "Invalid resource ID"),
        ("loyaltyObject", {"id": f"{ISSUER}.{'a' * 100}"}, "Invalid resource ID"),
        ("loyaltyObject", {"textModulesData": [{"id": "a.b"}]}, "letters, digits, _ and - only"),
        ("loyaltyObject", {"rotatingBarcode": {**ROTATING, "type": "AZTEC"}}, "QR_CODE or PDF_417"),
        ("loyaltyObject", {"rotatingBarcode": {**ROTATING, "totpDetails": {**TOTP, "parameters": [{"key": "xyz"}]}}}, "Base16 key"),
        ("loyaltyObject", {"validTimeInterval": {"start": {"date": "2026-01-01T00:00Z"}, "end": {"date": "2026-02-01T00:00"}}}, "needs one too"),
        ("loyaltyObject", {"accountId": ""}, ""),
        ("loyaltyClass", {"reviewStatus": "APPROVED"}, "Invalid review status"),
        ("loyaltyClass", {"hexBackgroundColor": "red"}, "Invalid hexBackgroundColor"),
        ("loyaltyClass", {"callbackOptions": {"url": "http://cards.luna.example/cb"}}, "has to be https"),
        ("loyaltyClass", {"callbackOptions": {"url": "http://127.0.0.1:8000/cb"}}, ""),
        ("loyaltyClass", template(ROW, ROW, ROW, ROW), "more than 3 rows"),
        ("loyaltyClass", template({**ROW, "twoItems": {"startItem": item(), "endItem": item()}}), "exactly one of oneItem"),
        ("loyaltyClass", template({"twoItems": {"startItem": item()}}), "twoItems needs endItem"),
        ("loyaltyClass", template(ROW, ROW, ROW), ""),
        ("loyaltyObject", {"rotatingBarcode": ROTATING}, ""),
    ],
)  # fmt: skip
def test_what_google_would_not_take_is_named(kind: str, changes: dict[str, Any], sentence: str) -> None:
    body = {**(CLASS if kind.endswith("Class") else OBJECT), **changes}
    if kind == "genericObject":
        body |= {"cardTitle": said("Luna"), "header": said("A17")}
    if not sentence:
        check(kind, body)
        return
    with pytest.raises(Invalid) as refused:
        check(kind, body)
    assert sentence in str(refused.value)


def said(text: str) -> dict[str, Any]:
    return {"defaultValue": {"language": "en", "value": text}}


def test_a_part_of_a_resource_needs_nothing_but_what_it_has() -> None:
    check_body("loyaltyObject", {"state": "INACTIVE"})
    with pytest.raises(Invalid, match="Missing required field: id"):
        check("loyaltyObject", {"state": "INACTIVE"})


@pytest.mark.parametrize(
    ("kind", "body", "count"),
    [
        ("addMessage", {"message": {"id": "a", "body": "b", "messageType": "TEXT_AND_NOTIFY"}}, 0),
        ("addMessage", {"id": "a", "body": "b"}, 2),
        ("addMessage", {"message": {"messageType": "textAndNotify"}}, 1),
        ("permissions", {"issuerId": ISSUER, "permissions": [{"emailAddress": "a@b.example", "role": "WRITER"}]}, 0),
        ("permissions", {"issuerId": 1, "permissions": [{"role": "writer"}]}, 2),
        ("jwt", {"jwt": "a.b.c"}, 0),
        ("validate", {"jsonResource": {"json": "{}"}}, 0),
        ("loyaltyObject", [], 1),
    ],
)
def test_the_other_bodies_are_known_too(kind: str, body: Any, count: int) -> None:
    assert len(problems(kind, body)) == count


def test_the_schema_is_googles_and_its_library_is_not_imported() -> None:
    assert revision() >= "20260806"
    assert "loyaltyPoints" in schemas()["LoyaltyObject"]
    code = "import sys; from walletpass.sandbox import googleschema; googleschema.schemas(); print('googleapiclient' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_without_the_library_the_demo_names_the_extra() -> None:
    code = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'googleapiclient' else find(name, *more)\n"
        "from walletpass.cli import main; sys.argv = ['walletpass', 'demo']; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "pip install 'walletpass[demo]' (google-api-python-client" in ended.stderr
    assert "Traceback" not in ended.stderr
