"""The ways, in the order in which they are tried: what proves more first, and what is looked up among others' things last."""

from walletpass.identification.way import Way
from walletpass.identification.ways.app_token import AppToken
from walletpass.identification.ways.card_id import CardId
from walletpass.identification.ways.changing_code import ChangingCode
from walletpass.identification.ways.code import Code
from walletpass.identification.ways.match import Match
from walletpass.identification.ways.number import Number
from walletpass.identification.ways.phone import Phone
from walletpass.identification.ways.stripe import Stripe
from walletpass.identification.ways.token import Token

WAYS: tuple[Way, ...] = (AppToken(), ChangingCode(), Code(), CardId(), Number(), Stripe(), Token(), Match(), Phone())
