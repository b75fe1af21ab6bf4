"""What is kept for ever, and what is answered, names nobody."""

import pytest
from sqlalchemy import text

from tests.api.till import post
from tests.cast import issue_card, make_app
from walletpass import cards, database, staff
from walletpass.staff import SCOPES

NAMES = ("Ana", "Olha", "Koval", "Bruno", "Clara", "Dmitro")
NUMBERS = ("15123456789", "1515550001", "23456789")
REASON = "Olha Koval (+49 151 5550001) sat at Ana's table"


@pytest.fixture
def deeds(house):
    """Every write of the API once, with names and numbers wherever a till may send words; all answers."""
    client = make_app().test_client()
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Olha Koval", "+49 151 5550001")
        bearer = {"Authorization": f"Bearer {staff.make_api_key(session, house.id, 'Back office', scopes=SCOPES)}"}
    lines = [{"amount": 10_000, "name": "for Ana, 15123456789", "sku": "Koval", "category": "wine"}]
    answers = []

    def send(path, **body):
        answer = post(client, path, body, bearer)
        assert answer.status_code in (200, 202), (path, answer.get_json())
        answers.append(answer)
        return answer.get_json()

    ana, why = house.ana.number, {"reason": REASON}
    earned = send("earn", card=ana, lines=lines, check_id="A1")["entry"]["id"]
    send("earn", card=ana, lines=lines, check_id="A0", at="2026-01-01T12:00:00Z")
    send("redeem", card=ana, amount=1_000, points=10)
    for then in ("capture", "release"):
        held = send("hold", card=ana, amount=1_000, points=10)["hold"]["id"]
        send(then, hold=held, **({"amount": 1_000} if then == "capture" else {}))
    moved = send("move", entry=earned, to=friend.number, **why)["entry"]["id"]
    send("refund", check_id="A1", amount=100, **why)
    send("undo", entry=moved, **why)
    send("adjust", card=ana, points=500, **why)
    made = send("merge", card=friend.number, into=ana, **why)["merge"]
    send("unmerge", merge=made, **why)
    return answers


def test_no_answer_to_a_write_and_no_kept_answer_names_anybody(house, deeds):
    with database.reading() as session:
        kept = repr(session.execute(text("SELECT * FROM idempotency_key")).all())
        card = cards.get(session, house.id, house.ana.id)
        secrets = (card.serial_number, card.token, card.link)
    assert len(kept) > 1_000
    for told in (kept, *(answer.text for answer in deeds)):
        for word in (*NAMES, *NUMBERS, *secrets):
            assert word not in told, word


def test_what_waits_for_a_manager_names_nobody(deeds):
    with database.reading() as session:
        kept = repr(session.execute(text("SELECT body FROM late_deed")).all())
    for word in (*NUMBERS, *NAMES):
        assert word not in kept
