"""Two restaurants with two guests each do anything in any order; the ledger must agree with the model after every step.

The database stays; every example opens restaurants of its own in it.
"""

import copy
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from tests.cast import issue_card
from tests.ledger.model import Restaurant, Rules
from walletpass import cards, database, ledger, programs
from walletpass.cards import Card
from walletpass.cards.models import UpdateTag
from walletpass.delivery import Outbox
from walletpass.errors import KeyReused, MissingKey, WalletpassError
from walletpass.ledger import Account, Allocation, Answer, Bill, EarnedCheck, Entry, Hold, Key, Lot, Origin

TABLES = {model: model.__table__ for model in (Account, Entry, Lot, Allocation, Hold, EarnedCheck, Key, Card, UpdateTag, Outbox)}
CONTRA = {
    "earn": "issued",
    "earn_reversal": "issued",
    "hold": "redeemed",
    "hold_release": "redeemed",
    "redeem": "redeemed",
    "redeem_reversal": "redeemed",
    "adjust": "adjustment",
}
REVERSES = {"earn_reversal": "earn", "redeem_reversal": "redeem"}
serial = itertools.count(1)

# Most of it happens to one guest, or no history would grow.
house = st.sampled_from([0, 0, 0, 1])
purse = st.sampled_from([0, 0, 0, 1])
check = st.sampled_from(["A", "B", "C", "D"])
amount = st.one_of(st.integers(500, 5_000), st.integers(500, 5_000), st.sampled_from([0, 1, 9, 10, 2_000, 20_000, 20_001]))
points = st.one_of(st.integers(1, 300), st.integers(1, 300), st.sampled_from([0, 1, 5_000]))
which = st.integers(0, 10_000)


def outcome(deed):
    """The class of the refusal, and what came of it."""
    try:
        return None, deed()
    except WalletpassError as error:
        return type(error), None


