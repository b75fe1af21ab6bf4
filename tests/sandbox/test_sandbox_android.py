"""What the Android phone shows of a card: its rows and page, its past, its groups and its codes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
import zxingcpp
from PIL import Image

from tests.sandbox.wallet import CLASS, ISSUER, OBJECT, Google
from walletpass.sandbox.androidface import card, ink
from walletpass.sandbox.googletotp import message

if TYPE_CHECKING:
    from tests.sandbox.conftest import Remote

TICKET_CLASS, TICKET = f"{ISSUER}.luna.coat", f"{ISSUER}.ticket-1"
KEY = "3132333435363738393031323334353637383930"
ROTATING = {
    "type": "QR_CODE",
    "valuePattern": "21234{totp_value_0}",
    "alternateText": "1042 5531",
    "totpDetails": {"algorithm": "TOTP_SHA1", "periodMillis": "30000", "parameters": [{"key": KEY, "valueLength": 8}]},
}


def said(text: str, **more: str) -> dict[str, Any]:
    translations = [{"language": language, "value": value} for language, value in more.items()]
    return {"defaultValue": {"language": "en", "value": text}, "translatedValues": translations}


def ticket(**changes: Any) -> dict[str, Any]:
    return {
        "id": TICKET,
        "classId": TICKET_CLASS,
        "cardTitle": said("Luna"),
        "header": said("A17"),
        "subheader": said("Coat", uk="Гардероб"),
        **changes,
    }


def shown(remote: Remote) -> dict[str, Any]:
    [only] = remote.state()["android"]["cards"]
    return dict(only)


@pytest.mark.parametrize(("seconds", "digits"), [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")])
def test_a_code_that_turns_is_that_of_the_standard(seconds: int, digits: str) -> None:
    assert message(ROTATING, seconds * 1000) == f"21234{digits}"


def test_a_code_turns_on_the_phone_and_outranks_one_that_does_not(google: Google) -> None:
    google.call("POST", "loyaltyClass", google.group())
    google.call("POST", "loyaltyObject", google.card(rotatingBarcode=ROTATING))
    google.remote.post("/android/open", {"url": google.link()})
    google.remote.post("/android/add")
    with time_machine.travel(datetime.fromtimestamp(1111111109, UTC), tick=False):
        code = google.remote.get(f"/android/cards/{OBJECT}/code").json()
        picture = google.remote.get(f"/android/cards/{OBJECT}/barcode.png").content
    assert (code["message"], code["until"]) == ("2123407081804", 1111111110_000)
    assert [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))] == ["2123407081804"]
    assert (shown(google.remote)["barcode"]["period"], shown(google.remote)["barcode"]["message"]) == (30_000, "")


@pytest.mark.parametrize("kind", ["QR_CODE", "AZTEC", "PDF_417", "CODE_128"])
def test_every_kind_of_code_is_drawn_so_that_a_reader_reads_it(google: Google, kind: str) -> None:
    google.call("POST", "loyaltyClass", google.group())
    google.call("POST", "loyaltyObject", google.card(barcode={"type": kind, "value": "1003184467440737"}))
    google.remote.post("/android/open", {"url": google.link()})
    picture = google.remote.get(f"/android/cards/{OBJECT}/barcode.png").content
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    assert (found.text, google.remote.get(f"/android/cards/{OBJECT}/barcode.svg").text[:4]) == ("1003184467440737", "<svg")


def test_a_ticket_without_a_template_shows_its_modules_in_pairs(google: Google) -> None:
    google.call("POST", "genericClass", {"id": TICKET_CLASS})
    modules = [{"id": name, "header": name.title(), "body": name * 2} for name in ("room", "what", "when")]
    google.call("POST", "genericObject", ticket(textModulesData=modules, hexBackgroundColor="#7a3426"))
    google.remote.post("/language", {"language": "uk"})
    google.remote.post("/android/open", {"url": google.link(payload={"genericObjects": [{"id": TICKET, "classId": TICKET_CLASS}]})})
    google.remote.post("/android/add")
    one = shown(google.remote)
    assert (one["generic"], one["issuer"], one["program"], one["subheader"], one["background"]) == (
        True,
        "Luna",
        "A17",
        "Гардероб",
        "#7a3426",
    )
    assert [[field["value"] for field in row] for row in one["rows"]] == [["roomroom", "whatwhat"], ["whenwhen"]]
    assert one["barcode"] is None


@pytest.mark.parametrize("changes", [{"state": "COMPLETED"}, {"state": "EXPIRED"}, {"state": "INACTIVE"}, {"end": -1}])
def test_a_card_whose_time_is_over_is_among_the_past_ones(google: Google, changes: dict[str, Any]) -> None:
    google.save()
    assert shown(google.remote)["over"] is False
    if "end" in changes:
        end = datetime.now(UTC) + timedelta(hours=changes["end"])
        changes = {"validTimeInterval": {"end": {"date": end.isoformat()}}}
    google.call("PATCH", f"loyaltyObject/{OBJECT}", changes)
    assert shown(google.remote)["over"] is True


def test_a_message_is_shown_while_its_time_lasts_the_newest_first(google: Google) -> None:
    google.save()
    for id, days in (("old", -1), ("one", 1), ("two", 2)):
        end = datetime.now(UTC) + timedelta(days=days)
        body = {"id": id, "header": id, "body": "b", "displayInterval": {"end": {"date": end.isoformat()}}}
        assert google.call("POST", f"loyaltyObject/{OBJECT}/addMessage", {"message": body}).status_code == 200
    google.call("POST", f"loyaltyClass/{CLASS}/addMessage", {"message": {"id": "all", "header": "all", "body": "b"}})
    assert [one["id"] for one in shown(google.remote)["messages"]] == ["two", "one", "all"]


def test_a_message_to_everybody_notifies_in_the_phones_language(google: Google) -> None:
    google.save()
    google.remote.post("/language", {"language": "uk"})
    note = {
        "id": "all",
        "header": "Truffles",
        "localizedHeader": said("Truffles", uk="Трюфелі"),
        "body": "b",
        "messageType": "TEXT_AND_NOTIFY",
    }
    google.call("POST", f"loyaltyClass/{CLASS}/addMessage", {"message": note})
    assert [one["text"] for one in google.remote.state()["android"]["notices"]] == ["Трюфелі"]


def test_the_page_behind_a_card_has_the_account_the_modules_and_the_links() -> None:
    group = {
        "accountIdLabel": "Number", "accountNameLabel": "Guest", "homepageUri": {"uri": "https://luna.example", "description": "Site"},
        "textModulesData": [{"id": "terms", "header": "Terms", "body": "A point each."}],
        "linksModuleData": {"uris": [{"uri": "tel:+49", "description": "Call"}]},
    }  # fmt: skip
    object = {"id": OBJECT, "accountId": "1042", "accountName": "Ana", "textModulesData": [{"id": "coat", "header": "Coat", "body": "A17"}]}
    face = card(object, group, "en")
    assert [(one["label"], one["value"]) for one in face["details"]] == [
        ("Guest", "Ana"), ("Number", "1042"), ("Coat", "A17"), ("Terms", "A point each."),
    ]  # fmt: skip
    assert [one["uri"] for one in face["links"]] == ["https://luna.example", "tel:+49"]


def test_only_what_the_class_lists_is_on_the_page_where_it_lists_something() -> None:
    item = {"item": {"firstValue": {"fields": [{"fieldPath": "class.textModulesData['terms']"}]}}}
    group = {
        "classTemplateInfo": {"detailsTemplateOverride": {"detailsItemInfos": [item]}},
        "textModulesData": [{"id": "terms", "body": "Yes."}],
    }
    assert [one["value"] for one in card({"id": OBJECT, "accountId": "1"}, group, "en")["details"]] == ["Yes."]


def test_two_values_share_a_place_and_an_empty_one_leaves_it_to_the_next() -> None:
    both = {"firstValue": {"fields": [{"fieldPath": "object.accountName"}, {"fieldPath": "object.accountId"}]},
            "secondValue": {"fields": [{"fieldPath": "object.loyaltyPoints.balance"}]}}  # fmt: skip
    empty = {"firstValue": {"fields": [{"fieldPath": "object.textModulesData['coat']"}]}}
    rows = [{"oneItem": {"item": both}}, {"oneItem": {"item": empty}}]
    group = {"classTemplateInfo": {"cardTemplateOverride": {"cardRowTemplateInfos": rows}}}
    object = {"id": OBJECT, "accountId": "1042", "loyaltyPoints": {"label": "Points", "balance": {"int": 5}}}
    assert [[one["value"] for one in row] for row in card(object, group, "en")["rows"]] == [["1042 / 5"]]


def test_a_card_removed_and_saved_again_hears_of_changes_again(google: Google) -> None:
    google.save()
    google.remote.post("/android/delete")
    google.earn(150)
    assert google.remote.state()["android"]["notices"] == []
    google.remote.post("/android/open", {"url": google.link()})
    google.remote.post("/android/add")
    google.earn(160)
    assert [one["text"] for one in google.remote.state()["android"]["notices"]] == ["Points: 150 → 160"]


@pytest.mark.parametrize(
    ("background", "words"), [("#7a3426", "#ffffff"), ("#fff", "#16181c"), ("#f2d16b", "#16181c"), ("#000", "#ffffff")]
)
def test_words_are_black_or_white_whichever_is_read(background: str, words: str) -> None:
    assert ink(background) == words
