"""Everything said to or by Google.

A program is one loyalty class and a card one loyalty object, both written over REST before a guest sees a save link; the
link itself names them and holds nothing else. Google is told no name and no phone number: a card there is a number, its
points and the digits of its QR. Verbs: `available` says whether a program's cards can go to Google Wallet,
`GoogleChannel` carries changes there, `loyalty_class` and `loyalty_object` draw a card in Google's terms, `save_link`
makes the address behind the button, and `bp` is the route the button leads to.
"""

from walletpass.google.account import Account, NotSetUp
from walletpass.google.channel import GoogleChannel
from walletpass.google.client import Client
from walletpass.google.models import GoogleClass, GoogleObject
from walletpass.google.objects import class_id, loyalty_class, loyalty_object, object_id
from walletpass.google.routes import available, bp
from walletpass.google.save_link import save_link

__all__ = [
    "Account",
    "Client",
    "GoogleChannel",
    "GoogleClass",
    "GoogleObject",
    "NotSetUp",
    "available",
    "bp",
    "class_id",
    "loyalty_class",
    "loyalty_object",
    "object_id",
    "save_link",
]
