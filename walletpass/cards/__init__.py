"""The card itself, whatever phone it is on.

A card's row is a read-model: what a phone is shown stands in it, and the ledger can rebuild it. `show` is the one verb by
which points, coats and messages change what is on the card, and the only one that puts a delivery on its way.

A card that went up in another opens that one: `join`, `part`, `survivor`, `all_of`, `ids_of`, and `faces_of`: those that still show it.

A coat ticket, for a guest without a card, is a card in a phone's eyes and a row of the same table, and is refused wherever a card
has to have a guest: `issue_ticket`, `must_be_card`; `known` finds either, ended or not.

Verbs: `issue`, `renew`, `reissue`, `show`, `touch`, `put_on`, `take_off`, `void`, `find_by_code`, `find`, `by_link`, `by_link_in_use`, `by_serial`, `of_guest`, `face`, `load_design`,
`read_design`, `publish_design`, `artwork_path`, `stamped_path`, `artwork`; of codes that change: `rotation.begin`, `rotation.key_of`,
`rotation.prefix`, `rotation.applies`, `rotation.prove`, `rotation.must_be_proved`.
"""

from walletpass.cards.artwork import artwork, artwork_path, find_artwork, stamped_path
from walletpass.cards.changes import put_on, show, take_off, touch, void
from walletpass.cards.codes import card_code, check_digit, is_card_code, is_card_number, keyed
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
from walletpass.cards.face import CardFace, Contact, Place, authentication_token, face, web_url
from walletpass.cards.issue import issue, issue_ticket
from walletpass.cards.joining import all_of, faces_of, ids_of, join, part, survivor
from walletpass.cards.models import Card, DesignVersion, UpdateTag
from walletpass.cards.publishing import publish_design, remember_designs, unpublished
from walletpass.cards.renewing import reissue, renew
from walletpass.cards.shelf import (
    by_link,
    by_link_in_use,
    by_serial,
    changed_since,
    find,
    find_by_code,
    get,
    in_use,
    known,
    must_be_card,
    of_guest,
)

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
    "all_of",
    "artwork",
    "artwork_path",
    "authentication_token",
    "by_link",
    "by_link_in_use",
    "by_serial",
    "card_code",
    "changed_since",
    "check_design",
    "check_digit",
    "design_folder",
    "design_names",
    "face",
    "faces_of",
    "find",
    "find_artwork",
    "find_by_code",
    "get",
    "ids_of",
    "in_use",
    "is_card_code",
    "is_card_number",
    "issue",
    "issue_ticket",
    "join",
    "keyed",
    "known",
    "load_design",
    "must_be_card",
    "of_guest",
    "part",
    "publish_design",
    "put_on",
    "read_design",
    "reissue",
    "remember_designs",
    "renew",
    "show",
    "stamped",
    "stamped_path",
    "survivor",
    "take_off",
    "touch",
    "unpublished",
    "void",
    "web_url",
]
