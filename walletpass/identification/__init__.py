"""Who stands there, and how surely: every way in, and the proof that spending points asks for.

A guest is NAMED by a phone number, SHOWN by a code or something that they carry, PROVED by what only they can do. Each way is a small
file in `ways/`, each second factor a class in `factors`; `rule` alone says when points ask for one. Of faces and fingers nothing is
kept, of codes and tokens an HMAC.

Verbs: `identify`, `uses_up`; of spending `must_be_proved`, `line_up`, `allowance`, `prove`, `read_proof`; of factors `offered`, `start`, `verify`; of things that
are carried `bind`, `unbind`, `bound`; of the guest's own phone `pins`, `passkeys`, `confirm`; `sweep`, `forget`.
"""

from walletpass.identification import app_keys, passkeys, pins
from walletpass.identification.app_keys import add_app_key, revoke_app_key
from walletpass.identification.card_codes import shown_until
from walletpass.identification.carriers import bind, bound, unbind
from walletpass.identification.confirmations import confirm, waits
from walletpass.identification.factors import Started, offered, start, verify
from walletpass.identification.forgetting import Sweeper, forget, sweep
from walletpass.identification.identify import identify, uses_up
from walletpass.identification.masks import masked_name, masked_number, masked_phone
from walletpass.identification.models import AppKey, BoundToken, CardCode, Confirmation, FactorTries, Passkey, SpentWord
from walletpass.identification.proofs import prove
from walletpass.identification.proofs import read as read_proof
from walletpass.identification.rule import ANY, allowance, line_up, may_go_on, must_be_proved
from walletpass.identification.searching import search
from walletpass.identification.way import Identified, Knock, Strength, Way

__all__ = [
    "ANY",
    "AppKey",
    "BoundToken",
    "CardCode",
    "Confirmation",
    "FactorTries",
    "Identified",
    "Knock",
    "Passkey",
    "SpentWord",
    "Started",
    "Strength",
    "Sweeper",
    "Way",
    "add_app_key",
    "allowance",
    "app_keys",
    "bind",
    "bound",
    "confirm",
    "forget",
    "identify",
    "line_up",
    "masked_name",
    "masked_number",
    "masked_phone",
    "may_go_on",
    "must_be_proved",
    "offered",
    "passkeys",
    "pins",
    "prove",
    "read_proof",
    "revoke_app_key",
    "search",
    "shown_until",
    "start",
    "sweep",
    "unbind",
    "uses_up",
    "verify",
    "waits",
]
