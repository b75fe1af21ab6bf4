"""The threads that carry messages out; the same in the server process and in a process of its own."""

import time
from typing import ClassVar

import structlog
from sqlmodel import Session

from walletpass import database, programs
from walletpass.database import new_id
from walletpass.errors import ConfigurationError, DeliveryError
from walletpass.messages import box, texts
from walletpass.messages.models import Message, Way
from walletpass.messages.transport import Letter, Transport, transport
from walletpass.rounds import Rounds

log = structlog.get_logger(__name__)

BATCH = 10
# Of the minute that a lease lasts; one letter may take 20 seconds.
IN_HAND = 35.0
SWEEP_EVERY = 3600.0


class Sender(Rounds):
    """Carries the messages of one way. Without a transport it only buries those whose time is over."""

    name: ClassVar[str] = "messages"
    every: ClassVar[float] = 0.5

    def __init__(self, way: Way, transport: Transport | None) -> None:
        super().__init__()
        self.way, self.transport, self.owner = way, transport, new_id()
        self._sweep_at = 0.0

    def round(self) -> None:
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_EVERY
            with database.transaction() as session:
                box.sweep(session)
        while not self.stopping.is_set() and self.once():
            pass

    def once(self) -> bool:
        """One batch. False when there was nothing to send."""
        with database.reading() as session:
            if not box.is_due(session, self.way):
                return False
        with database.transaction() as session:
            box.bury(session, self.way)
            claimed = box.claim(session, self.way, self.owner, BATCH) if self.transport else ()
            letters = [(message, _letter(session, message)) for message in claimed]
        until = time.monotonic() + IN_HAND
        for message, letter in letters:
            late = self.stopping.is_set() or time.monotonic() > until
            self._settle(message, box.LATER if late else self._send(letter))
        return bool(letters)

    def _send(self, letter: Letter | DeliveryError) -> DeliveryError | None:
        if isinstance(letter, DeliveryError) or self.transport is None:
            return letter if isinstance(letter, DeliveryError) else box.LATER
        try:
            self.transport.send(letter)
        except DeliveryError as failure:
            return failure
        except Exception as error:
            # The words of an exception may hold what was written to whom.
            log.error("messages.broken_transport", channel=self.way, fault=type(error).__name__)
            return DeliveryError(f"a fault of walletpass, {type(error).__name__}", permanent=False)
        return None

    def _settle(self, message: Message, failure: DeliveryError | None) -> None:
        def work() -> None:
            with database.transaction() as session:
                state = box.settle(session, message.program_id, message.id, self.owner, failure)
            log.info("messages.settled", channel=self.way, message=message.id, state=state, reason=failure.message if failure else "")

        database.retrying(work)


def senders() -> list[Sender]:
    """One for each way, as the settings have it. Raises ConfigurationError for a gateway that cannot be."""
    return [Sender(way, transport(way)) for way in Way]


def _letter(session: Session, message: Message) -> Letter | DeliveryError:
    program = programs.get(session, message.program_id)
    try:
        text = box.words(message)
    except ConfigurationError as error:
        return DeliveryError(error.message, permanent=False)
    return Letter(message.recipient, text, texts.subject(program, message.kind, message.language), program.name)
