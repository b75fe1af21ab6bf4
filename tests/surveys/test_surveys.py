"""How was it? Once for each visit, privately; and public reviews, recorded and thanked for."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.cast import issue_card, open_house
from walletpass import cards, checks, database, ledger, programs, surveys
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.ledger import Origin
from walletpass.surveys import Survey, answers

GUEST = Origin("system")
DAY = timedelta(days=1)


def visit(house, check="A1", ago=timedelta(hours=2), card=None):
    with database.transaction() as session:
        checks.record(session, card or house.ana, check, 5_000, "", now() - ago)


def answer(house, check="A1", score=9, comment="", card=None):
    with database.transaction() as session:
        mine = cards.get(session, house.id, (card or house.ana).id)
        return surveys.answer(session, programs.get(session, house.id), mine, check, score, comment, GUEST)


def due(house):
    with database.reading() as session:
        found = surveys.due(session, cards.get(session, house.id, house.ana.id))
        return found.id if found else None


def said(house):
    with database.reading() as session:
        return [(row.check_id, row.score, row.comment) for row in surveys.latest(session, house.id)]


@pytest.fixture
def bonuses(monkeypatch):
    """What the ledger is asked to give; it gives nothing here."""
    asked = []

    def bonus(session, program, card, kind, subject, points, origin, *, check_id=""):
        asked.append((card.id, kind, subject, points, check_id))

    monkeypatch.setattr(ledger, "bonus", bonus, raising=False)
    return asked


def test_the_newest_visit_of_seven_days_is_asked_about_once(house):
    assert due(house) is None
    visit(house, "OLD", 8 * DAY)
    assert due(house) is None
    visit(house, "A1", 3 * DAY)
    visit(house, "A2", DAY)
    assert due(house) == "A2"
    answer(house, "A2", 8, "Lovely.")
    assert due(house) is None
    assert said(house) == [("A2", 8, "Lovely.")]
    visit(house, "A3", timedelta(0))
    assert due(house) == "A3"


def test_a_check_that_was_taken_back_or_a_card_that_ended_is_not_asked_about(house):
    visit(house)
    with database.transaction() as session:
        checks.take_back(session, "luna", "A1")
    assert due(house) is None
    visit(house)
    with database.transaction() as session:
        cards.void(session, cards.get(session, "luna", house.ana.id))
    assert due(house) is None


def test_a_visit_is_answered_once(house):
    visit(house)
    answer(house, score=3)
    with pytest.raises(Conflict):
        answer(house, score=10)
    assert said(house) == [("A1", 3, "")]


def test_nobody_answers_for_another_guest_or_another_restaurant(house):
    sova = open_house("sova")
    visit(house)
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    for refused in (lambda: answer(house, card=friend), lambda: answer(sova), lambda: answer(house, "A2")):
        with pytest.raises(NotFound):
            refused()
    assert said(house) == said(sova) == []


@pytest.mark.parametrize("score", [-1, 11, 2**40])
def test_a_score_is_from_nothing_to_ten(house, score):
    visit(house)
    with pytest.raises(Malformed):
        answer(house, score=score)
    assert due(house) == "A1"


def test_a_comment_that_is_too_long_is_refused_and_nothing_is_kept(house):
    visit(house)
    with pytest.raises(Malformed):
        answer(house, comment="x" * 501)
    assert said(house) == []
    answer(house, comment=" \u202ecold\x00 soup\r\n\r\n good  wine\u200b ")
    assert said(house) == [("A1", 9, "cold soup\n\ngood wine")]


@given(st.text(max_size=520))
def test_a_kept_comment_can_be_read_and_cleaning_it_again_changes_nothing(comment):
    try:
        clean = answers.clean(comment)
    except Malformed:
        return
    assert all(char.isprintable() or char == "\n" for char in clean)
    assert len(clean) <= answers.LONGEST_COMMENT
    assert answers.clean(clean) == clean


def test_an_answer_gives_the_program_s_points_for_its_check(house, bonuses):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), survey_points=20)
    visit(house)
    answer(house)
    with pytest.raises(Conflict):
        answer(house)
    assert bonuses == [(house.ana.id, "survey", "A1", 20, "A1")]


def test_without_points_nothing_is_given(house):
    visit(house)
    assert answer(house).points == 0
    with database.reading() as session:
        assert ledger.recent(session, "luna", house.ana.id) == []


def rivals(house, monkeypatch):
    """What comes of two answers that are given at once; on SQLite writers queue, so there one begins when the other is done."""
    meet = threading.Barrier(2, timeout=20)
    found = answers.newest_visit

    def together(session, card):
        check = found(session, card)
        if session.get_bind().dialect.name != "sqlite":
            meet.wait()
        return check

    monkeypatch.setattr(answers, "newest_visit", together)
    outcomes = []

    def one(score):
        try:
            outcomes.append(str(answer(house, score=score).score))
        except (Conflict, IntegrityError) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=one, args=(score,)) for score in (1, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def test_of_two_answers_at_once_one_is_kept(house, monkeypatch, bonuses):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), survey_points=20)
    visit(house)
    outcomes = rivals(house, monkeypatch)
    assert outcomes in (["1", "Conflict"], ["10", "Conflict"])
    assert len(said(house)) == len(bonuses) == 1
    assert str(said(house)[0][1]) in outcomes


def test_looking_before_writing_would_let_two_answers_through(postgresql, monkeypatch, bonuses):
    """The control of the race above: without the insert that waits, both find nothing, and the guest reads of a breakdown."""
    house = open_house()
    visit(house)
    looked = threading.Barrier(2, timeout=20)

    def look_then_write(session, survey):
        if session.get(Survey, (survey.program_id, survey.check_id)) is not None:
            return False
        looked.wait()
        session.add(survey)
        session.flush()
        return True

    monkeypatch.setattr(answers, "_keep", look_then_write)
    assert "IntegrityError" in rivals(house, monkeypatch)


def test_the_average_is_in_tenths_and_low_ones_are_counted(house):
    with database.reading() as session:
        assert surveys.summary(session, "luna", now() - DAY) == surveys.Summary(0, None, 0)
    for number, score in enumerate([10, 9, 6]):
        visit(house, f"A{number}", timedelta(hours=3 - number))
        answer(house, f"A{number}", score)
    with database.reading() as session:
        assert surveys.summary(session, "luna", now() - DAY) == surveys.Summary(3, 83, 1)
        assert surveys.summary(session, "luna", now() - 2 * DAY, now() - DAY) == surveys.Summary(0, None, 0)
        assert surveys.summary(session, "sova", now() - DAY).answers == 0
        assert [row.score for row in surveys.latest(session, "luna", low=True)] == [6]


def review(house, site="tripadvisor", url="https://tripadvisor.example/1", at=None, card=None):
    with database.transaction() as session:
        mine = cards.get(session, "luna", card.id) if card else None
        return surveys.record_review(session, programs.get(session, "luna"), mine, site, url, at or now(), GUEST)


def reviews():
    with database.reading() as session:
        return [row.url for row in surveys.unthanked(session, "luna")]


def test_a_review_is_kept_once_and_listed_until_somebody_said_thank_you(house):
    first = review(house, at=now() - DAY)
    review(house, url="https://tripadvisor.example/2")
    with pytest.raises(Conflict):
        review(house, site="google")
    assert reviews() == ["https://tripadvisor.example/2", "https://tripadvisor.example/1"]
    with database.transaction() as session:
        surveys.thank(session, "luna", first.id, "clara")
        surveys.thank(session, "luna", first.id, "bruno")
        with pytest.raises(NotFound):
            surveys.thank(session, "sova", first.id, "clara")
    assert reviews() == ["https://tripadvisor.example/2"]


def test_a_review_is_rewarded_only_on_a_site_that_the_owner_switched_on_and_for_a_known_guest(house, bonuses):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), review_points=50, rewarded_sites=["thefork"])
    review(house, card=house.ana)
    review(house, "thefork", "https://thefork.example/1")
    assert bonuses == []
    review(house, "TheFork", "https://thefork.example/2", card=house.ana)
    assert [(kind, points) for _card, kind, _subject, points, _check in bonuses] == [("review", 50)]


@pytest.mark.parametrize(
    "values",
    [
        {"site": ""}, {"site": "trip advisor"}, {"site": "x" * 41}, {"url": "javascript:alert(1)"}, {"url": "https://"}, {"url": ""},
        {"url": "https://[::1"}, {"url": "https://x.example/" + "x" * 500}, {"url": "https://x.example/\x00"}, {"at": datetime(2030, 1, 1, tzinfo=UTC) + 3650 * DAY},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 (that is the fault)
    ],
)  # fmt: skip
def test_a_review_of_the_wrong_shape_is_not_kept(luna, values):
    with pytest.raises(Malformed):
        review(luna, **values)
    assert reviews() == []


def test_an_erased_guest_s_words_go_and_the_score_stays(house):
    visit(house)
    answer(house, score=2, comment="I am Ana, call me.")
    review(house, card=house.ana)
    with database.transaction() as session:
        surveys.forget(session, "luna", house.ana.id)
    assert said(house) == [("A1", 2, "")]
    assert reviews() == [""]
