"""One sentence: the first of the owner's occasions that is there, and that was not said before."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cast import issue_card, make_till
from tests.coatcheck.counter import Counter
from walletpass import cards, checks, database, guests, hostess, programs, staff, surveys
from walletpass.database import now
from walletpass.errors import Malformed, NotFound
from walletpass.hostess import KINDS, Occasion
from walletpass.hostess.words import MAY_SAY, SENTENCES
from walletpass.ledger import Origin

EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _evening():
    with time_machine.travel(EVENING, tick=False):
        yield


def review(door, days=12, number=1, card=None):
    with database.transaction() as session:
        url = f"https://reviews.example/{number}"
        return surveys.record_review(
            session, door.house.program, card or door.house.ana, "tripadvisor", url, now() - days * DAY, Origin("system")
        )


def born(door, birthday):
    with database.transaction() as session:
        guest = guests.get(session, door.house.id, door.house.ana.guest_id)
        guests.profile(session, door.house.program, guest, birthday=birthday)


def set_rules(door, *wanted):
    with database.transaction() as session:
        hostess.set_occasions(session, door.house.id, list(wanted))


def sign_in(door):
    till, _ = make_till(door.house.id)
    return staff.sign_in(till, door.house.bruno.id, "1470")


def manner(door, **how):
    with database.transaction() as session:
        hostess.manner(session, cards.get(session, door.house.id, door.house.ana.id), **how)


def visits(door, count, ago=30 * DAY, **options):
    for number in range(count):
        door.visit(f"V{number}", ago + number * DAY, **options)


def review_and_regular(door):
    visits(door, 6)
    review(door)


def away(days):
    return lambda door: visits(door, 1, days * DAY)


def on(birthday):
    def known(door):
        visits(door, 1)
        born(door, birthday)

    return known


def booked(door):
    visits(door, 1)
    door.book(phone="0151 23456789", notes="a quiet table.")


def served(door):
    visits(door, 2, waiter=door.house.bruno.id)
    sign_in(door)


def very_important(door):
    visits(door, 1)
    manner(door, vip=True)


CASES = [
    ("first_visit", lambda door: None, "Welcome! You are with us for the first time.", "Вітаємо! Ви у нас уперше.", "Добро пожаловать! Вы у нас впервые."),
    ("review", review_and_regular, "Thank you for your review of 12 November.", "Дякуємо за ваш відгук від 12 листопада.", "Спасибо за ваш отзыв от 12 ноября."),
    ("absence", away(240), "We have missed you since March.", "Ми не бачили вас з березня - раді, що ви знову тут.", "Мы не видели вас с марта - рады, что вы снова здесь."),
    ("absence", away(600), "We have missed you since April 2025.", "Ми не бачили вас з квітня 2025 - раді, що ви знову тут.", "Мы не видели вас с апреля 2025 - рады, что вы снова здесь."),
    ("birthday", on("1990-11-24"), "Happy birthday!", "З днем народження!", "С днём рождения!"),
    ("birthday", on("--12-01"), "Your birthday is on 1 December: may we keep a table for you?", "1 грудня у вас день народження: залишити для вас столик?", "1 декабря у вас день рождения: оставить для вас столик?"),
    ("birthday", on("--11-20"), "Belated best wishes for your birthday!", "З минулим днем народження!", "С прошедшим днём рождения!"),
    ("booking_note", booked, "We have read your note: a quiet table.", "Ми прочитали ваше побажання: a quiet table.", "Мы прочли ваше пожелание: a quiet table."),
    ("usual_waiter", served, "Bruno is here today, and will gladly look after you.", "Сьогодні працює Bruno і з радістю про вас подбає.", "Сегодня работает Bruno и с радостью о вас позаботится."),
    ("vip", very_important, "It is an honour to have you here.", "Для нас честь вітати вас.", "Для нас честь принимать вас."),
    ("regular", lambda door: visits(door, 5), "Good to see you again.", "Раді бачити вас знову.", "Рады видеть вас снова."),
    ("again", lambda door: visits(door, 4), "Welcome back.", "Вітаємо знову!", "С возвращением!"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "known", "en", "uk", "ru"), CASES, ids=[f"{case[0]}: {case[2][:24]}" for case in CASES])
def test_what_is_said_to_whom(door, kind, known, en, uk, ru):
    known(door)
    door.arrive()
    assert door.here().sentence.kind == kind
    assert [door.here(language).sentence.text for language in ("en", "uk", "ru")] == [en, uk, ru]


def test_a_coat_that_stayed_is_told_of_at_the_door_and_one_that_hangs_to_who_has_paid(door):
    counter = Counter(door.house)
    visits(door, 6)
    kept = counter.check_in("coat")
    counter.keep(kept)
    door.arrive()
    hung = counter.check_in("A2")
    assert [(thing.hook_label, thing.state) for thing in door.here().person.coats] == [("A1", "kept"), ("A2", "hung")]
    assert door.here().sentence.kind == "coat_kept"
    assert "гардеробі" in door.here("uk").sentence.text
    door.say(door.here())
    assert door.here().sentence.kind == "regular"
    door.visit("tonight", timedelta(0))
    assert door.here().sentence.text == "Do not forget your things in the cloakroom: A2."
    counter.hand_back(hung, [2])
    assert door.here().sentence.kind == "regular"


@pytest.mark.parametrize("days", [59, 61])
def test_an_absence_is_as_long_as_the_owner_says(door, days):
    visits(door, 1, days * DAY)
    door.arrive()
    assert (door.here().sentence.kind == "absence") is (days > 60)
    set_rules(door, Occasion("absence", days=30))
    assert door.here().sentence.kind == "absence"


@pytest.mark.parametrize(("birthday", "near"), [("--11-17", True), ("--11-16", False), ("--12-01", True), ("--12-02", False)])
def test_a_birthday_is_near_for_a_week_on_either_side(door, birthday, near):
    on(birthday)(door)
    door.arrive()
    assert (door.here().sentence.kind == "birthday") is near


@pytest.mark.parametrize(
    ("today", "birthday"), [("2026-12-30", "--01-02"), ("2027-01-02", "--12-29"), ("2027-02-28", "--02-29"), ("2028-02-29", "--02-29")]
)
def test_a_birthday_is_near_across_the_year_and_in_years_without_its_day(door, today, birthday):
    with time_machine.travel(datetime.fromisoformat(f"{today}T19:00:00+00:00"), tick=False):
        on(birthday)(door)
        door.arrive()
        one = door.here()
        assert one.sentence.kind == "birthday"
        door.say(one)
        assert door.here().sentence.kind != "birthday"


def test_what_was_said_does_not_come_again_for_the_same_reason_and_the_next_one_does(door):
    review_and_regular(door)
    second = review(door, days=2, number=2)
    door.arrive()
    said = []
    while (one := door.here()).sentence is not None:
        said.append((one.sentence.kind, one.sentence.about))
        door.say(one)
    assert [kind for kind, _ in said] == ["review", "review", "regular", "again"]
    assert said[0][1] == second.id, "the newest first"
    with database.reading() as session:
        assert surveys.unthanked(session, door.house.id) == []


def test_at_the_next_visit_a_review_that_was_thanked_for_stays_away_and_a_greeting_comes_again(door):
    review_and_regular(door)
    for kind in ("review", "regular", "again"):
        door.arrive()
        assert door.here().sentence.kind == kind
        door.say(door.here())
    door.gone(door.here().arrival)
    with time_machine.travel(now() + DAY, tick=False):
        door.arrive()
        assert door.here().sentence.kind == "regular"


def test_a_review_that_a_manager_thanked_for_elsewhere_is_not_said(door):
    found = review(door)
    with database.transaction() as session:
        surveys.thank(session, door.house.id, found.id, door.house.clara.id)
    door.arrive()
    assert door.here().sentence.kind == "first_visit"


def test_this_year_s_birthday_was_said_and_next_year_s_comes(door):
    on("--11-24")(door)
    door.arrive()
    door.say(door.here())
    assert door.here().sentence.kind != "birthday"
    with time_machine.travel(datetime(2027, 11, 24, 19, 0, tzinfo=UTC), tick=False):
        set_rules(door, Occasion("birthday", days=7))
        door.arrive()
        assert door.here().sentence.kind == "birthday"


def test_the_owner_s_order_and_the_owner_s_words(door):
    review_and_regular(door)
    door.arrive()
    own = {"en": "So glad, {name}: visit {visits}!", "uk": "", "ru": "Рады!"}
    set_rules(door, Occasion("regular", words=own), Occasion("review", active=False))
    assert [door.here(language).sentence.text for language in ("en", "uk", "ru")] == [
        "So glad, Ana: visit 6!",
        "Раді бачити вас знову.",
        "Рады!",
    ]
    door.say(door.here())
    assert door.here().sentence.kind == "again", "what was switched off is not said, and what was not spoken of comes last"
    set_rules(door)
    assert door.here().sentence.kind == "review"


@pytest.mark.parametrize(
    "wrong",
    [
        [Occasion("joke")],
        [Occasion("vip"), Occasion("vip")],
        [Occasion("absence", days=-1)],
        [Occasion("absence", days=4_000)],
        [Occasion("vip", words={"fr": "Bonjour"})],
        [Occasion("vip", words={"en": "x" * 161})],
        [Occasion("vip", words={"en": "Hello {date}"})],
        [Occasion("vip", words={"en": "Hello {name.__class__}"})],
        [Occasion("vip", words={"en": "Hello {name!r}"})],
        [Occasion("vip", words={"en": "Hello {0}"})],
        [Occasion("vip", words={"en": "Hello {"})],
    ],
    ids=str,
)
def test_words_that_cannot_be_said_are_refused_and_the_rules_stay(door, wrong):
    set_rules(door, Occasion("vip", words={"en": "Hello, {name}."}))
    with pytest.raises(Malformed):
        set_rules(door, *wrong)
    with database.reading() as session:
        assert hostess.occasions(session, door.house.id)[0].words == {"en": "Hello, {name}."}


def test_every_occasion_has_words_in_every_language():
    assert set(SENTENCES) == {*KINDS, "birthday_soon", "birthday_past"}
    assert set(MAY_SAY) == set(KINDS)
    assert all(set(words) == set(guests.LANGUAGES) for words in SENTENCES.values())


def test_a_vip_is_made_by_hand_or_by_the_owner_s_rule(door):
    visits(door, 3, amount=10_000)
    door.arrive()
    assert not door.here().person.vip
    for rule in ({"vip_visits": 3}, {"vip_visits": 0, "vip_spent": 30_000}):
        with database.transaction() as session:
            programs.change(session, programs.lock(session, door.house.id), **rule)
        assert door.here().person.vip
    manner(door, vip=False)
    assert not door.here().person.vip, "what somebody said by hand stands"
    manner(door, vip="rule")
    assert door.here().person.vip


def test_the_usual_waiter_is_named_and_said_to_be_here_only_when_signed_in(door):
    visits(door, 2, waiter=door.house.bruno.id)
    door.arrive()
    assert (door.here().person.usual_waiter, door.here().person.usual_waiter_here) == ("Bruno", False)
    secret = sign_in(door)
    assert door.here().person.usual_waiter_here
    with database.transaction() as session:
        staff.sign_out(session, door.house.id, secret)
    assert not door.here().person.usual_waiter_here
    sign_in(door)
    with time_machine.travel(now() + timedelta(hours=5), tick=False):
        assert not door.here().person.usual_waiter_here, "whoever touched no till for hours has gone home"


def test_the_board_s_usual_waiter_is_the_till_s(door):
    for number, waiter in enumerate(["Olena", "Olena", "Petro", "Petro", "Petro"]):
        door.visit(f"W{number}", (9 - number) * DAY, waiter=waiter)
    door.visit("old", 400 * DAY, waiter="Olena")
    door.visit("older", 401 * DAY, waiter="Olena")
    door.arrive()
    with database.reading() as session:
        till = checks.summary(session, door.house.ana)
    assert door.here().person.usual_waiter == till.usual_waiter == "Petro"


def test_a_note_is_read_where_it_is_meant_and_how_a_name_is_said(door):
    with database.transaction() as session:
        venue = programs.add_venue(session, programs.get(session, door.house.id), "Luna am See")
        for text, where in (("Nuts!", ""), ("The corner here", door.house.venue.id), ("The terrace there", venue.id)):
            hostess.note(session, door.house.ana, text, where, hostess.By(door.house.bruno.id))
    manner(door, say_name="AH-na", place="7")
    door.arrive()
    person = door.here().person
    assert {(note.text, note.everywhere, note.by) for note in person.notes} == {
        ("Nuts!", True, "Bruno"),
        ("The corner here", False, "Bruno"),
    }
    assert (person.say_name, person.place) == ("AH-na", "7")
    with database.transaction() as session:
        hostess.drop_note(session, door.house.id, next(note.id for note in person.notes if note.everywhere))
    assert [note.text for note in door.here().person.notes] == ["The corner here"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 301])
def test_a_note_says_something_and_not_too_much(door, text):
    with database.transaction() as session, pytest.raises(Malformed):
        hostess.note(session, door.house.ana, text)


def test_nobody_is_thanked_for_the_review_of_another(door):
    with database.transaction() as session:
        bea = issue_card(session, door.house.program, "Bea", "+49 151 77777777")
    theirs = review(door, card=bea)
    arrival = door.arrive().arrival
    with database.transaction() as session, pytest.raises(NotFound):
        hostess.done(session, door.house.id, arrival.id, "review", theirs.id)
    with database.transaction() as session, pytest.raises(Malformed):
        hostess.done(session, door.house.id, arrival.id, "joke", "")
    stranger = door.check_in(door.book(name="Iryna")).arrival
    with database.transaction() as session, pytest.raises(NotFound):
        hostess.done(session, door.house.id, stranger.id, "vip", "")
