"""What a waiter sees of a guest who is not in front of them yet."""

BLOT = "\u2022"


def masked_phone(phone: str) -> str:
    """``+49 ••••••• 89``: enough to compare with what the guest says."""
    return f"{phone[:3]} {BLOT * (len(phone) - 5)} {phone[-2:]}" if len(phone) > 7 else ""


def masked_name(name: str) -> str:
    """``Ana B.``"""
    words = name.split()
    return " ".join([*words[:1], *(f"{word[0]}." for word in words[1:][-1:])])


def masked_number(number: str) -> str:
    """The last four digits of a card number."""
    return f"{BLOT * 4} {number[-4:]}"
