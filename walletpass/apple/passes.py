"""A card's signed pass, built once for each version."""

import threading
from collections import OrderedDict

from sqlmodel import Session

from walletpass import cards
from walletpass.apple import certificates
from walletpass.apple.package import build
from walletpass.cards import Card
from walletpass.programs import Program

KEPT = 256

_built: OrderedDict[tuple[str, str, int, str], bytes] = OrderedDict()
_lock = threading.Lock()


def pass_of(session: Session, card: Card, program: Program) -> bytes:
    """The .pkpass of the card as it stands. Raises CertificateError when nothing can be signed today."""
    identity = certificates.identity(program)
    key = (program.id, card.id, card.version, identity.fingerprint)
    with _lock:
        if key in _built:
            _built.move_to_end(key)
            return _built[key]
    data = build(cards.face(session, card, program), identity)
    with _lock:
        _built[key] = data
        while len(_built) > KEPT:
            _built.popitem(last=False)
    return data
