"""A post office for the tests: transports to nowhere, and the senders that use them."""

import threading
from collections.abc import Callable
from datetime import timedelta

from sqlmodel import select

from walletpass import database, messages
from walletpass.errors import DeliveryError
from walletpass.messages import Letter, Message, Sender, Way
from walletpass.programs import Program

PHONE = "+4915123456789"


class Drawer:
    """Keeps every letter, and says of each what ``answer`` says: None, or why not."""

    def __init__(self, answer: Callable[[Letter], DeliveryError | None] = lambda letter: None, way: Way = Way.SMS) -> None:
        self.way, self.answer = way, answer
        self.letters: list[Letter] = []
        self.lock = threading.Lock()

    def send(self, letter: Letter) -> None:
        with self.lock:
            self.letters.append(letter)
        failure = self.answer(letter)
        if failure is not None:
            raise failure


def busy(letter: Letter) -> DeliveryError:
    return DeliveryError("the gateway is busy", permanent=False)


def gone(letter: Letter) -> DeliveryError:
    return DeliveryError("there is no such number", permanent=True)


def post(program: Program, text: str = "Hello", to: str = PHONE, kind: str = "link", life: timedelta = timedelta(hours=24)) -> str:
    with database.transaction() as session:
        return messages.post(session, program, to, text, kind, "en", life=life)


def carry(drawer: Drawer | None, way: Way = Way.SMS) -> None:
    """One round of a sender."""
    Sender(way, drawer).round()


def row(message_id: str = "") -> Message:
    with database.reading() as session:
        found = session.exec(select(Message).order_by(Message.id)).all()
        return found[-1] if not message_id else next(one for one in found if one.id == message_id)
