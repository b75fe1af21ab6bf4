"""The question on the card's page, and what the manager reads."""

import re

import pytest

from tests.cast import issue_card, make_app, open_house
from tests.tills import signed_in
from walletpass import cards, checks, database, surveys
from walletpass.database import now
from walletpass.ledger import Origin

PAGE = "/t/luna/surveys"


@pytest.fixture
def guest_phone(house):
    return make_app().test_client()


def address(card):
    return f"/c/luna/{card.link}"


def visit(house, check="A1", card=None):
    with database.transaction() as session:
        checks.record(session, card or house.ana, check, 5_000, "", now())


def tell(phone, card, **form):
    return phone.post(f"{address(card)}/survey", data={"check": "A1", "score": "9", **form})


def kept():
    with database.reading() as session:
        return [(row.check_id, row.score, row.comment) for row in surveys.latest(session, "luna")]


def test_the_card_s_page_asks_after_a_visit_and_thanks_for_the_answer(house, guest_phone):
    assert "How was it?" not in guest_phone.get(address(house.ana)).text
    visit(house)
    page = guest_phone.get(address(house.ana)).text
    assert "How was it?" in page
    assert re.findall(r'name="score" value="(\d+)"', page) == [str(score) for score in range(11)]
    answer = tell(guest_phone, house.ana, comment="Lovely wine.")
    assert answer.status_code == 303
    assert answer.location == f"{address(house.ana)}#survey"
    assert "Set-Cookie" not in answer.headers
    page = guest_phone.get(address(house.ana)).text
    assert "Thank you!" in page
    assert "How was it?" not in page
    assert kept() == [("A1", 9, "Lovely wine.")]


def test_the_language_chosen_by_hand_goes_along(house, guest_phone):
    visit(house)
    page = guest_phone.get(f"{address(house.ana)}?lang=uk").text
    action = re.search(r'action="([^"]+)"', page).group(1)
    answer = guest_phone.post(action, data={"check": "A1", "score": "9"})
    assert answer.location == f"{address(house.ana)}?lang=uk#survey"


def test_an_answer_given_twice_counts_once(house, guest_phone):
    visit(house)
    assert tell(guest_phone, house.ana, score="2").status_code == 303
    assert tell(guest_phone, house.ana, score="10").status_code == 409
    assert kept() == [("A1", 2, "")]


@pytest.mark.parametrize(
    "form", [{"score": ""}, {"score": "11"}, {"score": "-1"}, {"score": "٣"}, {"score": "1e1"}, {"comment": "x" * 501}]
)
def test_an_answer_that_is_none_is_refused_in_a_sentence(house, guest_phone, form):
    visit(house)
    answer = tell(guest_phone, house.ana, **form)
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert kept() == []


def test_only_the_card_s_own_link_answers_for_it(house, guest_phone):
    visit(house)
    open_house("sova")
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    assert tell(guest_phone, friend).status_code == 404
    assert tell(guest_phone, house.ana, check="A2").status_code == 404
    for link in ("nobody", house.ana.link.swapcase(), house.ana.number, house.ana.id):
        assert guest_phone.post(f"/c/luna/{link}/survey", data={"check": "A1", "score": "9"}).status_code == 404
    assert guest_phone.post(f"/c/sova/{house.ana.link}/survey", data={"check": "A1", "score": "9"}).status_code == 404
    assert kept() == []


def test_a_card_that_ended_answers_nothing(house, guest_phone):
    visit(house)
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", house.ana.id))
    assert "How was it?" not in guest_phone.get(address(house.ana)).text
    assert tell(guest_phone, house.ana).status_code == 410


def test_the_manager_reads_scores_comments_and_the_average_and_nobody_else_does(house, guest_phone):
    manager = signed_in(make_app(), house, "Clara")
    assert "Nobody has answered yet" in manager.get(PAGE).text
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Jonas")
    for card, check, score, comment in ((house.ana, "A1", "3", "<script>alert(1)</script> Cold soup."), (friend, "A2", "10", "")):
        visit(house, check, card)
        assert tell(guest_phone, card, check=check, score=score, comment=comment).status_code == 303
    page = manager.get(PAGE).text
    assert "6.5" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Cold soup." in page
    assert "<script>alert" not in page
    assert page.count("Cold soup") == 2, "among the low ones, and among all"
    assert page.count("Jonas") == 1
    assert "Cold soup" not in guest_phone.get(address(house.ana)).text
    assert signed_in(make_app(), house, "Bruno").get(PAGE).status_code == 403
    assert make_app().test_client().get(PAGE).status_code == 302


def test_a_review_is_thanked_for_at_the_manager_s_page(house):
    manager = signed_in(make_app(), house, "Clara")
    with database.transaction() as session:
        surveys.record_review(session, house.program, None, "google", "https://google.example/r/1", now(), Origin("api"))
    page = manager.get(PAGE).text
    review_id = re.search(r'name="review_id" value="([^"]+)"', page).group(1)
    assert manager.post(PAGE, data={"action": "thank", "review_id": review_id}).status_code == 303
    assert review_id not in manager.get(PAGE).text
    assert manager.post(PAGE, data={"action": "thank", "review_id": "nobody"}).status_code == 404
    assert manager.post(PAGE, data={"action": "drop"}).status_code == 422
    assert signed_in(make_app(), house, "Bruno").post(PAGE, data={"action": "thank"}).status_code == 403
