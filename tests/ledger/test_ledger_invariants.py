"""A restaurant with any rules, three guests, and a clock that runs: whatever is done, what the ledger promises holds after every step.

No model says what should come of a deed (see test_ledger_properties for that): only what must never be otherwise.
"""

import itertools
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from tests.cast import issue_card
from walletpass import cards, database, ledger, programs
from walletpass.cards import Card
from walletpass.errors import NotFound, WalletpassError
from walletpass.ledger import (
    Account,
    Allocation,
    Bill,
    Bonus,
    CardTier,
    EarnedCheck,
    Entry,
    EntryType,
    Hold,
    Line,
    Lot,
    Merge,
    Origin,
    Payment,
)

TABLES = {model: model.__table__ for model in (Account, Entry, Lot, Allocation, Hold, EarnedCheck, Payment, Bonus, CardTier, Merge, Card)}
serial = itertools.count(1)
which = st.integers(0, 10_000)
purse = st.sampled_from([0, 0, 0, 1, 1, 2])
check = st.sampled_from(["A", "B", "C", "D", "E"])
line = st.builds(
    Line,
    amount=st.integers(100, 4_000),
    kind=st.sampled_from(["item", "item", "item", "tip", "gift_card"]),
    category=st.sampled_from(["", "coffee", "wine"]),
    quantity=st.integers(1, 3),
    tax=st.integers(0, 100),
)
bills = st.one_of(
    st.integers(500, 9_000).map(lambda amount: ((Line(amount),), 0)),
    st.tuples(st.lists(line, min_size=1, max_size=4).map(tuple), st.sampled_from([0, 0, 50])),
)
rules = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["points", "points", "points", "cashback", "stamps", "discount"]),
        "refund_policy": st.sampled_from(["debt", "debt", "within_balance", "only_pending"]),
        "debt_limit": st.sampled_from([0, 200, 10_000]),
        "pending": st.sampled_from(["none", "none", "days", "action"]),
        "pending_days": st.just(3),
        "expiry": st.sampled_from(["never", "earned", "activity", "date", "anniversary"]),
        "expiry_days": st.just(20),
        "expiry_month_end": st.booleans(),
        "grace_days": st.sampled_from([0, 14]),
        "tier_by": st.sampled_from(["none", "spend", "visits"]),
        "tier_days": st.just(40),
        "tier_window": st.sampled_from(["rolling", "year"]),
        "point_value": st.sampled_from([1, 3]),
        "stamp_goal": st.just(3),
        "stamp_categories": st.sampled_from([[], ["coffee"]]),
        "no_earn_categories": st.sampled_from([[], ["wine"]]),
        "tax_earns": st.booleans(),
        "gift_card_earns": st.booleans(),
        "earns_per_day": st.sampled_from([0, 0, 3]),
        "birthday_points": st.sampled_from([0, 50]),
        "birthday_on_file_days": st.just(0),
        "referral_points": st.sampled_from([0, 30]),
        "referral_friend_points": st.just(10),
        "referral_minimum": st.just(500),
    }
)


