"""Everything said to or by Apple.

A card's face becomes a signed pass (`build`, and `pass_of` with its cache); phones fetch it and register through the
blueprint `bp`; changes reach them through `AppleChannel`. A program's certificate is read by `identity`, which refuses in a
sentence what a phone would refuse in silence; `available` says whether a program has one at all.
"""

from walletpass.apple.certificates import SigningIdentity, available, identity
from walletpass.apple.channel import AppleChannel
from walletpass.apple.models import AppleDevice, Registration
from walletpass.apple.package import build
from walletpass.apple.passes import pass_of
from walletpass.apple.routes import bp

__all__ = ["AppleChannel", "AppleDevice", "Registration", "SigningIdentity", "available", "bp", "build", "identity", "pass_of"]
