"""Whether Google has the classes of a program as it should, and what mends it."""

from collections.abc import Iterator, Sequence

from walletpass.cards import CardFace
from walletpass.errors import DeliveryError
from walletpass.google import reach, rules
from walletpass.google.client import Client, Resource
from walletpass.google.drawing import draw
from walletpass.google.failures import NotThere, VendorDown
from walletpass.google.findings import Finding, fault, sound


def classes(client: Client, faces: Sequence[CardFace]) -> Iterator[Finding]:
    yield sound(f"Google lets {client.account.email} speak for issuer {faces[0].google_issuer_id}.")
    for face in faces:
        yield from _class(client, face)


def _class(client: Client, face: CardFace) -> Iterator[Finding]:
    drawn = draw(face)
    id = drawn.its_class["id"]
    try:
        found = client.get(drawn.class_kind, id)
    except NotThere:
        saved = "coat ticket" if face.is_ticket else "card"
        yield sound(f"The class {id} is not there yet: the first guest who saves a {saved} has it made.")
        return
    except DeliveryError as error:
        yield fault(f"The class {id} cannot be read: {plain(error)}.")
        return
    anew = f"Send it anew: walletpass google send-class {face.program_id}"
    # Google approves classes of loyalty cards, and looks at no other.
    yield sound(f"The class {id} is there.") if face.is_ticket else _reviewed(id, found, anew)
    called = (found.get("callbackOptions") or {}).get("url", "")
    if called != (drawn.its_class.get("callbackOptions") or {}).get("url", ""):
        yield fault(f"Google calls {called or 'nobody'} when a card is saved or removed, and not this server. {anew}")


def _reviewed(id: str, found: Resource, anew: str) -> Finding:
    status = str(found.get("reviewStatus", ""))
    if rules.same_enum(status, "DRAFT"):
        return fault(f"The class {id} is a draft, and no card of a draft can be saved. {anew}")
    if rules.same_enum(status, "REJECTED"):
        said = found.get("review") if isinstance(found.get("review"), dict) else {}
        return fault(
            f"Google has rejected the class {id}: {(said or {}).get('comments') or 'no reason is given'}. Mend that in the design, then: {anew}"
        )
    return sound(f"The class {id} is {status.lower().replace('_', ' ') or 'there'}.")


def plain(error: DeliveryError) -> str:
    """An answer that never came is told by its last cause, and not by the names of classes."""
    cause = error.__cause__
    return f"Google did not answer ({reach.why(cause)})" if cause is not None and isinstance(error, VendorDown) else error.message
