"""A guest who is signed in to the restaurant's own app: its signed word, and every word that is not."""

import base64
import hmac
import json
import time

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cast import open_house
from tests.identification.cast import AUDIENCE, ISSUER, App, bind, identify, pem
from walletpass import database, identification
from walletpass.errors import CodeExpired, CodeUsed, Malformed, NotOurCode
from walletpass.identification import Strength


@pytest.fixture
def app(house):
    return App(house)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_a_signed_token_proves_the_guest_once(house, algorithm):
    key = {
        "EdDSA": Ed25519PrivateKey.generate,
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
    }[algorithm]()
    token = App(house, key, algorithm).token(house.ana.id)
    seen = identify(house, token)
    assert (seen.card.id, seen.way, seen.strength) == (house.ana.id, "app_token", Strength.PROVED)
    with pytest.raises(CodeUsed):
        identify(house, token)


def test_a_token_without_a_name_of_its_own_proves_less_and_may_be_shown_again(house, app):
    token = app.token(house.ana.id, jti=None)
    for _ in range(2):
        assert identify(house, token).strength == Strength.SHOWN


def test_the_apps_own_name_for_a_member_opens_the_card_that_it_was_bound_to(house, app):
    with pytest.raises(NotOurCode):
        identify(house, app.token("member-17"))
    bind(house.ana, "member-17", "app")
    assert identify(house, app.token("member-17")).card.id == house.ana.id
    with pytest.raises(NotOurCode):
        identify(house, app.token("MEMBER-17"))


def test_a_refused_request_leaves_the_token_good(house, app):
    token = app.token(house.ana.id)
    with database.transaction() as session:
        identification.identify(session, house.program, token)
        session.rollback()
    assert identify(house, token).strength == Strength.PROVED


def test_an_old_one_says_so_and_one_that_is_good_for_too_long_is_none(house, app):
    token = app.token(house.ana.id)
    with time_machine.travel(time.time() + 600, tick=False), pytest.raises(CodeExpired):
        identify(house, token)
    assert identify(house, app.token(house.ana.id, exp=int(time.time()) + 600)).card.id == house.ana.id
    with pytest.raises(NotOurCode):
        identify(house, app.token(house.ana.id, exp=int(time.time()) + 900))


def test_every_claim_counts(house, app):
    for claims in (
        {"iss": "https://evil.example"}, {"aud": "another"}, {"iss": None}, {"aud": None}, {"exp": None}, {"sub": None}, {"sub": ""},
        {"sub": 17}, {"exp": "soon"}, {"iss": ["x"]}, {"nbf": int(time.time()) + 300}, {"exp": 10**400},
    ):  # fmt: skip
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": house.ana.id, "exp": int(time.time()) + 300, **claims}
        body = {name: value for name, value in said.items() if value is not None}
        with pytest.raises(NotOurCode):
            identify(house, signed(app, body))


def signed(app, body):
    """Also what the library would refuse to write."""
    head = {"alg": "EdDSA", "typ": "JWT"}
    said = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, body))
    return (said + b"." + base64.urlsafe_b64encode(app.key.sign(said)).rstrip(b"=")).decode()


def test_the_token_never_says_how_it_is_checked(house, app):
    """RFC 8725: none, and the public key as a shared secret."""
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": house.ana.id, "exp": int(time.time()) + 300, "jti": "x"}
    unsigned = jwt.encode(body, None, "none")
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, body)]
    mac = base64.urlsafe_b64encode(hmac.digest(pem(app.key).encode(), b".".join(encoded), "sha256")).rstrip(b"=")
    other = jwt.encode(body, Ed25519PrivateKey.generate(), "EdDSA")
    for token in (unsigned, b".".join([*encoded, mac]).decode(), other):
        with pytest.raises(NotOurCode):
            identify(house, token)


def test_flipping_any_letter_makes_it_nobodys(house, app):
    token = app.token(house.ana.id, jti=None)
    for place in range(0, len(token), 7):
        wrong = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        if wrong.rstrip("=")[:-1] != token[:-1]:
            with pytest.raises(NotOurCode):
                identify(house, wrong)


def test_a_revoked_key_and_another_restaurants_app_open_nothing(house, app):
    sova = open_house("sova")
    theirs = App(sova)
    for token in (theirs.token(house.ana.id), theirs.token(sova.ana.id), app.token(sova.ana.id)):
        with pytest.raises(NotOurCode):
            identify(house, token)
    token = app.token(house.ana.id)
    with database.transaction() as session:
        identification.revoke_app_key(session, house.id, app.row.id)
    with pytest.raises(NotOurCode):
        identify(house, token)


@pytest.mark.parametrize(
    "key",
    ["", "no key", "{}", '{"kty": "oct", "k": "c2VjcmV0"}', '{"kty": "OKP", "crv": "X25519", "x": "AAAA"}'],
)
def test_only_public_keys_of_the_three_kinds_are_taken(house, key):
    with database.transaction() as session, pytest.raises(Malformed):
        identification.add_app_key(session, house.id, label="", issuer=ISSUER, audience=AUDIENCE, key=key)


@pytest.mark.parametrize(
    "made",
    [
        lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
)
def test_small_and_other_keys_are_refused(house, made):
    with database.transaction() as session, pytest.raises(Malformed):
        identification.add_app_key(session, house.id, label="", issuer=ISSUER, audience=AUDIENCE, key=pem(made()))


def test_a_jwk_is_taken_too(house):
    key = Ed25519PrivateKey.generate()
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key())
    with database.transaction() as session:
        row = identification.add_app_key(session, house.id, label="", issuer=ISSUER, audience=AUDIENCE, key=jwk)
    assert (row.algorithm, row.public_key) == ("EdDSA", pem(key))
    private = jwt.algorithms.OKPAlgorithm.to_jwk(key)
    with database.transaction() as session, pytest.raises(Malformed, match="private"):
        identification.add_app_key(session, house.id, label="", issuer=ISSUER, audience=AUDIENCE, key=private)
