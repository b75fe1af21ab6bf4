"""Everything said to or by Apple.

A card's face becomes a signed pass (`build`, and `pass_of` with its cache); phones fetch it and register through the
blueprint `bp`; changes reach them through `AppleChannel`, and `proof` says how far each has come: sent, asked for, fetched.
`lagging`, `latest` and `gone` say it of all cards, `hand_over` leaves the phones of a card to the one that ended in its place, `heard` what phones did not like. A program's certificate is read by
`identity`, which refuses in a sentence what a phone would refuse in silence; `available` says whether a program has one at
all.
"""

from walletpass.apple.certificates import SigningIdentity, available, identity
from walletpass.apple.channel import AppleChannel
from walletpass.apple.complaints import latest as heard
from walletpass.apple.models import AppleDevice, AppleLog, DeviceDelivery, Registration
from walletpass.apple.package import build
from walletpass.apple.passes import pass_of
from walletpass.apple.proofs import DeviceProof, gone, lagging, latest, proof
from walletpass.apple.registrations import hand_over
from walletpass.apple.routes import bp

__all__ = [
    "AppleChannel",
    "AppleDevice",
    "AppleLog",
    "DeviceDelivery",
    "DeviceProof",
    "Registration",
    "SigningIdentity",
    "available",
    "bp",
    "build",
    "gone",
    "hand_over",
    "heard",
    "identity",
    "lagging",
    "latest",
    "pass_of",
    "proof",
]
