"""Everything said to or by Google.

A program is one loyalty class and a card one loyalty object; the coat tickets of guests without a card are generic objects of a
class of their own. All are written over REST before a guest sees a save link; the link itself names them and holds nothing else. Google is told no phone number, and a first name only where the program says so:
a card there is a number, its points, what the design shows of it and the digits of its QR. Verbs: `available` says whether a
program's cards can go to Google Wallet, `GoogleChannel` carries changes there, `loyalty_class` and `loyalty_object` draw a
card in Google's terms, `generic_class` and `generic_object` the coat ticket of a guest without one, `save_link` makes the
address behind the button, and `bp` is the route the button leads to, and the one where Google calls when a card was saved or
removed. `announce` tells something to everybody who holds the card. `presence` and `count` say what those calls told, `hand_over` leaves the object of a card to the one that ended in its place, `latest` what Google was told,
`refusals` how many of them changed nothing; a `Watch` in each server process has Google's keys ready for the next.
"""

from walletpass.google.account import Account, NotSetUp
from walletpass.google.announcing import announce, announced
from walletpass.google.callbacks import refusals
from walletpass.google.channel import GoogleChannel
from walletpass.google.classes import loyalty_class
from walletpass.google.client import Client
from walletpass.google.ids import class_id, object_id, ticket_class_id, ticket_id
from walletpass.google.mirror import is_current
from walletpass.google.models import GoogleClass, GoogleMessage, GoogleObject
from walletpass.google.objects import loyalty_object
from walletpass.google.presence import Count, Presence, count, hand_over, latest, presence
from walletpass.google.routes import available, bp
from walletpass.google.save_link import save_link
from walletpass.google.tickets import generic_class, generic_object
from walletpass.google.watch import Watch

__all__ = [
    "Account",
    "Client",
    "Count",
    "GoogleChannel",
    "GoogleClass",
    "GoogleMessage",
    "GoogleObject",
    "NotSetUp",
    "Presence",
    "Watch",
    "announce",
    "announced",
    "available",
    "bp",
    "class_id",
    "count",
    "generic_class",
    "generic_object",
    "hand_over",
    "is_current",
    "latest",
    "loyalty_class",
    "loyalty_object",
    "object_id",
    "presence",
    "refusals",
    "save_link",
    "ticket_class_id",
    "ticket_id",
]
