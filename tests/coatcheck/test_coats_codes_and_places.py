"""Four good digits, and the hook to take next."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.coatcheck.counter import CODE, Counter
from walletpass import coatcheck, database
from walletpass.coatcheck import codes, proposing
from walletpass.errors import CodeTaken, Conflict, Malformed, NoHookFree, WeakCode


@pytest.fixture
def counter(house):
    return Counter(house, hooks=10)


@pytest.mark.parametrize(
    "code",
    [
        "0000",
        "7777",
        "1234",
        "4321",
        "0123",
        "9876",
        "1357",
        "1212",
        "1122",
        "1221",
        "3113",
        "1987",
        "2026",
        "2580",
        "1112",
        "48",
        "48211",
        "48a1",
        "٤٨٢١",
        "",
    ],
)
def test_what_anybody_would_guess_is_refused_with_the_reason(counter, code):
    assert codes.weakness(code).endswith(".")
    with pytest.raises((WeakCode, Malformed)):
        counter.check_in(code=code or "x")


def test_most_codes_are_good():
    good = [code for code in (f"{number:04d}" for number in range(10_000)) if not codes.weakness(code)]
    assert len(good) > 8_000


def test_a_code_is_one_ticket_s_while_that_is_open(counter):
    ticket = counter.check_in(code=CODE)
    with pytest.raises(CodeTaken):
        counter.check_in(code=CODE)
    counter.hand_back(ticket)
    assert counter.check_in(code=CODE)


def test_a_proposed_code_is_good_and_free(counter):
    counter.check_in(code=CODE)
    with database.reading() as session:
        found = {codes.propose(session, counter.room) for _ in range(200)}
    assert CODE not in found
    assert not any(codes.weakness(code) for code in found)


def proposed(counter, *kinds, lane=0):
    with database.reading() as session:
        return [hook.label for hook in coatcheck.propose(session, counter.room, kinds, lane=lane)]


def test_things_of_one_guest_hang_side_by_side_and_near_the_counter(counter):
    counter.check_in("A2")
    assert proposed(counter, "coat") == ["A1"]
    assert proposed(counter, "coat", "coat", "coat") == ["A3", "A4", "A5"]


def test_where_no_three_are_free_beside_each_other_the_nearest_three_are_taken(counter):
    counter.check_in("A2", "A4", "A6", "A7", "A9")
    assert proposed(counter, "coat", "coat", "coat") == ["A1", "A3", "A5"]


def test_what_has_a_zone_of_its_own_goes_there_as_long_as_there_is_room(counter):
    assert proposed(counter, "umbrella", "coat", "bag") == ["B1", "A1", "B1"]
    counter.check_in(*["umbrella"] * 5)
    assert proposed(counter, "umbrella", "umbrella") == ["B2", "A1"]


def test_attendants_at_two_tills_reach_for_different_hooks(counter):
    assert [proposed(counter, "coat", "coat", lane=lane) for lane in (0, 1, 2)] == [["A1", "A2"], ["A3", "A4"], ["A5", "A6"]]
    assert proposed(counter, *["coat"] * 8, lane=3) == [f"A{number}" for number in range(1, 9)]


def test_a_till_has_the_lane_after_those_that_are_busy(counter):
    with database.reading() as session:
        assert proposing.lane(session, counter.room, "counter") == 0
    counter.check_in()
    with database.reading() as session:
        assert [proposing.lane(session, counter.room, till) for till in ("counter", "tablet", "")] == [0, 1, 0]


def test_a_full_room_proposes_nothing(counter):
    with pytest.raises(NoHookFree):
        proposed(counter, *["coat"] * 11)


def test_a_hook_out_of_use_is_proposed_to_nobody_and_one_in_use_stays(counter):
    counter.check_in("A2")
    with database.transaction() as session:
        coatcheck.retiring.retire_hook(session, coatcheck.rooms.hook(session, counter.room, "A1"))
    assert proposed(counter, "coat") == ["A3"]
    with pytest.raises(Malformed):
        counter.check_in("A1", code=CODE)
    with pytest.raises(Conflict), database.transaction() as session:
        coatcheck.retiring.retire_hook(session, coatcheck.rooms.hook(session, counter.room, "A2"))


def test_a_hook_that_is_mended_is_used_again(counter):
    for verb, in_use in ((coatcheck.retiring.retire_hook, True), (coatcheck.retiring.restore_hook, False)):
        with database.transaction() as session:
            verb(session, coatcheck.rooms.hook(session, counter.room, "A1", in_use=in_use))
    assert proposed(counter, "coat") == ["A1"]


def test_a_cloakroom_is_closed_for_good_when_nothing_is_there_and_its_shift_is_over(counter):
    def close():
        with database.transaction() as session:
            coatcheck.retiring.retire_room(session, coatcheck.rooms.get(session, counter.house.id, counter.room.id))

    ticket = counter.check_in("A1", "A2")
    with pytest.raises(Conflict, match="still in Garderobe"):
        close()
    counter.hand_back(ticket, [1])
    counter.keep(ticket, [2])
    with pytest.raises(Conflict, match="still in Garderobe"):
        close()
    counter.hand_back(ticket)
    with pytest.raises(Conflict, match="shift is open"):
        close()
    counter.do(coatcheck.close_shift, counter.room, counter.hand)
    close()
    with database.reading() as session:
        assert coatcheck.rooms.rooms(session, counter.house.id) == []
    with pytest.raises(NoHookFree):
        counter.check_in("coat")


@pytest.mark.parametrize(
    ("zone", "count", "more"),
    [("a", 1, {}), ("ABC", 1, {}), ("C", 0, {}), ("C", 1_000, {}), ("C", 1, {"capacity": 0}), ("C", 1, {"kinds": ("dog",)})],
)
def test_a_zone_that_cannot_be_is_refused(counter, zone, count, more):
    with pytest.raises(Malformed):
        counter.do(coatcheck.rooms.add_zone, counter.room, zone, count, **more)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(kinds=st.lists(st.sampled_from(["coat", "bag", "umbrella"]), min_size=1, max_size=8), lane=st.integers(0, 3))
def test_every_proposal_can_be_taken(sqlite_counter, kinds, lane):
    with database.reading() as session:
        hooks = coatcheck.propose(session, sqlite_counter.room, kinds, lane=lane)
    assert len(hooks) == len(kinds)
    for hook, kind in zip(hooks, kinds, strict=True):
        assert hook.free >= sum(other.id == hook.id for other in hooks)
        assert proposing.takes(hook, kind)


@pytest.fixture
def sqlite_counter(luna):
    made = Counter(luna, hooks=8)
    made.check_in("A2", "A5", "bag")
    return made
