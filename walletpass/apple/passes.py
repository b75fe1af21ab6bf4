"""A card's signed pass, built once for each version, and inspected once for each kind of card."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from sqlmodel import Session

from walletpass import cards
from walletpass.apple import certificates, inspection
from walletpass.apple.package import build
from walletpass.cards import Card, CardFace
from walletpass.programs import Program

KEPT = 256

_sound: OrderedDict[tuple[Hashable, ...], None] = OrderedDict()
_built: OrderedDict[tuple[str, str, int, str], bytes] = OrderedDict()
_lock = threading.Lock()


def pass_of(session: Session, card: Card, program: Program) -> bytes:
    """The .pkpass of the card as it stands.

    Raises CertificateError when nothing can be signed today, or when Wallet would not open the pass.
    """
    identity = certificates.identity(program)
    key = (program.id, card.id, card.version, identity.fingerprint)
    with _lock:
        if key in _built:
            _built.move_to_end(key)
            return _built[key]
    face = cards.face(session, card, program)
    data = build(face, identity)
    _must_open(face, identity.fingerprint, data)
    with _lock:
        _built[key] = data
        while len(_built) > KEPT:
            _built.popitem(last=False)
    return data


def _must_open(face: CardFace, fingerprint: str, data: bytes) -> None:
    """Cards of one design and program differ in their values alone, so the first that opens speaks for all."""
    kind = (
        face.design,
        face.palette,
        face.program_id,
        fingerprint,
        face.organization,
        face.contact,
        face.places,
        face.base_url,
        face.voided,
    )
    with _lock:
        if kind in _sound:
            _sound.move_to_end(kind)
            return
    inspection.must_open(data)
    with _lock:
        _sound[kind] = None
        while len(_sound) > KEPT:
            _sound.popitem(last=False)