class Ledger(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(database.now(), tick=False)
        self.moment = self.clock.start()

    def teardown(self):
        self.clock.stop()

    @initialize(rules=rules)
    def open(self, rules):
        self.opened = []
        for own in (rules, {}):
            name = f"i{next(serial)}"
            with database.transaction() as session:
                made = programs.create(
                    session, id=name, name=name, pass_type_identifier=f"pass.example.{name}", team_identifier="LUNA000001", **own
                )
                session.add(programs.Tier(program_id=name, position=1, name="Silver", threshold=3, earn_bps=2000, discount_percent=5))
                session.add(programs.Tier(program_id=name, position=2, name="Gold", threshold=9_000, earn_bps=3000, discount_percent=10))
                held = [issue_card(session, made, guest) for guest in ("Ana", "Bohdan", "Chiara")]
                self._birthday_and_friends(session, held)
            self.opened.append((made, [card.id for card in held]))
        self.rules = rules
        self.entries = {}
        self.others = self._rows(1)
        self.before = self._rows(0)
        self._do(lambda session, program, card: ledger.adjust(session, program, card, 600, self._origin()), 0)

    def _birthday_and_friends(self, session, held):
        from walletpass import guests

        today = database.now()
        ana, bohdan, _ = (guests.get(session, card.program_id, card.guest_id) for card in held)
        ana.birth_month, ana.birth_day, ana.birthday_at = today.month, today.day, today
        bohdan.referred_by = held[0].id
        session.add_all([ana, bohdan])

    @rule(purse=purse, check=check, bill=bills)
    def earn(self, purse, check, bill):
        self._do(lambda session, program, card: ledger.earn(session, program, card, Bill(check, *bill), self._origin()), purse)

    @rule(purse=purse, check=check, bill=bills, points=st.integers(1, 200))
    def redeem(self, purse, check, bill, points):
        wanted = Bill(check, *bill)

        def deed(session, program, card):
            quoted = ledger.quote(session, program, card, wanted)
            spent = min(points, quoted.most) // quoted.step * quoted.step if points % 7 else points
            return ledger.redeem(session, program, card, wanted, spent, self._origin())

        self._do(deed, purse)

    @rule(purse=purse, check=check, bill=bills, points=st.integers(1, 200))
    def hold(self, purse, check, bill, points):
        self._do(lambda session, program, card: ledger.hold(session, program, card, Bill(check, *bill), points, self._origin()), purse)

    @rule(which=which, bill=bills, share=st.sampled_from([1, 50, 100]), take=st.booleans())
    def end_hold(self, which, bill, share, take):
        def deed(session, program, _):
            found = session.exec(select(Hold).where(Hold.program_id == program.id)).all()
            if not found:
                raise NotFound
            usual = [one for one in found if one.state == "open"] if which % 4 else []
            one = sorted(usual or found, key=self._place)[which % len(usual or found)]
            if not take:
                return ledger.release(session, program, one.id, self._origin())
            points = max(1, one.points * share // 100)
            return ledger.capture(session, program, one.id, Bill(one.check_id, *bill), points, self._origin())

        self._do(deed, 0)

    @rule(check=check, share=st.sampled_from([1, 33, 50, 100]))
    def refund(self, check, share):
        def deed(session, program, _):
            standing = session.get(EarnedCheck, (program.id, check))
            amount = (standing.amount - standing.refunded) * share // 100 if standing else 100
            return ledger.refund(session, program, check, amount, self._origin())

        self._do(deed, 0)

    @rule(which=which)
    def undo(self, which):
        self._do(
            lambda session, program, _: ledger.undo(
                session, program, self._any_entry(session, program, which, "earn", "redeem"), self._origin()
            ),
            0,
        )

    @rule(which=which, purse=purse)
    def move(self, which, purse):
        self._do(
            lambda session, program, card: ledger.move(session, program, self._any_entry(session, program, which), card, self._origin()),
            purse,
        )

    @rule(one=purse, other=purse)
    def merge(self, one, other):
        def deed(session, program, card):
            return ledger.merge(session, program, card, cards.get(session, program.id, self.opened[0][1][other]), self._origin())

        self._do(deed, one)

    @rule()
    def unmerge(self):
        def deed(session, program, _):
            found = session.exec(select(Merge).where(Merge.program_id == program.id)).all()
            if not found:
                raise NotFound
            last = max(found, key=lambda one: (one.undone_at is None, one.made_at, self.opened[0][1].index(one.card_id)))
            return ledger.unmerge(session, program, last, self._origin())

        self._do(deed, 0)

    @rule(purse=purse, points=st.sampled_from([-600, -50, 1, 80]))
    def adjust(self, purse, points):
        self._do(lambda session, program, card: ledger.adjust(session, program, card, points, self._origin()), purse)

    @rule(purse=purse, check=check, which=which)
    def spend_and_regret(self, purse, check, which):
        """What was earned is spent, and then taken back: a debt, where the restaurant lets it be."""
        self.earn(purse, check, ((Line(5_000),), 0))
        self._do(
            lambda session, program, card: ledger.redeem(
                session,
                program,
                card,
                Bill(f"T{next(serial)}", (Line(100_000),)),
                ledger.balance(session, program.id, card.id).points,
                self._origin(),
            ),
            purse,
        )
        self.refund(check, 100)
        self.write_off(purse, which % 100 + 1)

    @rule(purse=purse, points=st.integers(1, 100))
    def write_off(self, purse, points):
        self._do(lambda session, program, card: ledger.writeoff(session, program, card, points, self._origin()), purse)

    @rule(purse=purse, days=st.sampled_from([None, 1, 30]))
    def bring(self, purse, days):
        end = database.now() + timedelta(days=days) if days else None
        self._do(lambda session, program, card: ledger.opening(session, program, card, 70, end, self._origin()), purse)

    @rule(which=which)
    def ripen(self, which):
        self._do(
            lambda session, program, _: ledger.activate(session, program, self._any_entry(session, program, which, "earn"), self._origin()),
            0,
        )

    @rule(time=st.sampled_from([timedelta(minutes=16), timedelta(days=1), timedelta(days=4), timedelta(days=21), timedelta(days=200)]))
    def time_passes(self, time):
        self.moment.shift(time)

    @precondition(lambda self: len(self.entries) > 1)
    @rule()
    def sweep(self):
        def deed(session, program, _):
            ledger.sweep(session, program.id, 100)
            assert list(ledger.sweep(session, program.id, 100)) == []

        self._do(deed, 0)

    def _any_entry(self, session, program, which, *kinds):
        """An entry of these kinds, most of the time."""
        found = sorted(session.exec(select(Entry).where(Entry.program_id == program.id)).all(), key=self._place)
        usual = [one for one in found if one.type in kinds] if which % 8 else []
        return (usual or found)[which % len(usual or found)]

    def _place(self, row):
        """Ids are chance; the order of the guests is not."""
        return self.opened[0][1].index(row.card_id), getattr(row, "entry_seq", None) or row.seq

    def _origin(self):
        return Origin("till", key=f"key {next(serial)}", staff_id="bruno", device_id="counter", reason="a test")

    def _do(self, deed, purse):
        """The deed is done whole or not at all, and nobody else notices; the card says what the ledger says."""
        program_id, card_ids = self.opened[0][0].id, self.opened[0][1]
        try:
            with database.transaction() as session:
                program = programs.get(session, program_id)
                card = cards.get(session, program_id, card_ids[purse])
                deed(session, program, cards.survivor(session, program_id, card.id) if purse != 2 else card)
        except WalletpassError:
            assert self._rows(0) == self.before
            return
        self.before = self._rows(0)
        assert self._rows(1) == self.others
        self._holds(self.before)

    def _rows(self, house):
        program_id = self.opened[house][0].id
        with database.reading() as session:
            return {
                model: session.execute(select(table).where(table.c.program_id == program_id).order_by(*table.primary_key)).all()
                for model, table in TABLES.items()
            }

    def _holds(self, rows):
        self._only_grows(rows[Entry])
        self._balances(rows)
        self._reversals(rows[Entry])
        self._payments(rows)
        self._merges(rows[Entry])
        with database.reading() as session:
            assert list(ledger.verify(session, self.opened[0][0].id)) == []
            for card_id in self.opened[0][1]:
                available = ledger.balance(session, self.opened[0][0].id, card_id).points
                assert sum(points for _, points in ledger.schedule(session, self.opened[0][0].id, card_id)) == available

    def _only_grows(self, entries):
        found = {(row.card_id, row.seq): row for row in entries}
        assert self.entries.items() <= found.items()
        self.entries = found
        by_card = {}
        for row in entries:
            by_card.setdefault(row.card_id, []).append(row.seq)
            assert row.type in set(EntryType)
            assert row.source in ("till", "system")
            assert row.type not in ("hold", "activate", "hold_release") or row.delta == 0
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_card.values())

    def _balances(self, rows):
        limit = self.rules["debt_limit"]
        merged = bool(rows[Merge])
        for account in rows[Account]:
            deltas = [row.delta for row in rows[Entry] if row.card_id == account.card_id]
            lots = [lot for lot in rows[Lot] if lot.card_id == account.card_id]
            assert sum(deltas) == account.pending + account.available + account.held - account.debt
            assert account.pending == sum(lot.remaining for lot in lots if lot.state == "pending")
            assert account.held == sum(lot.held for lot in lots)
            assert account.available == sum(lot.remaining - lot.held for lot in lots if lot.state == "active")
            assert min(account.available, account.debt) == 0
            # Two cards that become one bring their debts together.
            assert merged or account.debt <= limit
            assert self.rules["refund_policy"] == "debt" or account.debt == 0
        for lot in rows[Lot]:
            assert 0 <= lot.held <= lot.remaining <= lot.amount
            paid = [row for row in rows[Allocation] if (row.card_id, row.lot_seq) == (lot.card_id, lot.seq)]
            ended = [row for row in paid if self.entries[row.card_id, row.entry_seq].type == "expire"]
            assert len(ended) <= 1
            assert not ended or lot.remaining == 0

    def _reversals(self, entries):
        taken = {}
        for row in entries:
            if row.reverses is not None:
                original = self.entries[row.card_id, row.reverses]
                assert original.type in ("earn", "promo_earn", "redeem")
                assert row.delta == 0 or (row.delta > 0) != (original.delta > 0)
                taken[row.card_id, row.reverses] = taken.get((row.card_id, row.reverses), 0) + abs(row.delta)
        assert all(total <= abs(self.entries[key].delta) for key, total in taken.items())

    def _payments(self, rows):
        for payment in rows[Payment]:
            redeemed = self.entries[payment.card_id, payment.seq]
            assert (redeemed.type, -redeemed.delta) == ("redeem", payment.points)
            assert payment.worth > 0
        for standing in rows[EarnedCheck]:
            assert self.entries[standing.card_id, standing.seq].type == "earn"

    def _merges(self, entries):
        """Between guests nothing is lost and nothing is made."""
        assert sum(row.delta for row in entries if row.contra == "guest") == 0
        assert all((row.contra == "guest") == (row.type == "merge") for row in entries)


def play(examples, steps):
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Ledger,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=calm, database=None),
    )


def test_what_the_ledger_promises_holds_whatever_is_done(sqlite):
    play(60, 40)


def test_what_the_ledger_promises_holds_on_postgresql(postgresql):
    play(12, 25)


@pytest.mark.slow
def test_what_the_ledger_promises_holds_for_a_long_time(db):
    play(5_000, 100)
