"""What classes and objects are called at Google, for ever: nothing there is deleted, and no name is used again."""

from walletpass.cards import Card, CardFace

TICKETS = "coat."


def class_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.program_id}"


def object_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.serial_number}"


def ticket_class_id(face: CardFace) -> str:
    return f"{class_id(face)}.coat"


def ticket_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{TICKETS}{face.serial_number}"


def serial_number(issuer_id: str, object_id: str) -> str:
    """That of the card or ticket which is called so; what is no name of ours gives none of ours."""
    return object_id.removeprefix(f"{issuer_id}.").removeprefix(TICKETS)


def is_called(card: Card, object_id: str) -> bool:
    """Whether the name is that of the card's kind."""
    return object_id.endswith(f".{TICKETS}{card.serial_number}") == card.is_ticket
