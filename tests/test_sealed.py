"""Secrets in a column: of no use to whoever has a copy of the database."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from walletpass import config
from walletpass.errors import ConfigurationError
from walletpass.sealed import Place, seal, unseal

OLD, NEW = "1:" + "5e" * 32, "2:" + "7a" * 32
PLACE = Place("card.rotation_key", "luna", "0001")
TEXT = st.text(max_size=40)


@pytest.fixture(autouse=True)
def ring():
    config.use(config.Settings(secret_keys=OLD))


@profile(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), TEXT, TEXT)
def test_what_is_sealed_opens_in_its_place(secret, program, row):
    place = Place("card.rotation_key", program, row)
    assert unseal(seal(secret, place), place) == secret


def test_the_same_secret_never_looks_the_same():
    assert len({seal(b"secret", PLACE) for _ in range(50)}) == 50


def test_a_key_of_twenty_bytes_takes_66_characters():
    assert len(seal(bytes(20), PLACE)) == 66


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, row="0002"),
        replace(PLACE, program_id="sova"),
        replace(PLACE, column="coat.photo"),
        Place("card.rotation_key", "lun", "a0001"),
    ],
    ids=["row", "program", "column", "shifted"],
)
def test_a_value_that_was_copied_elsewhere_does_not_open(other):
    with pytest.raises(ConfigurationError, match="does not open: it was changed, belongs to another row"):
        unseal(seal(b"secret", PLACE), other)


def test_every_changed_character_is_noticed():
    whole = seal(bytes(20), PLACE)
    for place, letter in enumerate(whole):
        with pytest.raises(ConfigurationError):
            unseal(whole[:place] + ("B" if letter == "A" else "A") + whole[place + 1 :], PLACE)


@pytest.mark.parametrize("text", ["", ".", "1", "1.", "1.AAAA", "1.!!!!", "1.ключ", "x.AAAA", "\0"])
def test_what_was_never_sealed_is_refused_in_a_sentence(text):
    with pytest.raises(ConfigurationError, match=r"card\.rotation_key of luna/0001"):
        unseal(text, PLACE)


def test_a_new_key_in_front_seals_and_the_old_one_still_opens():
    old = seal(b"secret", PLACE)
    config.use(config.Settings(secret_keys=f"{NEW},{OLD}"))
    assert unseal(old, PLACE) == b"secret"
    assert seal(b"secret", PLACE).startswith("2.")


def test_a_key_that_has_left_the_ring_is_asked_for():
    old = seal(b"secret", PLACE)
    config.use(config.Settings(secret_keys=NEW))
    with pytest.raises(ConfigurationError, match=r"Key 1 has left WALLETPASS_SECRET_KEYS, but card\.rotation_key of luna/0001 is sealed"):
        unseal(old, PLACE)


def test_another_key_under_the_same_name_opens_nothing():
    old = seal(b"secret", PLACE)
    config.use(config.Settings(secret_keys="1:" + "11" * 32))
    with pytest.raises(ConfigurationError, match="or key 1 of WALLETPASS_SECRET_KEYS is not the one"):
        unseal(old, PLACE)
