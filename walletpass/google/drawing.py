"""A face in Google's terms: a card is a loyalty object of its program's class, a coat ticket a generic object of a class of its own."""

from dataclasses import dataclass
from typing import Any

from walletpass.cards import CardFace
from walletpass.google.classes import loyalty_class
from walletpass.google.client import GENERIC_CLASS, GENERIC_OBJECT, LOYALTY_CLASS, LOYALTY_OBJECT, Kind
from walletpass.google.marks import Mark
from walletpass.google.objects import loyalty_object
from walletpass.google.tickets import generic_class, generic_object

Resource = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """``kind`` is that of the card, under which the class is remembered; the other two are Google's names of resources."""

    kind: str
    class_kind: Kind
    its_class: Resource
    object_kind: Kind
    its_object: Resource

    @property
    def marks(self) -> tuple[Mark, Mark]:
        """Of the class, then of the object."""
        return Mark.of(self.its_class), Mark.of(self.its_object)


def draw(face: CardFace) -> Drawing:
    if face.is_ticket:
        return Drawing(face.kind, GENERIC_CLASS, generic_class(face), GENERIC_OBJECT, generic_object(face))
    return Drawing(face.kind, LOYALTY_CLASS, loyalty_class(face), LOYALTY_OBJECT, loyalty_object(face))
