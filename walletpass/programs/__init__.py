"""The restaurant's brand: its venues, its rules of points, the design its cards wear, the channels that invite guests.

Every row elsewhere carries the id of its program. Verbs: `create`, `change`, `change_google`, `change_venue`, `get`, `by_pass_type`, `every`, `booking_link`, `venues`, `add_venue`,
`add_channel`, `channels`, `channel_by_code`, `tiers`, `set_tiers`, `faults`, `lock`, `edition`, `changes`, `day_of`, `day_begins`. `RULES`
describes every rule, `ProgramRounds` goes round them all.
"""

from walletpass.programs.booking_page import filled as booking_link
from walletpass.programs.days import day_begins, day_of
from walletpass.programs.judging import Fault, faults
from walletpass.programs.models import Channel, Program, RuleChange, Tier, Venue
from walletpass.programs.rounds import ProgramRounds
from walletpass.programs.rules import RULES, Rule
from walletpass.programs.setup import add_channel, add_venue, change, change_google, change_venue, create
from walletpass.programs.shelf import by_pass_type, changes, channel_by_code, channels, edition, every, first_channel, get, lock, venues
from walletpass.programs.tiers import Step, set_tiers, tiers

__all__ = [
    "RULES",
    "Channel",
    "Fault",
    "Program",
    "ProgramRounds",
    "Rule",
    "RuleChange",
    "Step",
    "Tier",
    "Venue",
    "add_channel",
    "add_venue",
    "booking_link",
    "by_pass_type",
    "change",
    "change_google",
    "change_venue",
    "changes",
    "channel_by_code",
    "channels",
    "create",
    "day_begins",
    "day_of",
    "edition",
    "every",
    "faults",
    "first_channel",
    "get",
    "lock",
    "set_tiers",
    "tiers",
    "venues",
]
