"""Cards and coat tickets side by side, in any order of deeds: each is found as what it is, and as nothing else.

A code of ours names the row it was made for until it is renewed; a card opens itself or the card that it went up in, and only
while that is in use; a ticket opens nothing, in use or ended; and neither has a face, an account or an event of the other.
"""

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from tests.cast import issue_card
from walletpass import cards, database, ledger, programs
from walletpass.cards import Card
from walletpass.errors import CoatTicket, NotOurCode
from walletpass.events import Event
from walletpass.ledger import Account, Origin

serial = itertools.count(1)
which = st.integers(0, 10_000)
hooks = st.lists(st.sampled_from(["A1", "A2", "B7"]), max_size=3, unique=True)


class Counter(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.name, self.dead = f"t{next(serial)}", set()
        with database.transaction() as session:
            self.program = programs.create(
                session,
                id=self.name,
                name=self.name,
                pass_type_identifier=f"pass.example.{self.name}",
                team_identifier="LUNA000001",
                palette="luna",
            )

    def _one(self, session, which, tickets=None):
        rows = session.exec(select(Card).where(col(Card.program_id) == self.name).order_by(col(Card.id))).all()
        rows = [row for row in rows if tickets is None or row.is_ticket is tickets]
        return rows[which % len(rows)] if rows else None

    @rule()
    def a_guest_joins(self):
        with database.transaction() as session:
            issue_card(session, self.program, "Ana")

    @rule(hooks=hooks)
    def a_coat_is_hung_up(self, hooks):
        with database.transaction() as session:
            cards.issue_ticket(session, self.name, coat=", ".join(hooks) or None)

    @rule(which=which, hooks=hooks)
    def it_hangs_elsewhere(self, which, hooks):
        with database.transaction() as session:
            if card := self._one(session, which):
                cards.show(session, card, coat=", ".join(hooks) or None)

    @rule(which=which)
    def it_ends(self, which):
        with database.transaction() as session:
            if card := self._one(session, which):
                cards.void(session, card)

    @rule(which=which)
    def a_phone_is_lost(self, which):
        with database.transaction() as session:
            card = self._one(session, which)
            if card and card.state == "active":
                self.dead |= {code_of(card), card.number}
                cards.renew(session, card)

    @rule(which=which, into=which)
    def two_cards_become_one(self, which, into):
        with database.transaction() as session:
            card, other = self._one(session, which, tickets=False), self._one(session, into, tickets=False)
            if card and other and card.id != other.id and not card.merged_into and not other.merged_into:
                cards.join(session, card, other)

    @rule(which=which)
    def points_are_given(self, which):
        with database.transaction() as session:
            card = self._one(session, which)
            if card is None or card.merged_into:
                return
            try:
                ledger.adjust(session, self.program, card, 5, Origin("system", key=f"k{next(serial)}", reason="A gift"))
                assert not card.is_ticket
            except CoatTicket:
                assert card.is_ticket

    @invariant()
    def each_is_found_as_what_it_is(self):
        with database.reading() as session:
            rows = session.exec(select(Card).where(col(Card.program_id) == self.name)).all()
            for row in rows:
                opens = cards.survivor(session, self.name, row.id)
                for text in (code_of(row), row.number):
                    assert cards.known(session, self.name, text).id == (opens if row.state == "active" else row).id
                    assert opened(session, self.name, text) == outcome(row, opens)
            for text in self.dead:
                assert cards.known(session, self.name, text) is None

    @invariant()
    def neither_has_what_is_the_others(self):
        with database.reading() as session:
            rows = session.exec(select(Card).where(col(Card.program_id) == self.name)).all()
            tickets = {row.id for row in rows if row.is_ticket}
            assert all((row.guest_id is None) == row.is_ticket for row in rows)
            assert all((cards.face(session, row, self.program).design.style == "generic") == row.is_ticket for row in rows)
            assert not tickets & set(session.exec(select(Account.card_id).where(col(Account.program_id) == self.name)))
            assert not tickets & set(session.exec(select(Event.card_id).where(col(Event.program_id) == self.name)))


def code_of(card):
    return cards.card_code(card.program_id, card.key_id, card.token)


def opened(session, program_id, text):
    try:
        return cards.find_by_code(session, program_id, text).id
    except CoatTicket:
        return "coat ticket"
    except NotOurCode:
        return "not ours"


def outcome(row, opens):
    if row.is_ticket:
        return "coat ticket"
    return opens.id if row.state == opens.state == "active" else "not ours"


def play(examples, steps):
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Counter,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=calm, database=None),
    )


def test_cards_and_tickets_are_never_taken_for_each_other(sqlite):
    play(40, 15)


def test_cards_and_tickets_are_never_taken_for_each_other_on_postgresql(postgresql):
    play(6, 12)
