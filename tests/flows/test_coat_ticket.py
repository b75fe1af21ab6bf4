"""A guest without a card hangs up a coat: the ticket in both wallets, from the counter to the way home."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.demo import Demo, wait_for
from walletpass import cards, config, database
from walletpass.cards import Card

LATEST = 20.0  # seconds: a second change of a card within five seconds waits for them to pass


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("coats")).start()
    yield running
    running.stop()


@pytest.fixture
def ticket(demo: Demo) -> Iterator[Card]:
    """As the counter gives it out."""
    config.use(config.load(demo.environment()))
    database.bind(demo.access["database_url"])
    with database.transaction() as session:
        made = cards.issue_ticket(session, "luna", coat="A17", items="1 coat", venue="Luna am Park")
    yield made
    database.unbind()


def finger(demo: Demo, path: str, **body: Any) -> Any:
    answer = requests.post(f"{demo.sandbox}/{path}", json=body, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_iphone(demo: Demo, ticket: Card) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in _state(demo)["iphone"]["passes"] if one["serial"] == ticket.serial_number)
    return found


def on_android(demo: Demo, ticket: Card) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in _state(demo)["android"]["cards"] if one["id"].endswith(ticket.serial_number))
    return found


def _state(demo: Demo) -> Any:
    return requests.get(f"{demo.sandbox}/state", timeout=10).json()


def said(held: dict[str, Any], slot: str) -> dict[str, str]:
    return {field["key"]: field["value"] for field in held[f"{slot}Fields"]}


def test_a_ticket_is_saved_on_both_phones_follows_the_coat_and_ends(demo: Demo, ticket: Card) -> None:
    page = f"{demo.base}/c/luna/{ticket.link}"
    finger(demo, "iphone/open", url=f"{page}/card.pkpass")
    finger(demo, "iphone/add")
    finger(demo, "android/open", url=f"{page}/google")
    finger(demo, "android/add")

    apple, google = on_iphone(demo, ticket), on_android(demo, ticket)
    assert (apple["style"], apple["description"], apple["registered"]) == ("generic", "Coat ticket", True)
    assert (said(apple, "primary"), said(apple, "header")) == ({"hook": "A17"}, {"items": "1 coat"})
    assert set(apple["images"]) == {"icon", "logo", "thumbnail"}
    assert (google["generic"], google["subheader"], google["program"], google["over"]) == (True, "Hook", "A17", False)
    assert apple["barcode"]["message"] == google["barcode"]["message"] == cards.card_code("luna", ticket.key_id, ticket.token)

    with database.transaction() as session:
        cards.show(session, cards.get(session, "luna", ticket.id), coat="A17, A18", items="2 coats")
    wait_for(lambda: said(on_iphone(demo, ticket), "primary") == {"hook": "A17, A18"}, LATEST)
    wait_for(lambda: on_android(demo, ticket)["program"] == "A17, A18", LATEST)
    assert [one["text"] for one in _state(demo)["iphone"]["banners"]] == ["Your coat is on hook A17, A18"]

    with database.transaction() as session:
        card = cards.get(session, "luna", ticket.id)
        cards.show(session, card, coat=None, items=None)
        cards.void(session, card)
    wait_for(lambda: on_iphone(demo, ticket)["voided"], LATEST)
    wait_for(lambda: on_android(demo, ticket)["over"], LATEST)
    apple, google = on_iphone(demo, ticket), on_android(demo, ticket)
    assert (apple["barcode"], said(apple, "primary")) == (None, {})
    assert (google["state"], google["barcode"]) == ("COMPLETED", None)
    assert requests.get(f"{demo.sandbox}/google/requests", timeout=10).json()["wrong"] == []


def test_a_guest_who_deletes_the_ticket_is_told_nothing_more(demo: Demo, ticket: Card) -> None:
    page = f"{demo.base}/c/luna/{ticket.link}"
    finger(demo, "iphone/open", url=f"{page}/card.pkpass")
    finger(demo, "iphone/add")
    finger(demo, "android/open", url=f"{page}/google")
    finger(demo, "android/add")
    finger(demo, "iphone/delete", serial=ticket.serial_number)
    finger(demo, "android/delete", id=on_android(demo, ticket)["id"])

    calls = f"{demo.sandbox}/google/calls"
    told = wait_for(lambda: [one for one in requests.get(calls, timeout=10).json()["made"] if ticket.serial_number in one["message"]])
    assert {one["status"] for one in told} == {204}
    with database.reading() as session:
        assert cards.get(session, "luna", ticket.id).wallets == ["google"]
