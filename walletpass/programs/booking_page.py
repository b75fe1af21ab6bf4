"""Where guests book: an address of the restaurant's booking system, with places for what is known of a guest."""

import re
from string import Formatter
from urllib.parse import quote

from walletpass.errors import Malformed

LONGEST = 300
PLACES = frozenset({"name", "phone", "party", "notes"})
# No place before the path: a guest's own words never choose the site.
SITE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][^\s\"'<>\\]*)?")


def checked(address: str) -> None:
    """Raises Malformed for what is no address, or has other places than ``{name}``, ``{phone}``, ``{party}`` and ``{notes}``."""
    if address and (len(address) > LONGEST or not SITE.fullmatch(address) or not _places(address) <= PLACES):
        raise Malformed(
            "A booking page looks like https://luna.example/book?name={name}&tel={phone}; there are {party} and {notes} besides.",
            field="booking_page",
        )


def filled(address: str, *, name: str = "", phone: str = "", party: int = 2, notes: str = "") -> str:
    """The address for one guest. What is filled in is quoted: it ends no field and begins none."""
    values = {"name": name, "phone": phone, "party": str(party), "notes": notes}
    return re.sub(r"\{(\w+)\}", lambda found: quote(values.get(found[1], ""), safe=""), address)


def _places(address: str) -> set[str]:
    try:
        parts = list(Formatter().parse(address))
    except ValueError:
        return {""}
    return {f"{name}{':' if spec else ''}{conversion or ''}" for _, name, spec, conversion in parts if name is not None}
