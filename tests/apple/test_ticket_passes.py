"""A coat ticket at Apple: sound by every rule of Wallet, and kept up to date by the web service like a card."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apple.inspected import rules
from tests.apple.test_apple_web_service import LIST, auth, register
from walletpass import cards, config, database, programs
from walletpass.apple import inspection
from walletpass.cards import design_names

# What is said of a certificate that is a test's, and of nothing else.
OF_THE_CERTIFICATE = {"certificate-other-kind", "issuer-not-apple"}
SHIPPED = Path(config.__file__).parents[1] / "pass_templates"


@pytest.fixture(params=design_names(SHIPPED))
def ticket(request, settings, luna):
    """Two coats of one guest, in each shipped design."""
    config.use(replace(settings, designs_dir=str(SHIPPED)))
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.design = request.param
        program.palette = next(iter(cards.load_design(request.param).palettes))
        session.add(program)
        session.flush()
        return cards.issue_ticket(session, "luna", coat="A17, A18", items="2 coats", venue="Luna am Park")


def package(client, ticket):
    answer = client.get(f"/apple/v1/passes/pass.example.luna/{ticket.serial_number}", headers=auth(ticket))
    assert answer.status_code == 200
    return answer.data


def content(data):
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        return json.loads(files.read("pass.json"))


def change(ticket, *, over=False, **shown):
    with database.transaction() as session:
        card = cards.get(session, "luna", ticket.id)
        cards.show(session, card, **shown)
        if over:
            cards.void(session, card)


def test_it_opens_while_it_hangs_when_nothing_hangs_and_when_it_is_over(client, ticket):
    for shown in ({}, {"coat": None, "items": None}, {"over": True}):
        change(ticket, **shown)
        data = package(client, ticket)
        assert set(rules(inspection.inspect(data))) == OF_THE_CERTIFICATE | ({"pass-voided"} if "over" in shown else set())
        said = content(data)
        assert ("generic" in said, "storeCard" in said) == (True, False)
        assert ("voided" in said, "barcodes" in said) == (("over" in shown), ("over" not in shown))


def test_a_phone_that_holds_it_is_told_of_a_changed_hook_and_of_the_end(client, ticket):
    assert register(client, ticket).status_code == 201
    first = client.get(LIST).get_json()
    assert first["serialNumbers"] == [ticket.serial_number]
    for shown in ({"coat": "B2"}, {"over": True, "coat": None}):
        change(ticket, **shown)
        news = client.get(LIST, query_string={"passesUpdatedSince": first["lastUpdated"]}).get_json()
        assert news["serialNumbers"] == [ticket.serial_number]
        assert int(news["lastUpdated"]) > int(first["lastUpdated"])
        first = news
    assert content(package(client, ticket))["voided"] is True


def test_a_hook_that_changes_is_put_into_words_by_the_phone(client, ticket):
    (hook,) = content(package(client, ticket))["generic"]["primaryFields"]
    assert (hook["value"], hook["changeMessage"]) == ("A17, A18", "chg_hook")


def test_without_a_ticket_in_the_design_a_phone_keeps_what_it_has(client, ticket, settings):
    config.use(settings)
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.design, program.palette = "tiny", "plain"
        session.add(program)
    answer = client.get(f"/apple/v1/passes/pass.example.luna/{ticket.serial_number}", headers=auth(ticket))
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "no_ticket_design"