class Ledger(RuleBasedStateMachine):
    @initialize(limit=st.sampled_from([0, 299, 10_000, 10_000]), bps=st.sampled_from([333, 1000, 2500]), value=st.sampled_from([1, 3]))
    def open(self, limit, bps, value):
        self.rules = [Rules(debt_limit=limit), Rules(earn_bps=bps, point_value=value, minimum_points=5, minimum_money=100, cap_percent=80)]
        self.models = [Restaurant(rules, 2) for rules in self.rules]
        self.asked = []
        self.moved = set()
        with database.transaction() as session:
            self.houses = [self._open(session, f"p{next(serial)}", vars(rules)) for rules in self.rules]
        self.before = [self._rows(number) for number in range(2)]
        for number in range(2):
            self._do("adjust", number, 0, {"points": 400})

    def _open(self, session, name, rules):
        made = programs.create(
            session, id=name, name=name, pass_type_identifier=f"pass.example.{name}", team_identifier="LUNA000001", **rules
        )
        guests = [issue_card(session, made, name) for name in ("Ana", "Dmitro")]
        cards.put_on(session, guests[0], "apple")
        return made, [card.id for card in guests]

    @rule(house=house, purse=purse, check=check, amount=amount)
    def earn(self, house, purse, check, amount):
        self._do("earn", house, purse, {"check": check, "amount": amount})

    @rule(house=house, purse=purse, check=check, amount=amount, points=points)
    def redeem(self, house, purse, check, amount, points):
        self._do("redeem", house, purse, {"check": check, "amount": amount, "points": points})

    @rule(house=house, purse=purse, points=st.one_of(st.integers(-200, 200), st.sampled_from([-501, -500, 500, 501])))
    def adjust(self, house, purse, points):
        self._do("adjust", house, purse, {"points": points})

    @rule(house=house, purse=purse, amount=st.integers(1_000, 5_000), points=st.integers(5, 300))
    def dine(self, house, purse, amount, points):
        """The usual evening: a part is paid with points, and the rest earns."""
        bill = {"check": f"T{next(serial)}", "amount": amount}
        self._do("redeem", house, purse, {**bill, "points": points})
        self._do("earn", house, purse, bill)

    @rule(house=house, purse=purse, amount=st.integers(1_000, 5_000))
    def spend_and_regret(self, house, purse, amount):
        """What was earned is spent and promised, and then taken back: a debt, where the restaurant lets it be."""
        self._do("earn", house, purse, {"check": f"T{next(serial)}", "amount": amount})
        number = len(self.models[house].purses[purse].deeds)
        self._do("hold", house, purse, {"check": f"T{next(serial)}", "amount": 20_000, "points": 40})
        points = self.models[house].purses[purse].points
        self._do("redeem", house, purse, {"check": f"T{next(serial)}", "amount": 20_000, "points": points})
        self._do("undo", house, purse, {"number": number})

    @rule(house=house, purse=purse, check=check, amount=amount, points=points)
    def hold(self, house, purse, check, amount, points):
        self._do("hold", house, purse, {"check": check, "amount": amount, "points": points})

    @rule(house=house, purse=purse, which=which, amount=amount, share=st.sampled_from([0, 1, 50, 100, 100, 100, 101]))
    def capture(self, house, purse, which, amount, share):
        if chosen := self._held(house, purse, which):
            number, deed = chosen
            self._do("capture", house, purse, {"number": number, "amount": amount, "points": sum(deed.paid.values()) * share // 100})

    @rule(house=house, purse=purse, which=which)
    def release(self, house, purse, which):
        if chosen := self._held(house, purse, which):
            self._do("release", house, purse, {"number": chosen[0]})

    def _held(self, house, purse, which):
        """A hold, an open one most of the time."""
        holds = [(number, deed) for number, deed in enumerate(self.models[house].purses[purse].deeds, 1) if deed.kind == "hold"]
        usual = [(number, deed) for number, deed in holds if deed.state == "open"]
        found = usual if which % 8 and usual else holds
        return found[which % len(found)] if found else None

    @rule(house=house, purse=purse, which=which)
    def undo(self, house, purse, which):
        """What can be undone, most of the time."""
        deeds = self.models[house].purses[purse].deeds
        usual = [number for number, deed in enumerate(deeds, 1) if deed.kind in ("earn", "redeem") and not deed.undone]
        chosen = usual if which % 8 and usual else list(range(1, len(deeds) + 1))
        if chosen:
            self._do("undo", house, purse, {"number": chosen[which % len(chosen)]})

    @precondition(lambda self: self.asked)
    @rule(which=which, how=st.sampled_from(["again", "other body", "other route", "other house", "no key"]))
    def insist(self, which, how):
        """A key that was used: the same answer for the same request, a refusal for another, and news in the other house."""
        key, route, house, purse, body, answer = self.asked[which % len(self.asked)]
        if how == "again":
            assert self._ask(key, route, house, purse, body) == answer
        elif how == "other house":
            if not any(asked[0] == key and asked[2] != house for asked in self.asked):
                self._do("adjust", 1 - house, purse, {"points": 1}, key)
        else:
            changed = ("adjust", {"points": 77}) if how == "other route" else (route, {**body, "more": 1})
            with pytest.raises(MissingKey if how == "no key" else KeyReused):
                self._ask("" if how == "no key" else key, changed[0], house, purse, changed[1])
        self._nothing_moves_but_where_it_should()

    def _do(self, route, house, purse, body, key=""):
        """The deed in the model and in the ledger: both do it, or both refuse it for one reason."""
        key = key or f"key {next(serial)}"
        expected = copy.deepcopy(self.models[house])
        refusal, _ = outcome(lambda: getattr(expected, route)(expected.purses[purse], **body))
        refused, answer = outcome(lambda: self._ask(key, route, house, purse, body))
        assert refused is refusal, f"{route} {body}: the ledger says {refused}, the model says {refusal}"
        if not refused:
            self.models[house] = expected
            self.asked.append((key, route, house, purse, body, answer))
            self.moved.add(house)
        self._nothing_moves_but_where_it_should()

    def _ask(self, key, route, house, purse, body):
        program, card_ids = self.houses[house]
        origin = Origin("till", key=key, staff_id="bruno", device_id="counter", reason="a test")
        with database.transaction() as session:
            answer = ledger.begin_once(session, program.id, key, ledger.fingerprint(route, [card_ids[purse], body]))
            if answer is None:
                card = cards.get(session, program.id, card_ids[purse])
                entry = self._deed(session, route, program, card, body, origin)
                left = ledger.balance(session, program.id, card.id).points
                cards.show(session, card, points=left)
                answer = ledger.finish_once(session, program.id, key, Answer(200, {"entry": entry.id, "points": left}))
        return answer

    def _deed(self, session, route, program, card, body, origin):
        if route == "undo":
            return ledger.undo(session, program, ledger.entry(session, program.id, f"{card.id}-{body['number']}"), origin)
        if route in ("capture", "release"):
            held = session.exec(select(Hold).where(Hold.card_id == card.id, Hold.entry_seq == body["number"])).one()
            if route == "release":
                return ledger.release(session, program, held.id, origin)
            return ledger.capture(session, program, held.id, Bill.of(held.check_id, body["amount"]), body["points"], origin)
        if route == "adjust":
            return ledger.adjust(session, program, card, body["points"], origin)
        bill = Bill.of(body["check"], body["amount"])
        if route == "earn":
            return ledger.earn(session, program, card, bill, origin)
        if route == "hold":
            made = ledger.hold(session, program, card, bill, body["points"], origin)
            return ledger.entry(session, program.id, f"{card.id}-{made.entry_seq}")
        return ledger.redeem(session, program, card, bill, body["points"], origin)

    def _rows(self, house):
        """All rows of a restaurant, by table; ordered by their keys."""
        program_id = self.houses[house][0].id
        with database.reading() as session:
            return {
                model: session.execute(select(table).where(table.c.program_id == program_id).order_by(*table.primary_key)).all()
                for model, table in TABLES.items()
            }

    def _nothing_moves_but_where_it_should(self):
        """Rows are only added to the entries, and a deed in one restaurant touches no row of the other."""
        rows = [self._rows(number) for number in range(2)]
        for number in range(2):
            if number in self.moved:
                old = set(self.before[number][Entry])
                assert old < set(rows[number][Entry])
                assert len(rows[number][Entry]) == len(old) + 1
                self._agrees(number, rows[number])
            else:
                assert rows[number] == self.before[number]
        self.moved.clear()
        self.before = rows

    def _agrees(self, house, rows):
        model, (program, card_ids) = self.models[house], self.houses[house]
        with database.reading() as session:
            assert list(ledger.verify(session, program.id)) == []
        for number, card_id in enumerate(card_ids):
            mine = {table: [row for row in found if getattr(row, "card_id", card_id) == card_id] for table, found in rows.items()}
            self._numbers(model.purses[number], mine, self.rules[house].debt_limit)
            self._history(model.purses[number], mine[Entry])
            self._lots(model.purses[number], mine)
            self._card(model.purses[number], next(row for row in rows[Card] if row.id == card_id), mine[Outbox])
        self._whole(model, rows)

    def _numbers(self, purse, mine, limit):
        account = mine[Account][0] if mine[Account] else None
        total = 0
        for entry in mine[Entry]:
            total += entry.delta
            assert total >= -limit
        if account is None:
            assert not purse.deeds
            return
        assert (account.available, account.debt, account.pending, account.held) == (purse.points, purse.debt, 0, purse.held)
        assert min(account.available, account.debt) == 0
        assert total == account.available + account.held - account.debt == sum(lot.remaining for lot in mine[Lot]) - account.debt
        assert account.seq == len(mine[Entry])

    def _history(self, purse, entries):
        told = [(entry.type, entry.delta, entry.check_id, entry.reverses or 0) for entry in entries]
        assert told == [(deed.kind, deed.delta, deed.check, deed.reverses) for deed in purse.deeds]
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        by_number = {entry.seq: entry for entry in entries}
        reversals = [entry for entry in entries if entry.reverses is not None]
        assert len({entry.reverses for entry in reversals}) == len(reversals)
        for entry in reversals:
            original = by_number[entry.reverses]
            assert (original.type, original.delta) == (REVERSES[entry.type], -entry.delta)
        for entry in entries:
            assert entry.contra == CONTRA[entry.type]
            assert entry.source == "till"
            assert (entry.staff_id, entry.device_id) == ("bruno", "counter")
            assert entry.key
            assert entry.event_at.utcoffset() == entry.recorded_at.utcoffset() == timedelta(0)

    def _lots(self, purse, mine):
        assert {lot.seq: lot.remaining for lot in mine[Lot]} == purse.lots
        assert {lot.seq: lot.held for lot in mine[Lot]} == purse.promised
        holds = {number: deed.state for number, deed in enumerate(purse.deeds, 1) if deed.kind == "hold"}
        assert {row.entry_seq: row.state for row in mine[Hold]} == holds
        assert all(0 <= lot.held <= lot.remaining <= lot.amount for lot in mine[Lot])
        for number, deed in enumerate(purse.deeds, 1):
            paid = {row.lot_seq: row.amount for row in mine[Allocation] if row.entry_seq == number}
            assert paid == deed.paid
            assert deed.kind != "redeem" or sum(paid.values()) == -deed.delta

    def _card(self, purse, card, outbox):
        assert card.shown["points"] == purse.points
        waiting = [row.version for row in outbox if row.state == "pending"]
        on_phone = "apple" in card.wallets
        assert waiting == ([card.version] if on_phone and card.version > 1 else [])

    def _whole(self, model, rows):
        entries = rows[Entry]
        accounts = {"guest": sum(entry.delta for entry in entries)}
        for entry in entries:
            accounts[entry.contra] = accounts.get(entry.contra, 0) - entry.delta
        assert sum(accounts.values()) == 0
        assert len({entry.key for entry in entries}) == len(entries) == len(rows[Key])
        undone = {(entry.card_id, entry.reverses) for entry in entries}
        standing = [entry.check_id for entry in entries if entry.type == "earn" and (entry.card_id, entry.seq) not in undone]
        assert sorted(standing) == sorted(model.closed) == sorted(row.check_id for row in rows[EarnedCheck])


def play(examples: int, steps: int) -> None:
    # Examples take as long as the disk does, and all of them write to one database.
    calm = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Ledger,
        settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=calm, database=None),
    )


def test_the_ledger_does_what_the_model_does(sqlite):
    play(60, 30)


def test_the_ledger_does_what_the_model_does_on_postgresql(postgresql):
    play(15, 20)


@pytest.mark.slow
def test_the_ledger_does_what_the_model_does_for_a_long_time(db):
    play(5_000, 100)
