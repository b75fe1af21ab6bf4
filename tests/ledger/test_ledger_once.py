"""A key and the answer it is bound to."""

import pytest

from tests.cast import open_house
from walletpass import database, ledger
from walletpass.errors import KeyReused, Malformed, MissingKey
from walletpass.ledger import Answer


def ask(house, key, request, answer=None):
    with database.transaction() as session:
        found = ledger.begin_once(session, house.id, key, request)
        if found is None and answer is not None:
            ledger.finish_once(session, house.id, key, answer)
        return found


def begin_and_fail(session, program_id):
    ledger.begin_once(session, program_id, "k1", "f1")
    raise RuntimeError("the till lost its power")


def test_the_first_answer_is_the_answer_for_ever(house):
    first = Answer(200, {"points": 5})
    assert ask(house, "k1", "f1", first) is None
    assert ask(house, "k1", "f1", Answer(200, {"points": 6})) == first
    assert ask(house, "k1", "f1") == first


def test_a_key_is_bound_to_its_request(house):
    ask(house, "k1", "f1", Answer(200, {}))
    with pytest.raises(KeyReused):
        ask(house, "k1", "f2")


def test_a_key_is_the_restaurant_s_own(house):
    sova = open_house("sova")
    ask(house, "k1", "f1", Answer(200, {}))
    assert ask(sova, "k1", "f2", Answer(200, {})) is None


def test_a_deed_that_failed_leaves_its_key_free(house):
    with pytest.raises(RuntimeError), database.transaction() as session:
        begin_and_fail(session, house.id)
    assert ask(house, "k1", "f2", Answer(200, {})) is None


def test_a_write_needs_a_key(luna):
    with pytest.raises(MissingKey):
        ask(luna, "", "f1")


@pytest.mark.parametrize("key", ["k" * 201, "ключ", "a\nb", "a\0b", "\x7f"])
def test_a_key_is_short_and_printable(luna, key):
    with pytest.raises(Malformed):
        ask(luna, key, "f1")


def test_the_longest_key_is_taken(house):
    assert ask(house, "k" * 200, "f1", Answer(200, {})) is None


def test_a_fingerprint_knows_the_route_and_the_body_but_not_their_order():
    assert ledger.fingerprint("earn", {"a": 1, "b": [2]}) == ledger.fingerprint("earn", {"b": [2], "a": 1})
    others = [ledger.fingerprint("redeem", {"a": 1}), ledger.fingerprint("earn", {"a": "1"}), ledger.fingerprint("earn", {"a": True})]
    assert len({ledger.fingerprint("earn", {"a": 1}), *others}) == 4
