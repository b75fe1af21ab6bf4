"""Whatever is done in whatever order: three tries, five minutes, once, and no more codes than a number may get for one purpose."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import delete

from tests.cast import open_house
from tests.codes.phonebook import PHONE, another, check, code_of, reachable, send
from walletpass import database
from walletpass.codes import Allowance, Code, CodesOfDay
from walletpass.codes.sending import LIMITS
from walletpass.database import now
from walletpass.errors import TooMany
from walletpass.messages import Message

SUBJECTS = st.sampled_from(["card-1", "card-2"])
PURPOSES = st.sampled_from(["join", "redeem"])


class Guest(RuleBasedStateMachine):
    """A model of six digits: what is good, until when, and how many tries it bears."""

    program = None

    def __init__(self):
        super().__init__()
        self.clock = time_machine.travel(now() + timedelta(days=Guest.day), tick=False)
        Guest.day += 3
        self.traveller = self.clock.start()
        self.good = {}
        self.used = []
        self.sent = {"join": [], "redeem": []}

    def teardown(self):
        self.clock.stop()

    @rule(seconds=st.sampled_from([1, 29, 30, 31, 299, 300, 601, 7200]))
    def time_goes_by(self, seconds):
        self.traveller.shift(timedelta(seconds=seconds))

    @rule(purpose=PURPOSES, subject=SUBJECTS)
    def ask(self, purpose, subject):
        known = self.good.get((purpose, subject))
        second = int(now().timestamp())
        full = any(sum(at > second - seconds for at in self.sent[purpose]) >= most for most, seconds in LIMITS)
        again = known is not None and now() < known["sent"] + timedelta(seconds=30)
        try:
            send(self.program, purpose, subject=subject)
        except TooMany as refused:
            wait = refused.after
        else:
            wait = 0
        assert (wait > 0) is (full or again)
        if wait:
            return
        self.sent[purpose].append(second)
        self.good[purpose, subject] = {"code": code_of(self.program, purpose, subject), "sent": now(), "tries": 3}

    @rule(purpose=PURPOSES, subject=SUBJECTS, right=st.booleans())
    def type_it(self, purpose, subject, right):
        known = self.good.get((purpose, subject))
        code = known["code"] if known else "000000"
        fits = bool(known and right and known["tries"] > 0 and now() < known["sent"] + timedelta(minutes=5))
        assert check(self.program, code if right else another(code), purpose, subject, to=PHONE) is fits
        if known and now() < known["sent"] + timedelta(minutes=5):
            known["tries"] = 0 if fits else known["tries"] - 1
        if fits:
            self.used.append((purpose, subject, code))

    @rule(purpose=PURPOSES, subject=SUBJECTS)
    def type_that_of_another(self, purpose, subject):
        for (other_purpose, other_subject), known in self.good.items():
            mine = self.good.get((purpose, subject), {"code": ""})
            if (other_purpose, other_subject) != (purpose, subject) and known["code"] != mine["code"]:
                self.type_wrong(purpose, subject, known["code"])

    def type_wrong(self, purpose, subject, code):
        assert check(self.program, code, purpose, subject) is False
        known = self.good.get((purpose, subject))
        if known and now() < known["sent"] + timedelta(minutes=5):
            known["tries"] -= 1

    @invariant()
    def nobody_gets_more_than_they_may(self):
        second = int(now().timestamp())
        for most, seconds in LIMITS:
            assert all(sum(at > second - seconds for at in sent) <= most for sent in self.sent.values())


Guest.day = 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_code_keeps_its_rules_whatever_is_done(request, kind):
    request.getfixturevalue(kind)
    with reachable():
        Guest.program = open_house().program

        class Fresh(Guest):
            def __init__(self):
                super().__init__()
                with database.transaction() as session:
                    for table in (Code, Allowance, CodesOfDay, Message):
                        session.execute(delete(table))

        run_state_machine_as_test(
            Fresh,
            settings=settings(
                max_examples=60 if kind == "sqlite" else 15, stateful_step_count=30, deadline=None,
                suppress_health_check=list(HealthCheck), database=None,
            ),
        )  # fmt: skip
