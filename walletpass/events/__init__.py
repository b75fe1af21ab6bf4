"""What happened, one after the other: the feed that other systems follow.

Whoever does a deed says so with `happened`, and the event commits with the deed or not at all. Each program counts its events
without a gap, and a lower number never appears after a higher one: who has read up to a number has read everything before it. An
event holds ids and numbers, and never anything about a person.

Verbs: `happened`, `after` reads on from a number; `cursor` and `place` are what readers are given for it; `last`, `get`, `forget`
(what is older than so many days; `Forgetting` does it by itself); `following` wakes who waits for the next one.
"""

from walletpass.events.cursors import cursor, place
from walletpass.events.feed import Page, after, get, last
from walletpass.events.following import Following, following
from walletpass.events.forgetting import Forgetting, forget
from walletpass.events.happening import happened
from walletpass.events.kinds import Kind
from walletpass.events.models import Event, EventCount

__all__ = [
    "Event",
    "EventCount",
    "Following",
    "Forgetting",
    "Kind",
    "Page",
    "after",
    "cursor",
    "following",
    "forget",
    "get",
    "happened",
    "last",
    "place",
]
