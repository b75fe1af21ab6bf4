import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa

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


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "it lacks client_email, private_key, token_uri"),
        ('{"client_email": "a@b", "token_uri": "x"}', "it lacks private_key"),
        ('{"client_email": "a@b", "token_uri": "x", "private_key": "no key"}', "holds a private_key that cannot sign"),
    ],
)
def test_a_key_that_is_none_is_refused_in_a_sentence(restaurant: Path, key_file: Path, content: str, sentence: str) -> None:
    key_file.write_text(content)
    with pytest.raises(ConfigurationError, match=sentence):
        account.load()


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
