"""What is known of a guest is the same whether it was kept check by check or is told again from all of them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, func, select, update

from tests.cast import issue_card, open_house
from tests.checks.room import BEER, FISH, SOUP, TIP, Room
from tests.ledger.book import earn, undo
from walletpass import checks, database
from walletpass.cards import Card
from walletpass.checks import Check, Favourites, Habit, Ordered, liking
from walletpass.database import new_id, now
from walletpass.errors import WalletpassError

MONDAY = datetime(2026, 3, 2, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)
WINE = Ordered(700, name="Wine", sku="wine", drink=True)
CAKE = Ordered(500, name="Cake", sku="cake")
STEAK = Ordered(2_000, name="Steak", sku="steak")


@pytest.fixture
def room(house):
    return Room(house)


@pytest.fixture(autouse=True)
def _on_tuesday():
    with time_machine.travel(MONDAY + DAY, tick=True):
        yield


def test_what_was_ordered_lately_counts_more_than_what_was_ordered_often(room):
    for number in range(3):
        room.dine(f"A{number}", SOUP, at=MONDAY - (200 + number) * DAY)
    room.dine("B1", FISH, at=MONDAY)
    assert room.summary().favourites == Favourites(("Trout", "Borscht"), ())


def test_three_dishes_and_two_drinks_that_can_be_had_today(house, room):
    tea, cider = Ordered(200, name="Tea", sku="tea", drink=True), Ordered(300, name="Cider", sku="cider", drink=True)
    for number, order in enumerate(([SOUP, BEER], [SOUP, FISH, BEER, WINE], [SOUP, FISH, CAKE, STEAK, BEER, WINE, tea, cider, TIP])):
        room.dine(f"A{number}", *order, at=MONDAY + timedelta(minutes=number))
    assert room.summary().favourites == Favourites(("Borscht", "Trout", "Cake"), ("Beer", "Wine"))
    with database.transaction() as session:
        for sku in ("soup", "beer"):
            checks.set_available(session, house.id, sku, False)
    assert room.summary().favourites == Favourites(("Trout", "Cake", "Steak"), ("Wine", "Cider"))


def test_what_was_last_ordered_more_than_a_year_ago_is_no_favourite(room):
    room.dine("A1", SOUP, at=MONDAY - 366 * DAY)
    room.dine("A2", FISH, at=MONDAY - 360 * DAY)
    assert room.summary().favourites.dishes == ("Trout",)


def test_two_portions_count_twice(room):
    room.dine("A1", SOUP, Ordered(2_800, name="Trout", sku="fish", quantity=2))
    assert room.summary().favourites.dishes == ("Trout", "Borscht")


def test_what_was_sent_back_is_no_favourite(room):
    room.dine("A1", SOUP, FISH, FISH)
    room.refund("A1", 2, 3)
    assert room.summary().favourites.dishes == ("Borscht",)


def test_the_usual_waiter_served_most_of_the_last_year(room):
    for number in range(4):
        room.dine(f"A{number}", SOUP, at=MONDAY - (400 + number) * DAY, waiter="Petro")
    for number in range(2):
        room.dine(f"B{number}", SOUP, at=MONDAY - (20 + number) * DAY, waiter="Olena")
    assert room.summary().usual_waiter == "Olena"
    room.dine("C1", SOUP, at=MONDAY - 10 * DAY, waiter="Petro")
    assert room.summary().usual_waiter == "Olena", "what is older than a year does not count"
    room.dine("C2", SOUP, at=MONDAY - 9 * DAY, waiter="Petro")
    assert room.summary().usual_waiter == "Petro", "of equals, who did so last"


def test_the_usual_waiter_has_a_name(house, room):
    for check in ("A1", "A2"):
        room.dine(check, SOUP, waiter=house.bruno.id)
    assert room.summary().usual_waiter == "Bruno"


def test_nobody_is_usual_who_served_a_guest_once(room):
    room.dine("A1", SOUP, at=MONDAY - 400 * DAY, waiter="Olena")
    room.dine("A2", SOUP, at=MONDAY - 20 * DAY, waiter="Petro")
    room.dine("A3", SOUP, at=MONDAY - 10 * DAY, waiter="Olena")
    assert room.summary().usual_waiter == "", "the visit before last was more than a year ago"
    room.dine("A4", SOUP, at=MONDAY, waiter="Petro")
    assert room.summary().usual_waiter == "Petro"


def test_a_guest_is_new_then_known_then_a_regular(house, room):
    assert (room.summary().first_visit, room.summary().regular) == (True, False)
    for number in range(house.program.regular_visits):
        assert room.summary().regular is False
        room.dine(f"A{number}", SOUP)
        assert room.summary().first_visit is False
    assert room.summary().regular is True
    room.void("A0")
    assert room.summary().regular is False


def test_a_look_reads_no_check_however_many_there_are(house, room):
    for number in range(12):
        room.dine(f"A{number}", SOUP, BEER, waiter="Olena", at=MONDAY - number * DAY)
    with database.transaction() as session:
        session.execute(update(Check).where(col(Check.program_id) == house.id).values(amount=9_999, refunded=0))
    assert room.summary().average == 1_000


def test_a_card_that_went_up_in_another_speaks_through_that_one_and_not_any_more_when_they_are_two_again(house, room):
    with database.transaction() as session:
        other = issue_card(session, house.program, "Ana again")
    room.dine("A1", SOUP, waiter="Olena", at=MONDAY)
    room.dine("A2", FISH, BEER, card=other, waiter="Olena", at=MONDAY - DAY)
    apart = room.told(), room.told(other)

    def merged(into, joined):
        with database.transaction() as session:
            session.execute(update(Card).where(col(Card.id) == other.id).values(merged_into=into))
            session.execute(update(Card).where(col(Card.id) == house.ana.id).values(joined=joined))
        assert [room.retell(), room.retell(other)] == [True, True]
        assert [room.retell(), room.retell(other)] == [False, False]

    merged(house.ana.id, True)
    assert (room.summary().visits, room.summary().average, room.summary(other).visits) == (2, 1_200, 0)
    assert set(room.told()["likes"]) == {"soup", "fish", "beer"}
    room.refund("A2", 2)
    assert set(room.told()["likes"]) == {"soup", "fish"}, "what goes back of the other card's check is told under this one"
    merged("", False)
    assert room.told() == apart[0]
    assert room.told(other) != apart[1]


def test_a_check_that_is_moved_is_the_other_guests_visit(house, room):
    with database.transaction() as session:
        friend = issue_card(session, house.program, "Friend")
    room.dine("A1", SOUP, waiter="Olena")
    mine = room.told()
    with database.transaction() as session:
        checks.move(session, house.id, "A1", friend)
    assert room.told(friend) == mine
    assert room.told() == {"habit": (0, 0, None, None), "likes": {}, "served": {}}


def test_a_rank_is_the_logarithm_of_the_weighted_count():
    young, old = MONDAY, MONDAY - liking.HALF_LIFE
    assert liking.rank(2, old) == pytest.approx(liking.rank(1, young))
    assert liking.more(liking.rank(1, young), 2, old) == pytest.approx(liking.rank(2, young))
    assert liking.more(liking.rank(2, old), 1, young) == pytest.approx(liking.rank(2, young))


# --- any order of deeds ---------------------------------------------------------------------------

LINES = (SOUP, FISH, BEER, WINE, CAKE, TIP, Ordered(0, name="Bread", sku="bread"), Ordered(1_400, sku="fish", name="Trout", quantity=3))
number = st.integers(0, 5)
who = st.integers(0, 1)


class Evening(RuleBasedStateMachine):
    """Checks of two guests, in every order that staff may find."""

    @initialize()
    def doors(self):
        self.house = open_house(f"p{new_id()}")
        self.room = Room(self.house)
        with database.transaction() as session:
            self.guests = [self.house.ana, issue_card(session, self.house.program, "Friend")]
        self.entries = {}

    @rule(number=number, waiter=st.sampled_from(["", "Olena", "Petro"]))
    def sit(self, number, waiter):
        self.try_to(lambda: self.room.open(f"A{number}", waiter=waiter))

    @rule(number=number, lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=4))
    def order(self, number, lines):
        self.try_to(lambda: self.room.add(f"A{number}", *lines))

    @rule(number=number, who=who)
    def attach(self, number, who):
        entry = self.try_to(lambda: self.room.attach(f"A{number}", self.guests[who], anytime=True))
        if entry:
            self.entries[f"A{number}"] = entry

    @rule(number=number, ago=st.integers(0, 500))
    def pay(self, number, ago):
        entry = self.try_to(lambda: self.room.close(f"A{number}", at=MONDAY - ago * DAY))
        if entry:
            self.entries[f"A{number}"] = entry

    @rule(number=number, who=who, amount=st.integers(1, 6_000))
    def type_an_amount(self, number, who, amount):
        """A till that knows no open checks; a check that is closed by it was open or never seen."""
        if self.standing(f"A{number}") not in (None, "open"):
            return
        self.entries[f"A{number}"] = earn(self.house, amount, f"A{number}", card=self.guests[who])
        with database.transaction() as session:
            checks.record(session, self.guests[who], f"A{number}", amount, "", now(), waiter="Olena")

    @rule(number=number, positions=st.lists(st.integers(1, 5), max_size=2))
    def send_back(self, number, positions):
        self.try_to(lambda: self.room.refund(f"A{number}", *positions))

    @rule(number=number, amount=st.integers(1, 900))
    def pay_back(self, number, amount):
        self.try_to(lambda: self.room.refund(f"A{number}", amount=amount))

    @rule(number=number)
    def void(self, number):
        self.try_to(lambda: self.room.void(f"A{number}"))

    @rule(number=number)
    def take_back(self, number):
        """The earn is undone, as the till does it."""
        if self.standing(f"A{number}") == "closed" and f"A{number}" in self.entries:
            self.try_to(lambda: undo(self.house, self.entries.pop(f"A{number}")))
            with database.transaction() as session:
                checks.take_back(session, self.house.id, f"A{number}")

    @rule(number=number, who=who)
    def move(self, number, who):
        def moved():
            with database.transaction() as session:
                checks.move(session, self.house.id, f"A{number}", self.guests[who])

        self.try_to(moved)

    @invariant()
    def kept_is_what_would_be_told_again(self):
        for card in getattr(self, "guests", ()):
            kept = self.room.told(card)
            assert kept["habit"][0] == self.visits(card)
            assert self.room.retell(card) is False, kept
            assert self.room.told(card) == kept

    def visits(self, card):
        with database.reading() as session:
            ours = col(Check.program_id) == self.house.id, col(Check.card_id) == card.id, col(Check.state) == "closed"
            return session.exec(select(func.count()).select_from(Check).where(*ours)).one()

    def standing(self, check):
        with database.reading() as session:
            found = session.get(Check, (self.house.id, check))
            return found.state if found else None

    @staticmethod
    def try_to(deed):
        try:
            return deed()
        except WalletpassError:
            return None


def play(examples, steps):
    run_state_machine_as_test(
        Evening,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck), database=None
        ),
    )


def test_habits_are_the_same_kept_and_told_again(sqlite):
    play(15, 25)


def test_habits_are_the_same_kept_and_told_again_on_postgresql(postgresql):
    play(5, 15)


def test_a_habit_that_is_wrong_is_found_and_mended(house, room):
    room.dine("A1", SOUP, BEER, waiter="Olena")
    right = room.told()
    with database.transaction() as session:
        session.execute(update(Habit).where(col(Habit.program_id) == house.id).values(visits=7))
    assert [room.retell(), room.retell()] == [True, False]
    assert room.told() == right
