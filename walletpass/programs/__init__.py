"""The restaurant's brand: its venues, its rules of points, the design its cards wear, the channels that invite guests.

Every row elsewhere carries the id of its program. Verbs: `create`, `change`, `change_google`, `change_venue`, `get`, `by_pass_type`, `every`, `venues`, `add_venue`,
`add_channel`, `channel_by_code`.
"""

from walletpass.programs.models import Channel, Program, Venue
from walletpass.programs.setup import add_channel, add_venue, change, change_google, change_venue, create
from walletpass.programs.shelf import by_pass_type, channel_by_code, every, first_channel, get, venues

__all__ = [
    "Channel",
    "Program",
    "Venue",
    "add_channel",
    "add_venue",
    "by_pass_type",
    "change",
    "change_google",
    "change_venue",
    "channel_by_code",
    "create",
    "every",
    "first_channel",
    "get",
    "venues",
]
