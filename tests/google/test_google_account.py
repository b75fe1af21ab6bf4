import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import jwt

from walletpass import config
from walletpass.cards import Card, CardFace
from walletpass.errors import ConfigurationError
from walletpass.google import account
from walletpass.google.save_link import save_link, save_token


def test_a_key_that_others_may_read_is_refused(restaurant: Path, key_file: Path) -> None:
    key_file.chmod(0o640)
    with pytest.raises(ConfigurationError, match=r"can be read by other users of this machine\. Mend it with: chmod 600"):
        account.load()


def test_the_key_is_parsed_once_and_again_when_its_file_has_changed(restaurant: Path, key_file: Path) -> None:
    first = account.load()
    assert account.load() is first
    os.utime(key_file, ns=(1, 1))
    assert account.load() is not first


def test_no_key_means_not_set_up(restaurant: Path, key_file: Path) -> None:
    key_file.unlink()
    with pytest.raises(account.NotSetUp, match="Google Wallet is not set up"):
        account.load()


SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505
WHOLE = {"type": "service_account", "client_email": "a@b.iam.gserviceaccount.com", "token_uri": "x"}


def pem(key: Any) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(*form).decode())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "cannot be read as JSON"),
        ("\ufeff{}", "cannot be read as JSON"),
        ("[]", "it lacks type, client_email, private_key, token_uri"),
        ('{"installed": {"client_id": "1"}}', "it lacks type, client_email, private_key, token_uri"),
        ('{"type": "authorized_user", "refresh_token": "1"}', "its type is 'authorized_user'. Make a new JSON key"),
        (json.dumps(WHOLE), "it lacks private_key"),
        (json.dumps({**WHOLE, "private_key": 7}), "it lacks private_key"),
        (json.dumps({**WHOLE, "private_key": "no key"}), "holds a private_key that cannot sign"),
        (
            json.dumps({**WHOLE, "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}),
            "private_key that cannot sign",
        ),
        (json.dumps({**WHOLE, "private_key": pem(SHORT)}), "it must be RSA with 2048 bits at least"),
        (json.dumps({**WHOLE, "private_key": pem(ec.generate_private_key(ec.SECP256R1()))}), "it must be RSA with 2048 bits at least"),
    ],
)
def test_a_key_that_is_none_is_refused_in_a_sentence(restaurant: Path, key_file: Path, content: str, sentence: str) -> None:
    key_file.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(sentence)):
        account.load()


@pytest.mark.parametrize(
    ("email", "project"),
    [
        ("walletpass@luna.iam.gserviceaccount.com", "sova"),
        ("walletpass@cards.example.com.iam.gserviceaccount.com", "cards"),
        ("walletpass@luna.iam.gserviceaccount.com", "luna:luna"),
    ],
)
def test_an_account_of_another_project_is_refused(restaurant: Path, key_file: Path, email: str, project: str) -> None:
    key_file.write_text(json.dumps({**json.loads(key_file.read_text()), "client_email": email, "project_id": project}))
    with pytest.raises(ConfigurationError, match=f"put together from two files: the account {email} is not of the project {project}"):
        account.load()


@pytest.mark.parametrize(
    ("email", "project"),
    [
        ("walletpass@luna.iam.gserviceaccount.com", ""),
        ("walletpass@cards.example.com.iam.gserviceaccount.com", "example.com:cards"),
        ("luna@appspot.gserviceaccount.com", "luna"),
        ("1234-compute@developer.gserviceaccount.com", "luna"),
    ],
)
def test_every_name_that_google_gives_to_a_service_account_is_taken(restaurant: Path, key_file: Path, email: str, project: str) -> None:
    key_file.write_text(json.dumps({**json.loads(key_file.read_text()), "client_email": email, "project_id": project}))
    assert account.load().email == email


def test_google_s_own_library_reads_what_we_sign(restaurant: Path, private_key: rsa.RSAPrivateKey) -> None:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    claims = {"aud": "google", "iat": int(time.time()), "exp": int(time.time()) + 60, "name": "Трапеза"}
    token = account.load().sign(claims)
    assert jwt.decode(token, private_key.public_key().public_bytes(*form), audience="google") == claims
    assert jwt.decode_header(token) == {"typ": "JWT", "alg": "RS256", "kid": "key-1"}


def test_the_save_link_names_the_card_and_says_nothing_of_it(
    card: Card, look: Callable[[Card], CardFace], private_key: rsa.RSAPrivateKey, check_token: Callable[..., Any]
) -> None:
    face = look(card)
    with time_machine.travel(1_795_000_000, tick=False):
        link = save_link(account.load(), face)
    address, _, token = link.rpartition("/")
    assert address == "https://pay.google.com/gp/v/save"
    header, claims = check_token(token, private_key.public_key())
    assert (header["typ"], header["kid"]) == ("JWT", "key-1")
    assert claims == {
        "iss": "walletpass@luna.iam.gserviceaccount.com",
        "aud": "google",
        "typ": "savetowallet",
        "iat": 1_795_000_000 - 30,
        "origins": ["https://cards.luna.example"],
        "payload": {"loyaltyObjects": [{"id": f"3388000000000000001.{card.serial_number}", "classId": "3388000000000000001.luna"}]},
    }
    assert type(claims["iat"]) is int
    assert len(token) < 1000


def test_a_save_link_that_browsers_would_cut_is_refused(card: Card, look: Callable[[Card], CardFace]) -> None:
    settings = config.current()
    config.use(config.Settings(**{**vars(settings), "base_url": "https://" + "x" * 1200 + ".example"}))
    with pytest.raises(ConfigurationError, match=r"holds \d+ characters, and 1800 is all"):
        save_token(account.load(), look(card))


def test_the_file_that_google_hands_out_is_enough(restaurant: Path, key_file: Path) -> None:
    content = json.loads(key_file.read_text())
    key_file.write_text(json.dumps({**content, "project_id": "luna", "client_id": "1", "universe_domain": "googleapis.com"}))
    assert account.load().email == "walletpass@luna.iam.gserviceaccount.com"
