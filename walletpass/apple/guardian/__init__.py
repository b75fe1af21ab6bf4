"""Keeping the certificate that signs a program's passes alive, from the signing request to the mail before it expires.

`request` makes a key and a signing request for Apple's portal and `pending` finds them again; `install` takes whatever files
came back, in any order, and puts them in place whole or not at all; `state`, `states` and `faults` say how programs stand; `warnings`
are sentences for everybody who looks, and `warn` mails each of them once. A `Watch` does that every hour.
"""

from walletpass.apple.guardian.checking import faults
from walletpass.apple.guardian.installing import Installed, install
from walletpass.apple.guardian.mail import Mailed, warn
from walletpass.apple.guardian.reading import LARGEST, Offer, holds_a_key
from walletpass.apple.guardian.requesting import Pending, pending, request
from walletpass.apple.guardian.standing import State, state, urgency
from walletpass.apple.guardian.watch import Watch, states, warnings

__all__ = [
    "LARGEST",
    "Installed",
    "Mailed",
    "Offer",
    "Pending",
    "State",
    "Watch",
    "faults",
    "holds_a_key",
    "install",
    "pending",
    "request",
    "state",
    "states",
    "urgency",
    "warn",
    "warnings",
]
