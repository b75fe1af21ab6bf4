"""Telling other people's servers what happened here: the feed, sent to them.

Each webhook has a place in the feed and is told every event behind it, one after the other and signed (`signatures`); the next one
leaves when the one before was taken, so it hears of everything at least once, and first in order. A receiver that fails is tried
again at longer and longer intervals, and after a day it is paused and named. What a webhook may lead to is in `addresses`.

Verbs: `create`, `get`, `listed`, `pause`, `resume`, `switch_off`, `rotate`, `secret`; `rewind`, `send_again` and `ping` tell something once
more; `newest` is the log; `warnings`, `paused`, `behind`, `waits_since` and `oldest_untold` are for the operator; a `Dispatcher` does the telling.
"""

from walletpass.webhooks.again import ping, rewind, send_again
from walletpass.webhooks.dispatcher import Dispatcher
from walletpass.webhooks.letters import described
from walletpass.webhooks.log import newest
from walletpass.webhooks.models import Webhook, WebhookDelivery
from walletpass.webhooks.register import create, get, listed, pause, resume, rotate, secret, switch_off
from walletpass.webhooks.watch import behind, oldest_untold, paused, waits_since, warnings

__all__ = [
    "Dispatcher",
    "Webhook",
    "WebhookDelivery",
    "behind",
    "create",
    "described",
    "get",
    "listed",
    "newest",
    "oldest_untold",
    "pause",
    "paused",
    "ping",
    "resume",
    "rewind",
    "rotate",
    "secret",
    "send_again",
    "switch_off",
    "waits_since",
    "warnings",
]
