"""Words to a guest's phone or mailbox: codes, links of cards, invitations.

`post` writes a message in the caller's transaction, so that it leaves with the commit or never; the text is sealed until it was
sent, and gone afterwards. A `Sender` for each way (SMS, e-mail) claims messages under a lease and hands them to a `Transport`;
those that live shortest go first. A message ends as sent, or dead with its reason: its life was over, or nobody takes it. A
process that is killed between the transport's yes and the note of it sends the same words twice, and never none.

Verbs: `post`, `withdraw`, `forget`, `texts`; for the operator `senders`, `reachable`, `faults`, `warnings`, `count_waiting`,
`count_dead`.
"""

from walletpass.messages import texts
from walletpass.messages.box import count_dead, count_waiting, forget, post, warnings, withdraw
from walletpass.messages.models import Message, State, Way, way_to
from walletpass.messages.sender import Sender, senders
from walletpass.messages.transport import Letter, Transport, faults, reachable

__all__ = [
    "Letter",
    "Message",
    "Sender",
    "State",
    "Transport",
    "Way",
    "count_dead",
    "count_waiting",
    "faults",
    "forget",
    "post",
    "reachable",
    "senders",
    "texts",
    "warnings",
    "way_to",
    "withdraw",
]
