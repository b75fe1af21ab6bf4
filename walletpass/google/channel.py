"""Changes of cards on their way to Google."""

import time
from collections.abc import Iterator, Sequence

import structlog

from walletpass import cards, programs
from walletpass.database import reading, transaction
from walletpass.delivery import Notice, Outcome
from walletpass.errors import ConfigurationError, DeliveryError, Refusal, WalletpassError
from walletpass.google import account, mirror
from walletpass.google.client import Client, Misconfigured, VendorDown, misconfigured

log = structlog.get_logger(__name__)

# Seconds after which a round takes up no further card: the lease of the outbox is 60, and one card may need several calls.
ROUND = 25.0


class GoogleChannel:
    """Google Wallet as a `delivery.Channel`.

    When Google itself is away, the rest of a batch fails with the first, untried, so that no lease is outlasted; when a
    program may not write, the rest of that program's does.
    """

    name = "google"
    batch = 20

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Outcome]:
        try:
            client = Client(account.load())
        except ConfigurationError as error:
            unusable = in_terms_of_delivery(error)
            yield from (Outcome(notice, unusable) for notice in notices)
            return
        end = time.monotonic() + ROUND
        away: DeliveryError | None = None
        shut: dict[str, DeliveryError] = {}
        with client:
            for notice in notices:
                if away is None and time.monotonic() > end:
                    away = VendorDown("Google Wallet is too slow at this moment; the card waits for the next round.", permanent=False)
                failure = away or shut.get(notice.program_id) or attempt(client, notice)
                if isinstance(failure, VendorDown):
                    away = failure
                elif isinstance(failure, Misconfigured):
                    shut[notice.program_id] = failure
                yield Outcome(notice, failure)

    def close(self) -> None:
        """Nothing is kept open between batches."""


def attempt(client: Client, notice: Notice) -> DeliveryError | None:
    """Send one card; None when Google has it."""
    try:
        send(client, notice)
    except WalletpassError as error:
        return in_terms_of_delivery(error)
    except Exception as error:
        # One odd card must not hold up the nineteen others, and the same ones again after the lease.
        log.exception("google.fault", card=notice.card_id)
        return DeliveryError(f"a fault of walletpass, {type(error).__name__}; see the log", permanent=False)
    return None


def send(client: Client, notice: Notice) -> None:
    with reading() as session:
        program = programs.get(session, notice.program_id)
        if not program.google_issuer_id:
            raise account.NotSetUp(f"Program {program.id} has no Google issuer id, so its cards cannot go to Google Wallet.")
        face = cards.face(session, cards.get(session, notice.program_id, notice.card_id), program)
        before = mirror.told(session, notice.program_id, notice.card_id)
    after = mirror.bring_up_to_date(client, face, before)
    if after != before:
        with transaction() as session:
            mirror.remember(session, face, after)


def in_terms_of_delivery(error: WalletpassError) -> DeliveryError:
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, account.NotSetUp | Refusal):
        return DeliveryError(error.message, permanent=True)
    if isinstance(error, ConfigurationError):
        return misconfigured(error.message)
    return DeliveryError(error.message, permanent=False)
