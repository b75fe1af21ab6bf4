"""What classes and objects are called at Google, for ever: nothing there is deleted, and no name is used again."""

from walletpass.cards import CardFace


def class_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.program_id}"


def object_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.{face.serial_number}"


def ticket_class_id(face: CardFace) -> str:
    return f"{class_id(face)}.coat"


def ticket_id(face: CardFace) -> str:
    return f"{face.google_issuer_id}.coat.{face.serial_number}"
