"""What an operator decides about Google Wallet, and where to look when it does not work."""

import pytest
from sqlmodel import col, select, update

from walletpass import cards, database, programs
from walletpass.delivery import Outbox
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.programs import Program

ADD = ("programs", "add", "mare", "--name", "Mare", "--pass-type", "pass.example.mare", "--team", "MARE000001")


def program(id):
    with database.reading() as session:
        return programs.get(session, id)


def test_changing_codes_are_off_until_somebody_switches_them_on(run, opened, sqlite):
    assert run(*ADD).exit_code == 0
    assert not program("mare").rotating_codes
    result = run("programs", "google", "mare", "--rotating-codes", "--issuer", "3388000000000000009", "--names")
    assert result.output == "Mare: issuer 3388000000000000009, rotating codes, names. 0 cards on their way to Google.\n"
    assert (program("mare").rotating_codes, program("mare").google_names) == (True, True)
    assert "no rotating codes, names" in run("programs", "google", "mare", "--no-rotating-codes").output
    assert not program("mare").rotating_codes


def test_a_restaurant_may_open_with_them(run, opened, sqlite):
    assert run(*ADD, "--rotating-codes").exit_code == 0
    assert program("mare").rotating_codes


def test_cards_that_are_in_google_wallet_are_sent_anew_and_once(run, opened, luna):
    run("programs", "google", "luna", "--issuer", "3388000000000000001")
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, luna.id, luna.ana.id), "google")
    assert run("programs", "google", "luna", "--rotating-codes").output.endswith(" 1 card on its way to Google.\n")
    with database.reading() as session:
        (row,) = session.exec(select(Outbox)).all()
    assert (row.card_id, row.channel, row.bulk) == (luna.ana.id, "google", True)
    assert run("programs", "google", "luna", "--rotating-codes").output.endswith("0 cards on their way to Google.\n")


def test_an_issuer_does_not_change_under_cards_that_are_in_google_wallet(run, opened, luna):
    assert run("programs", "google", "luna", "--issuer", "3388000000000000001").exit_code == 0
    with database.transaction() as session:
        cards.put_on(session, cards.get(session, luna.id, luna.ana.id), "google")
    for other in ("3388000000000000002", ""):
        refused = run("programs", "google", "luna", "--issuer", other)
        assert isinstance(refused.exception, Conflict)
        assert "1 card is in Google Wallet under issuer 3388000000000000001." in refused.exception.message
        assert "--yes-cards-stay-behind" in refused.exception.message
    assert program("luna").google_issuer_id == "3388000000000000001"
    assert run("programs", "google", "luna", "--issuer", "3388000000000000001", "--names").exit_code == 0
    done = run("programs", "google", "luna", "--issuer", "3388000000000000002", "--yes-cards-stay-behind")
    assert done.output.startswith("Trattoria Luna: issuer 3388000000000000002,")
    assert program("luna").google_issuer_id == "3388000000000000002"


def test_looking_changes_nothing(run, opened, luna):
    before = program("luna")
    assert (
        run("programs", "google", "luna").output
        == "Trattoria Luna: issuer none, no rotating codes, no names. 0 cards on their way to Google.\n"
    )
    assert program("luna") == before


def test_an_issuer_id_that_is_none_is_refused(run, opened, luna):
    assert isinstance(run("programs", "google", "luna", "--issuer", "luna").exception, Malformed)


def test_the_doctor_knows_whom_to_ask_about_google(run, opened, luna):
    assert "google check" not in run("doctor").output
    with database.transaction() as session:
        session.exec(update(Program).where(col(Program.id) == "luna").values(google_issuer_id="3388000000000000001"))
    assert run("doctor").output == "Everything is sound.\nWhat only Google can tell: walletpass google check\n"


def test_a_check_without_an_issuer_or_of_nobody_says_so(run, opened, luna):
    nothing = run("google", "check")
    assert (nothing.exit_code, nothing.output.count("\n")) == (0, 1)
    assert nothing.output.startswith("Nothing to check yet: no restaurant has an issuer id of Google's.")
    assert isinstance(run("google", "check", "nobody").exception, NotFound)
    result = run("google", "check", "luna")
    assert (result.exit_code, "walletpass programs google luna --issuer" in result.output) == (1, True)


@pytest.mark.parametrize("option", ["--rotating-codes", "--no-rotating-codes"])
def test_nobody_s_codes_are_not_changed(run, opened, luna, option):
    assert isinstance(run("programs", "google", "nobody", option).exception, NotFound)
