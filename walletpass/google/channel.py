"""Changes of cards on their way to Google."""

import random
import threading
import time
from collections.abc import Iterator, Sequence

import structlog

from walletpass.delivery import Notice, Outcome
from walletpass.errors import ConfigurationError, DeliveryError, NoTicketDesign, Postponed, Refusal, WalletpassError
from walletpass.google import account, announcing, mirror
from walletpass.google.client import Client, KeyRefused, Misconfigured, VendorDown, misconfigured

log = structlog.get_logger(__name__)

# Seconds after which a batch takes up no further card, and after which none of its requests may leave: the lease of the outbox
# is 60, one card may need several requests, and one request may take `line.TIMEOUT`.
ROUND, LAST_TURN = 25.0, 35.0
# Seconds: the longest rest when Google is away and names none, and how much of any rest a batch sits out.
LONGEST_REST, SAT_OUT = 60.0, 20.0


class GoogleChannel:
    """Google Wallet as a `delivery.Channel`.

    Requests are eighteen a second at most, and `lines` of them may be on their way at once. A batch is small: who stands at a
    till waits for no more than the rest of one. When Google itself is away the rest of a batch is postponed, and all lines rest.
    """

    name = mirror.WALLET
    batch = 2
    lines = 6

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._rest = _Rest()
        self._loading = threading.Lock()
        self._own = threading.local()
        self._clients: list[Client] = []

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Outcome]:
        end = time.monotonic() + ROUND
        postponed = self._not_now()
        shut: dict[str, DeliveryError] = {}
        for notice in notices:
            if postponed is None and (self._stopping.is_set() or time.monotonic() > end):
                postponed = Postponed("There was no time left for the card in this round.")
            failure = postponed or shut.get("") or shut.get(notice.program_id) or self._attempt(notice, end + LAST_TURN - ROUND)
            if isinstance(failure, VendorDown):
                postponed = Postponed(failure.message, after=self._rest.begin(failure.after))
            elif isinstance(failure, Misconfigured):
                shut["" if isinstance(failure, KeyRefused) else notice.program_id] = failure
            elif isinstance(failure, Postponed):
                postponed = failure
            elif failure is None:
                self._rest.end()
            yield Outcome(notice, failure)

    def tend(self) -> None:
        """Send what is announced to everybody."""
        if self._rest.left() or not announcing.is_due():
            return
        try:
            client = self._client(time.monotonic() + LAST_TURN)
        except WalletpassError as error:
            log.error("google.not_announced", reason=error.message)
            return
        announcing.send_due(client)

    def stop(self) -> None:
        self._stopping.set()

    def close(self) -> None:
        while self._clients:
            self._clients.pop().close()
        self._own = threading.local()
        self._stopping.clear()

    def _not_now(self) -> DeliveryError | None:
        """Sit out a rest, a part of it at least: batches that come and go would keep the database busy."""
        if left := self._rest.left():
            self._stopping.wait(min(left, SAT_OUT))
        left = self._rest.left()
        return Postponed("Google Wallet is away at this moment; the card waits.", after=left) if left else None

    def _attempt(self, notice: Notice, until: float) -> DeliveryError | None:
        """Send one card; None when Google has it."""
        try:
            client = self._client(until)
            mirror.bring_up_to_date(client, notice.program_id, notice.card_id, bulk=notice.bulk)
        except WalletpassError as error:
            return in_terms_of_delivery(error)
        except Exception as error:
            # One odd card must not hold up the other, and the same two again after the lease.
            log.exception("google.fault", card=notice.card_id)
            return DeliveryError(f"a fault of walletpass, {type(error).__name__}; see the log", permanent=False)
        return None

    def _client(self, until: float) -> Client:
        """This thread's, whose connection stays open; another one when the key has changed."""
        try:
            # One at a time, so that all lines have one account, and one token.
            with self._loading:
                signer = account.load()
        except account.NotSetUp as error:
            raise misconfigured(error.message, KeyRefused) from error
        client: Client | None = getattr(self._own, "client", None)
        if client is None or client.account is not signer or not client.is_current():
            client = self._own.client = Client(signer, stopping=self._stopping)
            self._clients.append(client)
        client.until = until
        return client


class _Rest:
    """How long to leave Google alone after it was away: what it asked for, or longer each time, with full jitter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times, self._over_at = 0, 0.0

    def begin(self, wish: float | None) -> float:
        with self._lock:
            self._times += 1
            seconds = random.uniform(0.2, min(LONGEST_REST, 0.5 * 2 ** min(self._times, 10)))  # noqa: S311 (jitter)
            self._over_at = max(self._over_at, time.monotonic() + max(wish or 0.0, seconds))
        return self.left()

    def end(self) -> None:
        """Google has answered. What it asked for meanwhile stays."""
        with self._lock:
            self._times = 0

    def left(self) -> float:
        with self._lock:
            return max(0.0, self._over_at - time.monotonic())


def in_terms_of_delivery(error: WalletpassError) -> DeliveryError:
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, account.NotSetUp | NoTicketDesign | Refusal):
        return DeliveryError(error.message, permanent=True)
    if isinstance(error, ConfigurationError):
        return misconfigured(error.message)
    return DeliveryError(error.message, permanent=False)
