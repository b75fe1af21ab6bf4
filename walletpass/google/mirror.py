"""Google keeps a copy of every class and object; here it is brought up to date, and what it was told is remembered.

There is no version to write against at Google, the last write wins: so every write is the full state, and a state that Google
has is not written again. Whoever has written looks afterwards whether that is still the newest state, and writes again if
not: of two writers of a card the one that Google heard last has looked, so no older state stays.
"""

from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import update
from sqlmodel import Session, col

from walletpass import cards, delivery, programs
from walletpass.cards import CardFace
from walletpass.database import now, reading, retrying, transaction
from walletpass.errors import ConfigurationError, DeliveryError
from walletpass.google import account, messages, notices, writing
from walletpass.google.client import Client, Resource
from walletpass.google.drawing import draw
from walletpass.google.marks import UNKNOWN, Mark
from walletpass.google.models import GoogleClass, GoogleObject
from walletpass.google.objects import points
from walletpass.google.rotating import give_key

WALLET = "google"
# A card that changes more often than this while it is written has its next row in the outbox anyway.
TRIES = 4


@dataclass(frozen=True)
class Told:
    """What Google has been told of a card and its program: marks are None where it was nothing."""

    its_class: Mark | None = None
    its_object: Mark | None = None
    points: int | None = None
    message: str = ""
    saved: bool = False
    rings: bool = False
    notified: tuple[str, ...] = ()
    messaged: tuple[str, ...] = ()


def bring_up_to_date(client: Client, program_id: str, card_id: str, *, bulk: bool = False, asked: bool = False) -> CardFace:
    """Write what Google does not know yet: the class first, as an object needs it. Answers the face that Google has now.

    ``asked`` is for a guest at the button: from then on changes of the card go to Google. Raises DeliveryError.
    """
    face, first = _drawn(program_id, card_id)
    told = first
    try:
        for turn in range(TRIES):
            before, told = told, _write(client, face, told, bulk=bulk, again=turn > 0)
            if turn == 0 and told == before and not asked:
                return face
            if retrying(partial(_remember, face, first, told, asked)):
                return face
            written, (face, now_told) = face, _drawn(program_id, card_id)
            if face.serial_number != written.serial_number:
                # The card was issued anew meanwhile: what we wrote is over, and Google has to hear so once more.
                first = told = now_told
                retrying(partial(_over, written))
    except DeliveryError:
        if asked:
            retrying(partial(_once_more, program_id, card_id))
        raise
    raise DeliveryError("The card changes faster than Google takes it.", permanent=False)


def is_current(session: Session, program_id: str, card_id: str) -> bool:
    """Whether Google was told of the card as it stands now, be the next message about it still on its way."""
    try:
        face = _face(session, program_id, card_id)
    except ConfigurationError:
        return False  # a card that cannot be drawn was not told of
    told = _told(session, face)
    return (told.its_class, told.its_object) == draw(face).marks


def _drawn(program_id: str, card_id: str) -> tuple[CardFace, Told]:
    with reading() as session:
        face = _face(session, program_id, card_id)
        told = _told(session, face)
    return _drawn(program_id, card_id) if give_key(face) else (face, told)


def _face(session: Session, program_id: str, card_id: str) -> CardFace:
    program = programs.get(session, program_id)
    if not program.google_issuer_id:
        raise account.NotSetUp(f"Program {program.id} has no Google issuer id, so its cards cannot go to Google Wallet.")
    return cards.face(session, cards.get(session, program_id, card_id), program)


def _told(session: Session, face: CardFace) -> Told:
    its_class = session.get(GoogleClass, (face.program_id, face.kind))
    row = session.get(GoogleObject, (face.program_id, face.card_id))
    mark = Mark.read(its_class.class_hash) if its_class else None
    if row is None:
        return Told(mark)
    return Told(
        mark,
        Mark.read(row.pushed_hash),
        row.pushed_points,
        row.pushed_message,
        row.saved,
        notices.may_ring(row),
        tuple(row.notified),
        tuple(row.messaged),
    )


