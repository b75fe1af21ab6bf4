"""How the pass reaches beyond itself: web service, NFC, the app, and what it tells everyone who has the file."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from walletpass.apple.inspection import shapes
from walletpass.apple.inspection.findings import Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

SHORTEST_TOKEN = 16
NFC: shapes.Shape = {"message": "text", "encryptionPublicKey": "text", "requiresAuthentication": "yes or no"}
NFC_BYTES = 64
SECRET = re.compile(r"pass(word|wd|code)|secret|api_?key|token|pin\b|private|iban|credential", re.IGNORECASE)


def check(content: Object) -> Findings:
    yield from _web_service(content)
    yield from _nfc(content)
    stores = content.get("associatedStoreIdentifiers")
    if content.get("appLaunchURL") and not stores:
        yield ignored(
            "app-launch-without-app", "pass.json: appLaunchURL does nothing without associatedStoreIdentifiers. Add the app's id."
        )
    for index, store in enumerate(stores if isinstance(stores, list) else ()):
        if store is not None and not shapes.is_a("a number", store):
            yield refused("value-type", f"pass.json: associatedStoreIdentifiers[{index}] has to be a number, not {said(store)}.")
    for path in _secrets(content.get("userInfo")):
        yield advice(
            "user-info-secret", f"pass.json: {path} looks like a secret, and everyone with the file can read userInfo. Take it out."
        )


def _web_service(content: Object) -> Findings:
    url, token = content.get("webServiceURL"), content.get("authenticationToken")
    if url is None:
        if token is not None:
            yield ignored("token-without-service", "pass.json: authenticationToken does nothing without webServiceURL. Add the address.")
        return
    if token is None:
        yield refused("token-missing", "pass.json: webServiceURL needs an authenticationToken of at least 16 characters beside it.")
    elif isinstance(token, str) and len(token) < SHORTEST_TOKEN:
        yield refused("token-short", f"pass.json: authenticationToken has {len(token)} characters; it needs at least {SHORTEST_TOKEN}.")
    if isinstance(url, str):
        yield from _address(url)


def _address(url: str) -> Findings:
    try:
        parts = urlsplit(url)
        scheme, host, path = parts.scheme, parts.hostname or "", parts.path
        _ = parts.port  # raises when it is no number
    except ValueError:
        scheme, host, path = "", "", ""
    if not host or scheme not in ("http", "https") or re.search(r"\s", url):
        yield refused(
            "web-service-url", f"pass.json: webServiceURL {said(url)} is no address. Write it like https://cards.example.com/apple."
        )
        return
    if scheme == "http":
        yield ignored(
            "web-service-http",
            "pass.json: webServiceURL is http; phones fetch updates by https only (http with a developer's switch). Use https.",
        )
    if "v1" in path.split("/"):
        yield ignored(
            "web-service-v1", "pass.json: webServiceURL contains /v1, which the phone adds itself, so updates never come. Take /v1 off."
        )


def _nfc(content: Object) -> Findings:
    nfc = content.get("nfc")
    if not isinstance(nfc, dict):
        return
    yield from shapes.keys("nfc", nfc, NFC)
    for key in ("message", "encryptionPublicKey"):
        if not nfc.get(key):
            yield refused("nfc-incomplete", f"pass.json: nfc has no {key}. It needs both message and encryptionPublicKey.")
    message, public_key = nfc.get("message"), nfc.get("encryptionPublicKey")
    if isinstance(message, str) and len(message.encode("utf-8", "replace")) > NFC_BYTES:
        yield ignored("nfc-message-long", f"pass.json: nfc.message is longer than {NFC_BYTES} bytes and is cut. Send the guest's id alone.")
    if isinstance(public_key, str) and public_key and not _p256(public_key):
        yield refused(
            "nfc-key",
            "pass.json: nfc.encryptionPublicKey is no P-256 public key (SubjectPublicKeyInfo in base64). Make one with openssl ecparam.",
        )


def _p256(text: str) -> bool:
    try:
        key = load_der_public_key(base64.b64decode(text[:4_000], validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _secrets(user_info: Any) -> Iterator[str]:
    open_ends: list[tuple[str, Any]] = [("userInfo", user_info)]
    while open_ends:
        path, value = open_ends.pop()
        if isinstance(value, dict):
            for key, child in value.items():
                shown = f"{path}.{key if key.isidentifier() and len(key) <= 40 else said(key)}"
                if SECRET.search(key[:200]):
                    yield shown
                else:
                    open_ends.append((shown, child))
        elif isinstance(value, list):
            open_ends.extend((f"{path}[{index}]", child) for index, child in enumerate(value))
