"""What a receiver can rely on, and what a forger meets."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walletpass import signatures
from walletpass.errors import WrongSignature

NOW = 1_790_000_000
OLD, NEW = "whsec_old", "whsec_new"


def test_the_signature_is_the_one_that_is_described():
    header = signatures.sign([NEW], b'{"a":1}', NOW)
    expected = hmac.new(NEW.encode(), f"{NOW}.".encode() + b'{"a":1}', hashlib.sha256).hexdigest()
    assert header == f"t={NOW},v1={expected}"


@given(st.binary(max_size=200), st.sampled_from([[NEW], [OLD], [NEW, OLD]]))
def test_what_was_signed_with_one_of_the_secrets_fits(body, signed_with):
    assert signatures.must_fit([NEW, OLD], signatures.sign(signed_with, body, NOW), body, NOW) == NOW


def test_a_receiver_that_knows_one_secret_reads_what_two_signed():
    both = signatures.sign([NEW, OLD], b"x", NOW)
    assert signatures.must_fit([OLD], both, b"x", NOW) == NOW
    assert signatures.must_fit([NEW], both, b"x", NOW) == NOW


@given(st.data())
def test_one_bit_more_or_less_does_not_fit(data):
    body = data.draw(st.binary(min_size=1, max_size=50))
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WrongSignature, match="does not fit"):
        signatures.must_fit([NEW], signatures.sign([NEW], body, NOW), bytes(changed), NOW)


def test_another_time_than_the_signed_one_does_not_fit():
    header = signatures.sign([NEW], b"x", NOW).replace(str(NOW), str(NOW + 1))
    with pytest.raises(WrongSignature, match="does not fit"):
        signatures.must_fit([NEW], header, b"x", NOW)


@pytest.mark.parametrize("away", [-301, 301])
def test_a_request_recorded_and_sent_again_is_refused(away):
    with pytest.raises(WrongSignature, match="300 seconds"):
        signatures.must_fit([NEW], signatures.sign([NEW], b"x", NOW), b"x", NOW + away)
    assert signatures.must_fit([NEW], signatures.sign([NEW], b"x", NOW), b"x", NOW + away // 301 * 300) == NOW


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        f"v1={'0' * 64}",
        "t=,v1=00",
        "t=-5,v1=00",
        "t=1e9,v1=00",
        f"t={NOW},t={NOW},v1=00",
        "t=٣,v1=00",
        "t=1,v1=ü",
        "x" * 9000,
        "t=" + "9" * 5000,
    ],
)
def test_a_header_of_another_form_is_refused_in_a_sentence(header):
    with pytest.raises(WrongSignature) as refused:
        signatures.must_fit([NEW], header, b"x", NOW)
    assert refused.value.status == 401
    assert refused.value.message.endswith(".")


def test_no_signature_fits_where_there_is_no_secret():
    with pytest.raises(WrongSignature):
        signatures.must_fit([], signatures.sign([NEW], b"x", NOW), b"x", NOW)


def test_two_secrets_are_never_the_same():
    made = {signatures.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 49 and secret.isascii() for secret in made)
