import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.google.faces import DESIGNS, ISSUER, shipped, ticket
from walletpass import google
from walletpass.errors import ConfigurationError
from walletpass.google import account, rules
from walletpass.sandbox import googlerules

Token = Callable[[str, rsa.RSAPublicKey], tuple[dict[str, Any], dict[str, Any]]]


@pytest.mark.parametrize("returned", [False, True])
@pytest.mark.parametrize("name", DESIGNS)
def test_the_ticket_of_every_shipped_design_is_valid_at_google(name: str, returned: bool) -> None:
    face = ticket(name)
    for kind, resource in (("genericClass", google.generic_class(face)), ("genericObject", google.generic_object(face, returned))):
        googlerules.check(kind, resource)
        rules.check(kind, resource)


def test_a_ticket_says_the_hook_what_hangs_there_and_where() -> None:
    said = google.generic_object(ticket())
    assert (said["id"], said["classId"]) == (f"{ISSUER}.coat.ticket1", f"{ISSUER}.luna.coat")
    assert said["cardTitle"]["defaultValue"] == {"language": "en", "value": "Trattoria Luna"}
    assert (said["subheader"]["defaultValue"]["value"], said["header"]["defaultValue"]["value"]) == ("Hook", "A17")
    assert {"language": "uk", "value": "Номерок"} in said["subheader"]["translatedValues"]
    assert {text["id"]: text["body"] for text in said["textModulesData"]} == {"items": "2", "venue": "By the river", "number": "0042"}
    assert said["barcode"] == {"type": "QR_CODE", "value": ticket().code, "alternateText": "0042"}
    assert (said["state"], said["genericType"], said["hexBackgroundColor"]) == ("ACTIVE", "GENERIC_OTHER", "#742b1d")
    assert said["validTimeInterval"] == {"end": {"date": "2026-11-20T01:30:00Z"}}


def test_the_rows_of_a_ticket_are_what_hangs_there_and_where() -> None:
    (row,) = google.generic_class(ticket())["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    paths = [row["twoItems"][item]["firstValue"]["fields"][0]["fieldPath"] for item in ("startItem", "endItem")]
    assert paths == ["object.textModulesData['items']", "object.textModulesData['venue']"]


def test_the_class_of_tickets_tells_what_to_do_when_leaving_and_where_google_calls() -> None:
    said = google.generic_class(ticket())
    assert [text["id"] for text in said["textModulesData"]] == ["address", "txt_leaving"]
    assert [link["uri"] for link in said["linksModuleData"]["uris"]] == [
        "https://luna.example",
        "tel:+4930123456",
        "mailto:ciao@luna.example",
    ]
    assert said["callbackOptions"] == {"url": "https://cards.luna.example/google/callback/luna"}


def test_a_ticket_lies_with_the_card_of_the_same_restaurant_and_on_top() -> None:
    of_ticket, of_card = google.generic_object(ticket())["groupingInfo"], google.loyalty_object(shipped("bistro"))["groupingInfo"]
    assert of_ticket["groupingId"] == of_card["groupingId"]
    assert of_ticket["sortIndex"] < of_card["sortIndex"]


@pytest.mark.parametrize(("returned", "voided"), [(True, False), (False, True)])
def test_a_ticket_whose_coat_is_back_is_completed_and_has_no_code(returned: bool, voided: bool) -> None:
    said = google.generic_object(ticket(voided=voided), returned)
    assert said["state"] == "COMPLETED"
    assert "barcode" not in said


def test_a_ticket_without_an_end_or_a_hook_is_a_ticket() -> None:
    said = google.generic_object(ticket(values={}, expires_at=None))
    googlerules.check("genericObject", said)
    assert said["header"]["defaultValue"]["value"] == "0042"
    assert "validTimeInterval" not in said


def test_one_link_saves_a_card_and_its_tickets(
    key_file: Path, restaurant: Path, private_key: rsa.RSAPrivateKey, check_token: Token
) -> None:
    face, tickets = shipped("bistro"), [ticket(), ticket(serial_number="ticket2")]
    link = google.save_link(account.load(), face, tickets=tickets)
    token = link.removeprefix("https://pay.google.com/gp/v/save/")
    assert len(token) <= 1800
    _, claims = check_token(token, private_key.public_key())
    assert claims["payload"] == {
        "loyaltyObjects": [{"id": f"{ISSUER}.{face.serial_number}", "classId": f"{ISSUER}.luna"}],
        "genericObjects": [{"id": f"{ISSUER}.coat.ticket{number}", "classId": f"{ISSUER}.luna.coat"} for number in (1, 2)],
    }
    assert (claims["aud"], claims["typ"], claims["origins"]) == ("google", "savetowallet", ["https://cards.luna.example"])
    assert type(claims["iat"]) is int
    assert time.time() - 60 < claims["iat"] <= time.time()


def test_a_link_of_a_ticket_alone_names_no_card(
    key_file: Path, restaurant: Path, private_key: rsa.RSAPrivateKey, check_token: Token
) -> None:
    token = google.save_link(account.load(), tickets=[ticket()]).rpartition("/")[2]
    _, claims = check_token(token, private_key.public_key())
    assert list(claims["payload"]) == ["genericObjects"]
    assert "A17" not in json.dumps(claims)


def test_a_link_of_too_many_tickets_is_refused(key_file: Path, restaurant: Path) -> None:
    many = [ticket(serial_number=f"{'ticket':x<24}{number:02}") for number in range(12)]
    with pytest.raises(ConfigurationError, match="Put fewer passes into one link"):
        google.save_link(account.load(), tickets=many)


def test_a_ticket_is_drawn_in_the_language_of_the_restaurant() -> None:
    said = google.generic_object(replace(ticket(), language="ru"))
    assert said["subheader"]["defaultValue"] == {"language": "ru", "value": "Номерок"}
