"""Coats and hooks: what a guest leaves at the door, on which hook it hangs, and who gave it back.

A thing goes from hung to returned, kept or lost, over pulled and back to the same hook, and from kept to returned or disposed of; every
step is a row for ever, and what was taken in is always the sum of what became of it. A ticket belongs to a card, or to four digits, and
is open while something of it is here. What devices did without a network is never refused and never lost: see `replay`.

Verbs: `look`, `here_of`, `propose`, `lane`, `check_in`, `hand_back`, `pull`, `hang_again`, `move`, `keep`, `lose`, `dispose`, `call`, `release`; of shifts `open_shift`,
`close_shift`, `shift`, `open_one`, `unaccounted`, `report`; of offline deeds `replay`, `conflicts`, `about`, `settle`; of what stayed `kept`, `due_for_disposal`, `tell_owners`
(`Morning` does it by itself); `photos`, `codes`, `rooms`, `retiring`, `tickets`, `queue`, `forget`.
"""

from walletpass.coatcheck import codes, photos, retiring, rooms, steps, tickets
from walletpass.coatcheck.calling import call, queue
from walletpass.coatcheck.checking_in import Wanted, Whose, check_in
from walletpass.coatcheck.forgetting import forget
from walletpass.coatcheck.hand import Hand
from walletpass.coatcheck.judging import SENTENCES
from walletpass.coatcheck.kinds import HERE, STANDING, How, ItemKind, State
from walletpass.coatcheck.looking import Look, Seen, first_name, here_of, look, must_be_alive, see
from walletpass.coatcheck.models import (
    Cloakroom,
    CoatItem,
    Conflict,
    DeadCode,
    Hook,
    OfflineDeed,
    Photo,
    Price,
    Shift,
    Step,
    Ticket,
)
from walletpass.coatcheck.morning import Morning, due_for_disposal, kept, tell_owners
from walletpass.coatcheck.proposing import lane, propose
from walletpass.coatcheck.pulling import hang_again, move, pull
from walletpass.coatcheck.releasing import release
from walletpass.coatcheck.replaying import Deed, DeedKind, replay
from walletpass.coatcheck.returning import dispose, hand_back, keep, lose
from walletpass.coatcheck.settling import about, conflicts, settle
from walletpass.coatcheck.shifts import close_shift, open_one, open_shift, report, unaccounted
from walletpass.coatcheck.shifts import get as shift

__all__ = [
    "HERE",
    "SENTENCES",
    "STANDING",
    "Cloakroom",
    "CoatItem",
    "Conflict",
    "DeadCode",
    "Deed",
    "DeedKind",
    "Hand",
    "Hook",
    "How",
    "ItemKind",
    "Look",
    "Morning",
    "OfflineDeed",
    "Photo",
    "Price",
    "Seen",
    "Shift",
    "State",
    "Step",
    "Ticket",
    "Wanted",
    "Whose",
    "about",
    "call",
    "check_in",
    "close_shift",
    "codes",
    "conflicts",
    "dispose",
    "due_for_disposal",
    "first_name",
    "forget",
    "hand_back",
    "hang_again",
    "here_of",
    "keep",
    "kept",
    "lane",
    "look",
    "lose",
    "move",
    "must_be_alive",
    "open_one",
    "open_shift",
    "photos",
    "propose",
    "pull",
    "queue",
    "release",
    "replay",
    "report",
    "retiring",
    "rooms",
    "see",
    "settle",
    "shift",
    "steps",
    "tell_owners",
    "tickets",
    "unaccounted",
]
