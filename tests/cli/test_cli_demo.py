"""What the demo's guests and tills have to begin with."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from tests.api.till import post
from tests.cast import make_app
from walletpass import cards, database, ledger
from walletpass.cli import demo_data
from walletpass.database import now
from walletpass.events.models import Event
from walletpass.guests import Guest
from walletpass.ledger import Account, Entry


@pytest.fixture
def told(sqlite, tmp_path, monkeypatch):
    """The demo's restaurants, with few guests; by name."""
    monkeypatch.setattr(demo_data, "GUESTS", 16)
    return {program["id"]: program for program in demo_data.fill(tmp_path)}


def test_points_of_the_history_do_not_count_against_what_a_guest_may_spend_today(told):
    with database.reading() as session:
        rich = session.exec(select(Account).where(Account.program_id == "luna", col(Account.available) > 300)).all()
        numbers = [cards.get(session, "luna", account.card_id).number for account in rich]
        paid = session.exec(select(Entry.card_id).where(Entry.program_id == "luna", Entry.type == "redeem")).all()
    assert {account.card_id for account in rich} & set(paid)
    client, headers = make_app().test_client(), {"Authorization": f"Bearer {told['luna']['api_key']}"}
    for place, number in enumerate(numbers):
        body = {"card": number, "amount": 4_000, "points": 100, "check_id": f"today-{place}"}
        answer = post(client, "hold", body, headers)
        assert answer.status_code == 200, answer.get_json()


def test_what_happened_in_january_was_written_in_january(told):
    with database.reading() as session:
        entries, joined = session.exec(select(Entry)).all(), session.exec(select(Guest.created_at)).all()
        faults = [fault for program_id in told for fault in ledger.verify(session, program_id)]
        written = session.exec(select(Event.recorded_at).where(Event.program_id == "luna").order_by(col(Event.number))).all()
    assert all(entry.recorded_at == entry.event_at < now() - timedelta(hours=20) for entry in entries)
    assert len({entry.recorded_at.date() for entry in entries}) > 20
    assert max(joined) < now() - timedelta(hours=20)
    assert written == sorted(written)
    assert not faults


def test_the_second_start_invites_nobody_and_says_so_nowhere(told, tmp_path, capsys):
    capsys.readouterr()
    again = demo_data.fill(tmp_path)
    assert "Inviting" not in "".join(capsys.readouterr())
    assert [program["api_key"] for program in again] == [program["api_key"] for program in told.values()]


def test_each_restaurant_says_its_rules_in_all_languages_and_its_own_first(told):
    with database.reading() as session:
        terms = {
            program_id: cards.face(session, session.exec(select(cards.Card).where(cards.Card.program_id == program_id)).first())
            for program_id in told
        }
    assert terms["luna"].contact.terms.startswith("One point for every €0.10")
    assert terms["sova"].contact.terms.startswith("Один бал за кожні сплачені 0,10 €")
    assert all("0,10 €" in face.contact.terms and "балл" in face.contact.terms for face in terms.values())
