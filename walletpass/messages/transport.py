"""What the room asks of whoever carries words to a phone or a mailbox, and which of them are set up."""

from dataclasses import dataclass
from typing import Protocol

from walletpass import config
from walletpass.errors import ConfigurationError
from walletpass.messages.models import Way

UNSET = {
    Way.SMS: "No SMS gateway is set: guests cannot recover cards by phone. Set WALLETPASS_SMS_URL.",
    Way.EMAIL: "No mail server is set: guests get no e-mail. Set WALLETPASS_SMTP_URL.",
}


@dataclass(frozen=True)
class Letter:
    """One message as it leaves. ``sender`` is the restaurant's name; an SMS has no room for ``subject``."""

    to: str
    text: str
    subject: str = ""
    sender: str = ""


class Transport(Protocol):
    """One way out. `send` returns when the letter was taken, and raises DeliveryError when it was not.

    It gives up within 20 seconds: a message that is in hand longer may be sent by another process as well. No error names
    the recipient: it is kept, logged and shown to operators.
    """

    way: Way

    def send(self, letter: Letter) -> None: ...


def reachable(way: str) -> bool:
    """Whether the operator has set up a way there."""
    settings = config.current()
    return bool(settings.sms_url if way == Way.SMS else settings.smtp_url)


def transport(way: Way) -> Transport | None:
    """The one that the settings name; None when there is none. Raises ConfigurationError for one that cannot be."""
    # What carries SMS is big, and only the processes that send pay for it.
    if not reachable(way):
        return None
    if way == Way.EMAIL:
        from walletpass.messages.smtp import Smtp

        return Smtp()
    from walletpass.messages.sms import Gateway

    return Gateway(config.current().sms_url)


def faults() -> list[str]:
    """A sentence for each way that is set up, and cannot be."""
    found = []
    for way in Way:
        try:
            transport(way)
        except ConfigurationError as error:
            found.append(error.message)
    return found
