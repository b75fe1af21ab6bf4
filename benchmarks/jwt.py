"""How fast a save link is signed: the token of one card, beside a bare RSA signature and other makers of JWTs.

All take turns in one process, in an order that chance decides anew each round: ten raw signatures over as many bytes, ten tokens of
ours from faces of cards, ten with the same claims through google-auth, ten through PyJWT with the key at hand, and in every tenth
round one through PyJWT with the PEM text, which is how it is mostly called: it reads the key anew each time. A turn is measured in
CPU time. The median turn is the figure, and beside it stands the ratio of the best tenths, which neighbours on the machine do not
touch. Every maker's token is checked first, by PyJWT and by google-auth.
"""

import itertools
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from google.auth import crypt
from google.auth import jwt as google_jwt

from benchmarks import luna, table
from walletpass.cards import CardFace
from walletpass.google import account
from walletpass.google.save_link import save_token

CARDS, ROUNDS, TURN, PEM_EVERY = 200, 400, 10, 10
ISSUER = "3388000000000000001"
RAW, OURS = "raw RSA-2048 signature", "walletpass"
Make = Callable[[CardFace], Any]


@dataclass
class Contestant:
    """``make`` signs for one card, ``turn`` times in a row, every so many rounds; ``calls`` are seconds of one."""

    name: str
    make: Make
    turn: int = TURN
    every: int = 1
    calls: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return statistics.median(self.calls)

    @property
    def undisturbed(self) -> float:
        """What nine in ten exceed."""
        return statistics.quantiles(self.calls, n=10)[0]


def main() -> None:
    with luna.opened() as house:
        faces = [replace(face, google_issuer_id=ISSUER) for face in luna.faces(house, CARDS)]
        ours = account.load()
        token = save_token(ours, faces[0])
        contestants = _contestants(ours, token)
        for contestant in contestants:
            _must_hold(contestant, faces[0])
        _take_turns(contestants, faces)
        _report({contestant.name: contestant for contestant in contestants}, token)


def _contestants(ours: account.Account, token: str) -> list[Contestant]:
    pem = json.loads(account.key_file().read_text("utf-8"))["private_key"]
    signed, key_id = token.rpartition(".")[0].encode(), ours.signer.key_id
    claims = jwt.decode(token, options={"verify_signature": False})

    def of(face: CardFace) -> dict[str, Any]:
        """The claims as an application would put them together."""
        its_object = {"id": f"{ISSUER}.{face.serial_number}", "classId": f"{ISSUER}.{face.program_id}"}
        return {**claims, "iat": int(time.time()) - 30, "origins": [face.base_url], "payload": {"loyaltyObjects": [its_object]}}

    def with_key(key: Any) -> Make:
        return lambda face: jwt.encode(of(face), key, algorithm="RS256", headers={"kid": key_id})

    return [
        Contestant(RAW, lambda _: ours.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())),
        Contestant(OURS, lambda face: save_token(ours, face)),
        Contestant(f"google-auth {version('google-auth')}", lambda face: google_jwt.encode(ours.signer, of(face))),
        Contestant(f"PyJWT {version('pyjwt')}, key at hand", with_key(ours.key)),
        Contestant(f"PyJWT {version('pyjwt')}, PEM each time", with_key(pem), 1, PEM_EVERY),
    ]


def _must_hold(contestant: Contestant, face: CardFace) -> None:
    """All say the same, and two libraries that are not ours believe the signature."""
    if contestant.name == RAW:
        return
    token = contestant.make(face)
    public, form = account.load().key.public_key(), (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    believed = jwt.decode(token, public, algorithms=["RS256"], audience="google")
    assert believed["payload"]["loyaltyObjects"][0]["id"] == f"{ISSUER}.{face.serial_number}"
    # Google's library wants an end of every token that it checks, and a save link has none: so only its signature is looked at.
    signed, _, signature = (token if isinstance(token, bytes) else token.encode()).rpartition(b".")
    verifier = crypt.RSAVerifier.from_string(public.public_bytes(*form))
    assert verifier.verify(signed, jwt.utils.base64url_decode(signature))


def _take_turns(contestants: list[Contestant], faces: list[CardFace]) -> None:
    numbers, chance = itertools.count(), random.Random(7515)
    for round_ in range(-1, ROUNDS):  # the first round warms up
        due = [contestant for contestant in contestants if round_ % contestant.every == 0 or round_ < 0]
        for contestant in chance.sample(due, len(due)):
            shown = [faces[next(numbers) % CARDS] for _ in range(contestant.turn)]
            before = time.process_time()
            for face in shown:
                contestant.make(face)
            taken = time.process_time() - before
            if round_ >= 0:
                contestant.calls.append(taken / contestant.turn)


def _report(results: dict[str, Contestant], token: str) -> None:
    raw, ours = results[RAW], results[OURS]
    rows = [
        (
            one.name,
            f"{len(one.calls) * one.turn:,}",
            table.figure(1 / one.seconds),
            table.figure(one.seconds * 1000),
            f"{raw.seconds / one.seconds:.3f}",
            f"{raw.undisturbed / one.undisturbed:.3f}",
            table.figure(one.seconds / ours.seconds),
        )
        for one in results.values()
    ]
    goals = [
        table.goal("of raw RSA, medians", raw.seconds / ours.seconds, 0.90),
        table.goal("of raw RSA, best tenths", raw.undisturbed / ours.undisturbed, 0.90),
    ]
    head = ("one save link, one thread", "calls", "links per CPU s", "ms", "of raw RSA", "best tenth", "walletpass is faster by")
    table.show(f"Signing a save link of {len(token)} characters", head, rows, goals)


if __name__ == "__main__":
    main()
