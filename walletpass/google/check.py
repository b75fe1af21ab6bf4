"""Why no card arrives in Google Wallet: everything that can be found out from here, each with the sentence that mends it."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from walletpass import cards, delivery, programs
from walletpass.cards import Card, CardFace
from walletpass.database import now, reading
from walletpass.errors import ConfigurationError, DeliveryError
from walletpass.google import account, classcheck, reach, rules, writing
from walletpass.google.account import Account
from walletpass.google.client import Client
from walletpass.google.drawing import draw
from walletpass.google.failures import KeyRefused, Misconfigured, NotThere, VendorDown
from walletpass.google.findings import Finding, fault, hint, sound
from walletpass.google.models import GoogleClass, GoogleObject
from walletpass.google.save_link import save_token
from walletpass.programs import Program

CONSOLE = "the Google Pay & Wallet Console (https://pay.google.com/business/console)"
# developers.google.com/wallet/generic/test-and-go-live/request-publishing-access
DEMO_MODE = (
    "Google does not tell us whether an issuer is in demo mode, as every new one is. In demo mode a card says [TEST ONLY], and only users and test "
    f"accounts of the issuer can save it. Leave it once, in {CONSOLE}: Google Wallet API, Request publishing access."
)
# So many guests tap the button without saving by chance.
SUSPICIOUS = 5


def check(program: Program) -> Iterator[Finding]:
    """Talks with Google and with our own public address; writes nothing to either."""
    yield from _shut(program)
    if not program.google_issuer_id:
        yield fault(
            f"{program.name} ({program.id}) has no issuer id. Take it from {CONSOLE}: walletpass programs google {program.id} --issuer 3388..."
        )
        return
    try:
        speaker = account.load()
        faces = _faces(program)
    except ConfigurationError as error:
        yield fault(error.message)
        return
    for face in faces:
        yield from _drawn(speaker, face)
    yield from reach.clock()
    with Client(speaker) as client:
        refused = list(_issuer(client, program))
        yield from refused or classcheck.classes(client, faces)
    if found := list(reach.base_url()):
        yield from found
    else:
        yield from _reached(faces)
    yield from _demo_mode(program)


def _shut(program: Program) -> Iterator[Finding]:
    with reading() as session:
        yield from map(fault, list(delivery.warnings(session, program.id, "google", look=False)))


def _faces(program: Program) -> list[CardFace]:
    """Any card of the program, before the first one that nobody has; and a coat ticket of nobody's, where its design has one."""
    with reading() as session:
        ours = col(Card.program_id) == program.id, col(Card.kind) == "card", col(Card.state) == "active"
        card = session.exec(select(Card).where(*ours).limit(1)).first()
        drawn = [card or _nobodys(program, "card")]
        if cards.load_design(program.design).ticket is not None:
            drawn.append(_nobodys(program, "ticket"))
        return [cards.face(session, one, program) for one in drawn]


def _nobodys(program: Program, kind: str) -> Card:
    return Card(
        program_id=program.id,
        kind=kind,
        serial_number="a" * 26,
        number="00000000",
        token="0" * 32,
        key_id=cards.codes.current_key_id(),
        link="a" * 22,
        shown={"points": 0},
        changed_at=now().replace(microsecond=0),
    )


def _drawn(speaker: Account, face: CardFace) -> Iterator[Finding]:
    drawn = draw(face)
    for sentence in (*rules.faults(drawn.class_kind, drawn.its_class), *rules.faults(drawn.object_kind, drawn.its_object)):
        yield fault(sentence)
    try:
        save_token(speaker, *([] if face.is_ticket else [face]), tickets=[face] if face.is_ticket else [])
    except ConfigurationError as error:
        yield fault(error.message)


def _issuer(client: Client, program: Program) -> Iterator[Finding]:
    """Nothing when Google lets us speak for the issuer."""
    id, email = program.google_issuer_id, client.account.email
    try:
        client.issuer(id)
    except KeyRefused as error:
        yield fault(f"{error.message}. The key was deleted or switched off, or the clock of this machine is wrong. {account.ANEW}")
    except Misconfigured as error:
        if "has not been used" in error.message or "disabled" in error.message or "accessNotConfigured" in error.message:
            yield fault(f"{error.message}. Switch the Google Wallet API on, in the Google Cloud project of {email}.")
            return
        yield fault(
            f"Google does not let {email} speak for issuer {id} ({error.message}). Compare the issuer id with the one in {CONSOLE}; if it is right, "
            f"invite {email} there under Users, as a Developer. It takes some minutes to work."
        )
    except NotThere:
        yield fault(f"Google knows no issuer {id}. Compare it with {CONSOLE}: walletpass programs google {program.id} --issuer ...")
    except VendorDown as error:
        yield fault(
            f"{classcheck.plain(error)}. Let this machine reach walletobjects.googleapis.com and oauth2.googleapis.com, or try again later."
        )
    except DeliveryError as error:
        yield fault(f"{error.message}. Compare the issuer id {id} with the one in {CONSOLE}.")


def _reached(faces: Sequence[CardFace]) -> Iterator[Finding]:
    drawn = [draw(face) for face in faces]
    yield from reach.images(*(resource for one in drawn for resource in (one.its_class, one.its_object)))
    url = (drawn[0].its_class.get("callbackOptions") or {}).get("url", "")
    addresses = [f"{faces[0].base_url}/artwork/", *([url] if url else [])]
    yield from reach.robots(*addresses)
    if url:
        yield from reach.callback(url)


def _demo_mode(program: Program) -> Iterator[Finding]:
    """What hints at it, as no answer of Google's tells it."""
    with reading() as session:
        asked, saved = _asked(session, program), _saved(session, program)
    if asked >= SUSPICIOUS and not saved:
        yield hint(f"None of the {asked} guests who asked for a card has saved it, which is what demo mode looks like.")
    elif asked:
        yield sound(f"{saved} of the {asked} guests who asked for a card have saved it.")
    else:
        yield sound("No guest has asked for a card yet.")


def _asked(session: Session, program: Program) -> int:
    asked = col(GoogleObject.asked_at).is_not(None)
    return len(session.exec(select(GoogleObject.card_id).where(col(GoogleObject.program_id) == program.id, asked)).all())


def _saved(session: Session, program: Program) -> int:
    """Also those who have removed it since."""
    held = col(GoogleObject.saved) | col(GoogleObject.removed_at).is_not(None)
    return len(session.exec(select(GoogleObject.card_id).where(col(GoogleObject.program_id) == program.id, held)).all())


def send_class(program: Program) -> None:
    """Write the class as it is drawn now, also where Google was told the same before; that of coat tickets where there are any.

    Raises DeliveryError, ConfigurationError.
    """
    with reading() as session:
        has_tickets = session.get(GoogleClass, (program.id, "ticket")) is not None
    with Client(account.load()) as client:
        for face in _faces(program):
            if has_tickets or not face.is_ticket:
                writing.write_class(client, program.id, draw(face), again=True)


def every(program_id: str = "") -> list[Program]:
    """The programs to look at: the one named, or all that have an issuer id. Raises NotFound."""
    with reading() as session:
        found = [programs.get(session, program_id)] if program_id else programs.every(session)
        return [program for program in found if program_id or program.google_issuer_id]
