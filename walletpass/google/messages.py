"""Messages of a class or an object, each sent once.

Google takes a message with an id that is there already as one more, and rings once more. So ids are fixed, and where we
cannot know whether a message has arrived, the resource is read before it is sent.
"""

import hashlib

from walletpass.cards import CardFace
from walletpass.database import now
from walletpass.google.client import LOYALTY_CLASS, Client, Kind, QuotaFull, Resource
from walletpass.google.drawing import Drawing

# Google keeps ten, and does not say what becomes of an eleventh. Of a full list so many stay, the newest.
MOST, KEPT = 9, 4
LONGEST_HEADER, LONGEST_BODY = 60, 500
NOTIFY, SILENT = "TEXT_AND_NOTIFY", "TEXT"


def text_of(face: CardFace) -> str:
    """What the card's value ``message`` says; an ended card says nothing."""
    return "" if face.voided else str(face.values.get("message") or "").strip()[:LONGEST_BODY]


def id_after(face: CardFace, last: str) -> str:
    """The id of the card's message, when ``last`` is that of the message before, or of this one; empty for no message.

    It follows from the card, the text and what came before, so that a text may be said again later, and is not taken for
    one that has arrived.
    """
    text = text_of(face)
    if not text:
        return ""
    about = f"msg_{_digest(face.card_id, text)}"
    return last if last.startswith(f"{about}_") else f"{about}_{_digest(last)}"


def send_own(
    client: Client, face: CardFace, drawn: Drawing, id: str, known: Resource | None, *, ring: bool
) -> tuple[Resource, bool | None]:
    """Send the card's message unless it has arrived. ``known`` is the object as Google has just shown it.

    Answers the object, and whether it rang: None when it should have, and Google's quota was full.
    """
    message = {
        "id": id,
        "header": face.organization[:LONGEST_HEADER],
        "body": text_of(face),
        "messageType": NOTIFY if ring else SILENT,
        "displayInterval": {"start": {"date": now().isoformat(timespec="seconds")}},
    }
    kind = drawn.object_kind
    return send_once(client, kind, known or client.get(kind, drawn.its_object["id"]), message)


def send_once(client: Client, kind: Kind, resource: Resource, message: Resource) -> tuple[Resource, bool | None]:
    """``resource`` is what Google has, read after any earlier try. Raises DeliveryError."""
    id, there = resource["id"], list(resource.get("messages") or [])
    for one in there:
        if one.get("id") == message["id"]:
            return resource, one.get("messageType") == NOTIFY
    if len(there) >= MOST:
        client.patch(kind, id, {**_frame(kind, resource), "messages": silenced(there[-KEPT:])})
    ring = message["messageType"] == NOTIFY
    try:
        return client.add_message(kind, id, message), ring
    except QuotaFull:
        if not ring:
            raise
        return client.add_message(kind, id, {**message, "messageType": SILENT}), None


def silenced(messages: list[Resource]) -> list[Resource]:
    """As they are written back: nobody is told of them again."""
    return [{**one, "messageType": SILENT} for one in messages]


def _frame(kind: Kind, resource: Resource) -> Resource:
    """What a write of anything has to name."""
    if kind == LOYALTY_CLASS:
        return {"id": resource["id"], "reviewStatus": "UNDER_REVIEW"}
    return {name: resource[name] for name in ("id", "classId") if name in resource}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
