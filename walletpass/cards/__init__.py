"""The card itself, whatever phone it is on.

A card's row is a read-model: what a phone is shown stands in it, and the ledger can rebuild it. `show` is the one verb by
which points, coats and messages change what is on the card, and the only one that puts a delivery on its way.

Verbs: `issue`, `show`, `touch`, `put_on`, `take_off`, `void`, `find_by_code`, `find`, `by_link`, `by_serial`, `face`, `load_design`,
`read_design`, `publish_design`, `artwork_path`, `stamped_path`, `artwork`; of codes that change: `rotation.begin`, `rotation.key_of`,
`rotation.prefix`, `rotation.applies`, `rotation.prove`, `rotation.must_be_proved`.
"""

from walletpass.cards.artwork import artwork, artwork_path, find_artwork, stamped_path
from walletpass.cards.changes import put_on, show, take_off, touch, void
from walletpass.cards.codes import card_code, check_digit, is_card_code, is_card_number
from walletpass.cards.designs import (
    Design,
    FieldSpec,
    Palette,
    check_design,
    design_folder,
    design_names,
    load_design,
    read_design,
    stamped,
)
from walletpass.cards.face import CardFace, Contact, Place, authentication_token, face
from walletpass.cards.issue import issue
from walletpass.cards.models import Card, DesignVersion, UpdateTag
from walletpass.cards.publishing import publish_design, remember_designs, unpublished
from walletpass.cards.shelf import by_link, by_serial, changed_since, find, find_by_code, get

__all__ = [
    "Card",
    "CardFace",
    "Contact",
    "Design",
    "DesignVersion",
    "FieldSpec",
    "Palette",
    "Place",
    "UpdateTag",
    "artwork",
    "artwork_path",
    "authentication_token",
    "by_link",
    "by_serial",
    "card_code",
    "changed_since",
    "check_design",
    "check_digit",
    "design_folder",
    "design_names",
    "face",
    "find",
    "find_artwork",
    "find_by_code",
    "get",
    "is_card_code",
    "is_card_number",
    "issue",
    "load_design",
    "publish_design",
    "put_on",
    "read_design",
    "remember_designs",
    "show",
    "stamped",
    "stamped_path",
    "take_off",
    "touch",
    "unpublished",
    "void",
]