def _write(client: Client, face: CardFace, before: Told, *, bulk: bool, again: bool) -> Told:
    """``again`` when what is remembered of the class may be another writer's."""
    drawn = draw(face)
    its_class, its_object = drawn.marks
    after = replace(
        before, its_class=its_class, its_object=its_object, points=points(face), message=messages.id_after(face, before.message)
    )
    if after.its_class != before.its_class:
        writing.write_class(client, face.program_id, drawn, again=again)
    doubtful = before.its_object is not None and before.its_object.whole == UNKNOWN
    answer: Resource | None = None
    if after.its_object != before.its_object or (before.message and not after.message):
        _be_unsure(face, before)
        answer, rang = writing.write_object(
            client,
            drawn,
            before.its_object,
            # One that ended has no number any more, and none that fell to nothing.
            ring=before.rings and not face.voided and _tells(before, after) and notices.left(before.notified, bulk=bulk),
            keep_messages=bool(after.message and (before.message or doubtful)),
            whole=bool(before.message and not after.message),
        )
        after = replace(after, notified=notices.counted(before.notified, rang))
    if after.message and (doubtful or after.message != before.message):
        ring = before.rings and notices.left(before.messaged, bulk=bulk)
        answer, rang = messages.send_own(client, face, drawn, after.message, answer, ring=ring)
        after = replace(after, messaged=notices.counted(before.messaged, rang))
    return after if answer is None else replace(after, saved=bool(answer.get("hasUsers", before.saved)))


def _tells(before: Told, after: Told) -> bool:
    """Whether the holder sees another number; a card that Google does not have tells nobody."""
    if before.its_object is None or after.its_object is None:
        return False
    if before.its_object.telling == UNKNOWN:
        return before.points != after.points
    return before.its_object.telling != after.its_object.telling


def _be_unsure(face: CardFace, before: Told) -> None:
    """From now on until the answer nobody knows what Google has: should we end here, the next one writes in any case."""
    if before.its_object is None:
        return
    mark = str(before.its_object.unsure())

    def work() -> None:
        with transaction() as session:
            its_row = (col(GoogleObject.program_id) == face.program_id, col(GoogleObject.card_id) == face.card_id)
            session.execute(update(GoogleObject).where(*its_row).values(pushed_hash=mark))

    retrying(work)


def _remember(face: CardFace, first: Told, told: Told, asked: bool) -> bool:
    """Keep what Google has just been told; False, and nothing is kept, when that is not the newest state any more."""
    with transaction() as session:
        # Before the card, as a call of Google's does.
        row = session.get(GoogleObject, (face.program_id, face.card_id), with_for_update=True)
        newest = _face(session, face.program_id, face.card_id)
        if draw(newest).marks != (told.its_class, told.its_object):
            return False
        if asked:
            cards.put_on(session, cards.get(session, face.program_id, face.card_id), WALLET, seen=newest.version)
        # Google may have called meanwhile, and another writer may have told the guest something.
        saved = told.saved if row is None or row.saved == first.saved else row.saved
        values = {
            "saved": saved,
            "pushed_hash": str(told.its_object),
            "pushed_points": told.points,
            "pushed_message": told.message,
            "pushed_at": now(),
            "notified": list(notices.merged(told.notified, row.notified if row else ())),
            "messaged": list(notices.merged(told.messaged, row.messaged if row else ())),
        }
        if asked:
            values["asked_at"] = row.asked_at if row and row.asked_at else now()
            delivery.make_good(session, face.program_id, face.card_id, WALLET)
        key = {"program_id": face.program_id, "card_id": face.card_id}
        writing.put_row(session, GoogleObject, list(key), {"event_ms": 0}, **key, **values)
    return True


def _over(written: CardFace) -> None:
    """Tell Google once more how the card stands whose object we wrote too late, whatever it was told meanwhile."""
    with transaction() as session:
        card = cards.by_serial(session, written.program_id, written.serial_number)
        row = session.get(GoogleObject, (card.program_id, card.id), with_for_update=True) if card is not None else None
        if card is None or row is None:
            return
        if mark := Mark.read(row.pushed_hash):
            row.pushed_hash = str(mark.unsure())
        session.add(row)
        session.flush()
        cards.put_on(session, card, WALLET, seen=0)


def _once_more(program_id: str, card_id: str) -> None:
    """What failed at the button may reach Google later than what the worker wrote: the worker writes again."""
    with transaction() as session:
        card = cards.get(session, program_id, card_id)
        if WALLET in card.wallets:
            cards.put_on(session, card, WALLET, seen=0)
