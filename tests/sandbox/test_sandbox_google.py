"""Google's REST API, the save link and the Android phone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.wallet import CLASS, GRANT, ISSUER, OBJECT, SCOPE, Google, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Remote


def test_a_token_is_given_for_a_signed_assertion_and_for_nothing_else(google: Google) -> None:
    assert google.token().json()["token_type"] == "Bearer"
    assert google.token(scope="email").json()["error"] == "invalid_grant"
    assert google.token(exp=int(time.time()) - 500).status_code == 400
    assert google.token(iss="stranger@example.com").status_code == 400
    forged = google.signed(scope=SCOPE, aud="x/token", exp=int(time.time()) + 60)[:-8] + "AAAAAAAA"
    answer = requests.post(google.remote.box.url + "/google/token", {"grant_type": GRANT, "assertion": forged}, timeout=10)
    assert "the signature is not of this account's key" in answer.json()["error_description"]


def test_the_api_wants_a_bearer_token_and_the_right_issuer(google: Google) -> None:
    assert reason(google.call("POST", "loyaltyClass", google.group(id="3388000000000000009.x"))) == (403, "permissionDenied")
    google.bearer = "made-up"
    assert reason(google.call("GET", f"loyaltyClass/{CLASS}")) == (401, "authError")


def test_insert_is_once_and_a_missing_thing_is_404(google: Google) -> None:
    assert reason(google.call("PATCH", f"loyaltyObject/{OBJECT}", {"state": "ACTIVE"})) == (404, "notFound")
    assert reason(google.call("POST", "loyaltyObject", google.card())) == (404, "notFound")
    google.fill()
    assert reason(google.call("POST", "loyaltyObject", google.card())) == (409, "existingResource")


def test_a_review_reads_back_as_approved_and_cannot_be_written_so(google: Google) -> None:
    google.fill()
    assert google.call("GET", f"loyaltyClass/{CLASS}").json()["reviewStatus"] == "approved"
    assert reason(google.call("PATCH", f"loyaltyClass/{CLASS}", {"programName": "Luna"})) == (400, "badRequest")
    answer = google.call("PATCH", f"loyaltyClass/{CLASS}", {"programName": "Luna", "reviewStatus": "UNDER_REVIEW"})
    assert answer.json()["programName"] == "Luna"


def test_patch_merges_objects_and_replaces_arrays_whole_and_put_forgets_the_rest(google: Google) -> None:
    google.fill()
    modules = [{"id": "a", "header": "A", "body": "1"}, {"id": "b", "header": "B", "body": "2"}]
    google.call("PATCH", f"loyaltyObject/{OBJECT}", {"textModulesData": modules})
    patched = google.call(
        "PATCH", f"loyaltyObject/{OBJECT}", {"textModulesData": modules[1:], "loyaltyPoints": {"balance": {"int": 5}}}
    ).json()
    assert patched["textModulesData"] == modules[1:]
    assert patched["loyaltyPoints"] == {"label": "Points", "balance": {"int": 5}}
    assert "barcode" not in google.call("PUT", f"loyaltyObject/{OBJECT}", {"id": OBJECT, "classId": CLASS, "state": "ACTIVE"}).json()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"id": "luna"}, "Invalid resource ID"),
        ({"state": "SLEEPING"}, "Invalid value at 'state'"),
        ({"state": None}, "Missing required field: state."),
        ({"hexBackgroundColor": "#fff"}, 'Unknown name "hexBackgroundColor"'),
        ({"points": 3}, 'Unknown name "points"'),
        ({"loyaltyPoints": {"balance": {"int": 1, "string": "1"}}}, "needs exactly one of string, int, double, money"),
        ({"loyaltyPoints": {"balance": {"int": "1"}}}, "is not a 32-bit number"),
        ({"textModulesData": [{"id": "a.b"}]}, "may hold letters, digits, _ and - only."),
        ({"heroImage": {"sourceUri": {"uri": "logo.png"}}}, "is not an address Google can fetch."),
        ({"barcode": {"value": "1"}}, "barcode.type is required."),
        ({"textModulesData": [{"id": "a", "localizedBody": {"translatedValues": []}}]}, "defaultValue needs language and value."),
    ],
)
def test_what_the_schema_does_not_know_is_a_400(google: Google, changes: dict[str, Any], sentence: str) -> None:
    google.call("POST", "loyaltyClass", google.group())
    answer = google.call("POST", "loyaltyObject", google.card(**changes))
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["message"]


def test_a_dead_picture_fails_the_whole_write(google: Google) -> None:
    google.images = google.images.replace("logo.png", "nowhere.png")
    answer = google.call("POST", "loyaltyClass", google.group())
    assert answer.status_code == 400
    assert "programLogo: Image cannot be loaded" in answer.json()["error"]["message"]


def test_the_list_is_paged(google: Google) -> None:
    google.fill()
    google.call("POST", "loyaltyObject", google.card(id=f"{ISSUER}.card-2"))
    first = google.call("GET", f"loyaltyObject?classId={CLASS}&maxResults=1").json()
    second = google.call("GET", f"loyaltyObject?classId={CLASS}&maxResults=1&token={first['pagination']['nextPageToken']}").json()
    assert [first["resources"][0]["id"], second["resources"][0]["id"]] == [OBJECT, f"{ISSUER}.card-2"]
    assert second["pagination"]["nextPageToken"] == ""


def test_a_save_link_shows_the_card_and_add_puts_it_on_the_phone(google: Google) -> None:
    google.fill()
    page = requests.get(google.link(), timeout=10)
    assert page.status_code == 200
    assert "Luna card" in page.text
    assert google.remote.state()["android"]["cards"] == []
    assert "is in the wallet" in requests.post(google.link(), timeout=10).text
    [card] = google.remote.state()["android"]["cards"]
    assert (card["issuer"], card["points"]) == ("Trattoria Luna", [{"key": "loyaltyPoints", "label": "Points", "value": "120"}])
    assert google.call("GET", f"loyaltyObject/{OBJECT}").json()["hasUsers"] is True


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"aud": "goggle"}, "aud is 'goggle', not 'google'"),
        ({"typ": "JWT"}, "typ is 'JWT', not 'savetowallet'"),
        ({"iss": "stranger@example.com"}, "nobody here is called 'stranger@example.com'"),
        ({"iat": 4102444800}, "iat lies in the future"),
        ({"payload": {"loyaltyObjects": [{"id": f"{ISSUER}.nobody", "classId": CLASS}]}}, "not found"),
        ({"payload": {}}, "The save link names no object."),
    ],
)
def test_a_save_link_that_does_not_hold_says_why(google: Google, claims: dict[str, Any], sentence: str) -> None:
    google.fill()
    answer = google.remote.post("/android/open", {"url": google.link(**claims)})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert google.remote.state()["android"]["sheet"]["error"] == answer.json()["error"]


def test_a_draft_class_cannot_back_an_object(google: Google) -> None:
    google.call("POST", "loyaltyClass", google.group(reviewStatus="DRAFT"))
    answer = google.call("POST", "loyaltyObject", google.card())
    assert (answer.status_code, "is a DRAFT" in answer.text) == (400, True)


def test_a_full_save_link_brings_its_class_and_object_along(google: Google) -> None:
    link = google.link(payload={"loyaltyClasses": [google.group()], "loyaltyObjects": [google.card()]})
    assert google.remote.post("/android/open", {"url": link}).json()["cards"][0]["program"] == "Luna card"


def test_new_points_change_the_card_and_notify_only_when_asked(google: Google) -> None:
    google.save()
    google.earn(130)
    google.earn(140, silent=True)
    state = google.remote.state()["android"]
    assert state["cards"][0]["points"][0]["value"] == "140"
    assert [(notice["title"], notice["text"]) for notice in state["notices"]] == [("Trattoria Luna", "Points: 120 → 130")]


def test_a_message_notifies_only_as_text_and_notify(google: Google) -> None:
    google.save()
    message = {"id": "m1", "header": "Truffle week", "body": "Double points until Sunday."}
    google.call("POST", f"loyaltyObject/{OBJECT}/addMessage", {"message": message})
    answer = google.call("POST", f"loyaltyObject/{OBJECT}/addMessage", {"message": {**message, "messageType": "TEXT_AND_NOTIFY"}})
    assert len(answer.json()["resource"]["messages"]) == 2
    state = google.remote.state()["android"]
    assert [notice["text"] for notice in state["notices"]] == ["Truffle week"]
    assert state["cards"][0]["messages"][0]["body"] == "Double points until Sunday."


def test_a_phone_that_was_off_shows_the_last_state_when_it_is_on(google: Google) -> None:
    google.save()
    google.remote.post("/faults", {"android": "off"})
    google.earn(150)
    assert google.remote.state()["android"]["cards"][0]["points"][0]["value"] == "120"
    google.remote.post("/faults", {"android": "on"})
    state = google.remote.state()["android"]
    assert state["cards"][0]["points"][0]["value"] == "150"
    assert len(state["notices"]) == 1


def test_the_class_template_decides_the_rows_and_translations_follow_the_phone(google: Google) -> None:
    google.save()
    item = {"firstValue": {"fields": [{"fieldPath": "object.textModulesData['coat']"}]}}
    points = {"firstValue": {"fields": [{"fieldPath": "object.loyaltyPoints"}]}}
    template = {"cardTemplateOverride": {"cardRowTemplateInfos": [{"twoItems": {"startItem": points, "endItem": item}}]}}
    google.call("PATCH", f"loyaltyClass/{CLASS}", {"classTemplateInfo": template, "reviewStatus": "UNDER_REVIEW"})
    header = {"defaultValue": {"language": "en", "value": "Coat"}, "translatedValues": [{"language": "uk", "value": "Гардероб"}]}
    google.call("PATCH", f"loyaltyObject/{OBJECT}", {"textModulesData": [{"id": "coat", "localizedHeader": header, "body": "A17"}]})
    google.remote.post("/language", {"language": "uk"})
    rows = google.remote.state()["android"]["cards"][0]["rows"]
    assert [[(one["label"], one["value"]) for one in row] for row in rows] == [[("Points", "120"), ("Гардероб", "A17")]]


def test_removing_the_card_leaves_the_object_without_users(google: Google) -> None:
    google.save()
    google.remote.post("/android/delete")
    assert google.remote.state()["android"]["cards"] == []
    assert google.call("GET", f"loyaltyObject/{OBJECT}").json()["hasUsers"] is False
    assert google.remote.post("/android/delete", {"id": OBJECT}).status_code == 404


def test_the_fault_switch_answers_503_or_hangs_up(google: Google) -> None:
    google.fill()
    google.remote.post("/faults", {"google": "503"})
    assert reason(google.call("GET", f"loyaltyObject/{OBJECT}")) == (503, "backendError")
    google.remote.post("/faults", {"google": "off"})
    with pytest.raises(requests.ConnectionError):
        google.call("GET", f"loyaltyObject/{OBJECT}")
    google.remote.post("/faults", {"google": "ok"})
    assert google.call("GET", f"loyaltyObject/{OBJECT}").status_code == 200


def test_google_and_the_phone_remember_over_a_restart(google: Google, start: Callable[..., Remote]) -> None:
    google.save()
    google.remote.box.stop()
    again = start()
    assert again.state()["android"]["cards"][0]["points"][0]["value"] == "120"
    google.remote = again
    assert reason(google.call("GET", f"loyaltyObject/{OBJECT}")) == (401, "authError")
    google.bearer = google.token().json()["access_token"]
    assert google.call("GET", f"loyaltyObject/{OBJECT}").json()["hasUsers"] is True


def test_the_barcode_of_the_card_can_be_asked_for(google: Google) -> None:
    google.save()
    assert google.remote.get(f"/android/cards/{OBJECT}/barcode.png").content.startswith(b"\x89PNG")
    assert google.remote.get(f"/android/cards/{OBJECT}/barcode.svg").text.startswith("<svg")
    assert google.remote.get("/android/cards/nobody/barcode.png").status_code == 404
