"""What was ordered and paid, from the first line to the payment: visits, the average check, what a guest likes, who serves them.

A check is open, then closed; closing it earns for the card that is attached, in the same transaction. Later it may be refunded, in
parts or whole, or its points taken back; an open one may be voided. What is known of a guest (`Habit`, `Favourite`, `Service`) is kept with
every check; `retell` makes it again from the checks.

Verbs: `open_check`, `add_lines`, `take_off`, `attach`, `detach`, `join`, `bill`, `close`, `refund`, `void`; for tills that know no open checks
`record`, `take_back`, `move`, `refunded`; to look at `get`, `seen`, `open_checks`, `latest`, `lines_of`, `may_be_paid`, `payments`, `summary`, `favourites`, `usual_waiters`, `report`, `identified`, `past`,
`without_guest`; of the menu `put_items`, `set_available`, `items`; `retell` and `known`, which cards to retell.
"""

from walletpass.checks.attaching import attach, detach, join
from walletpass.checks.closing import Payment, bill, close, payments
from walletpass.checks.habits import known, retell
from walletpass.checks.lines import MOST_LINES, Ordered, add_lines, lines_of, take_off
from walletpass.checks.menu import items, put_items, set_available
from walletpass.checks.models import Check, CheckLine, Favourite, Habit, Item, Service
from walletpass.checks.opening import Seen, get, latest, may_be_paid, open_check, open_checks, seen
from walletpass.checks.refunding import Returned, refund, refunded, void
from walletpass.checks.report import Counts, Report, report
from walletpass.checks.shares import Share, identified
from walletpass.checks.stream import past, without_guest
from walletpass.checks.summary import Favourites, Summary, favourites, is_regular, name_of, summary, usual_waiters
from walletpass.checks.visits import move, record, take_back

__all__ = [
    "MOST_LINES",
    "Check",
    "CheckLine",
    "Counts",
    "Favourite",
    "Favourites",
    "Habit",
    "Item",
    "Ordered",
    "Payment",
    "Report",
    "Returned",
    "Seen",
    "Service",
    "Share",
    "Summary",
    "add_lines",
    "attach",
    "bill",
    "close",
    "detach",
    "favourites",
    "get",
    "identified",
    "is_regular",
    "items",
    "join",
    "known",
    "latest",
    "lines_of",
    "may_be_paid",
    "move",
    "name_of",
    "open_check",
    "open_checks",
    "past",
    "payments",
    "put_items",
    "record",
    "refund",
    "refunded",
    "report",
    "retell",
    "seen",
    "set_available",
    "summary",
    "take_back",
    "take_off",
    "usual_waiters",
    "void",
    "without_guest",
]
