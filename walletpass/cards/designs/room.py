"""What Google Wallet has room for (developers.google.com/wallet/reference/rest/v1: "TextModuleData", "Uri")."""

from collections.abc import Iterator

from walletpass.cards.designs.model import Design

LONGEST_LABEL, LONGEST_TEXT = 35, 500
MOST_TEXTS, MOST_LINKS = 10, 10
# The restaurant's terms and address are texts too; its telephone, mail and website are links.
RESTAURANT_TEXTS, RESTAURANT_LINKS = 2, 3


def faults(design: Design) -> Iterator[str]:
    yield from _texts(design, "")
    if design.ticket is not None:
        yield from _texts(design.ticket, "ticket.")
    if len(design.links) > MOST_LINKS - RESTAURANT_LINKS:
        yield (
            f"Google Wallet shows {MOST_LINKS} links, {RESTAURANT_LINKS} of which are the restaurant's telephone, mail and website; "
            f"[[links]] has {len(design.links)}, and {MOST_LINKS - RESTAURANT_LINKS} have room."
        )
    for link in design.links:
        yield from _long(design, link.label, LONGEST_LABEL, "the label of a link")


def _texts(design: Design, room: str) -> Iterator[str]:
    texts = dict.fromkeys(field.value.removeprefix("text.") for field in design.fields if field.value.startswith("text."))
    if len(texts) > MOST_TEXTS - RESTAURANT_TEXTS:
        yield (
            f"Google Wallet shows {MOST_TEXTS} texts, {RESTAURANT_TEXTS} of which are the restaurant's terms and address; "
            f"[[{room}fields]] has {len(texts)}, and {MOST_TEXTS - RESTAURANT_TEXTS} have room."
        )
    for key in texts:
        yield from _long(design, key, LONGEST_TEXT, "a text on the back")
    for field in design.fields:
        yield from _long(design, field.label, LONGEST_LABEL, "a label")


def _long(design: Design, key: str, most: int, what: str) -> Iterator[str]:
    for language, strings in design.strings.items():
        if len(strings.get(key, "")) > most:
            yield f"strings/{language}.toml: {key} has {len(strings[key])} letters; Google Wallet has room for {most} in {what}."
