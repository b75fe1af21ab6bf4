"""Changes of cards on their way to iPhones: a push says "ask us", then the phone does (see `routes`)."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime

import structlog

from walletpass import config, programs
from walletpass.apple import certificates, registrations
from walletpass.apple.apns import Client, Push, Result
from walletpass.apple.certificates import SigningIdentity
from walletpass.database import now, reading, retrying, transaction
from walletpass.delivery import Notice, Outcome
from walletpass.errors import CertificateError, DeliveryError, NotFound

log = structlog.get_logger(__name__)

# Seconds. What only the operator can mend is not asked for more often than this.
MENDING, TOO_MANY = 900.0, 60.0
# Seconds for a batch; the lease on its rows is a minute.
PATIENCE = 40.0
MANY_BAD, OF_AT_LEAST = 0.05, 20
MISCONFIGURED = frozenset({"TopicDisallowed", "BadTopic", "MissingTopic"})


class AppleChannel:
    """Implements `delivery.Channel`. The connections to Apple stay open between batches."""

    name = registrations.WALLET
    batch = 200

    def __init__(self, in_flight: int = 100) -> None:
        self._in_flight = in_flight
        self._clients: dict[str, Client] = {}
        self._one_at_a_time = threading.Lock()

    def deliver(self, notices: Sequence[Notice]) -> Sequence[Outcome]:
        by_program: dict[str, list[Notice]] = defaultdict(list)
        for notice in notices:
            by_program[notice.program_id].append(notice)
        with self._one_at_a_time:
            seconds = PATIENCE / max(1, len(by_program))
            return [outcome for program_id, group in by_program.items() for outcome in self._deliver(program_id, group, seconds)]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _deliver(self, program_id: str, notices: Sequence[Notice], seconds: float) -> Iterator[Outcome]:
        with reading() as session:
            try:
                program = programs.get(session, program_id)
            except NotFound as error:
                yield from (Outcome(notice, DeliveryError(error.message, permanent=True)) for notice in notices)
                return
            tokens = registrations.tokens(session, program_id, {notice.card_id for notice in notices})
        for card_id in {notice.card_id for notice in notices} - tokens.keys():
            _nobody_listens(program_id, card_id)
        try:
            failures = self._push(certificates.identity(program), set().union(*tokens.values()), seconds) if tokens else {}
        except CertificateError as error:
            log.critical("apple.certificate", program=program_id, reason=error.message)
            failure = DeliveryError(error.message, permanent=False, after=MENDING)
            failures = {token: failure for group in tokens.values() for token in group}
        for notice in notices:
            yield Outcome(notice, _worst([failures[token] for token in tokens.get(notice.card_id, ()) if token in failures]))

    def _push(self, identity: SigningIdentity, tokens: set[str], seconds: float) -> Mapping[str, DeliveryError]:
        """Send one push to each token and clear the dead ones away; what failed, by token."""
        started = now()
        failures = {token: DeliveryError("the batch was stopped", permanent=False, after=MENDING) for token in tokens}
        worked, bad, dead = 0, [], {}
        with closing(self._client(identity).send((Push(token) for token in sorted(tokens)), seconds)) as results:
            for result in results:
                failure = _failure(identity.program_id, result)
                failures.pop(result.token)
                if failure is not None:
                    failures[result.token] = failure
                worked += result.status == 200
                if result.status == 410:
                    dead[result.token] = _moment(result.timestamp) or started
                if result.reason == "BadDeviceToken":
                    bad.append(result.token)
                if result.status == 403 or result.reason in MISCONFIGURED or _too_many(bad, tokens):
                    break
        for token, since in dead.items():
            _forget(identity.program_id, token, since)
        if _too_many(bad, tokens):
            log.error("apple.bad_tokens", program=identity.program_id, bad=len(bad), of=len(tokens))
            return failures | {token: DeliveryError("BadDeviceToken, as too many others", permanent=False, after=MENDING) for token in bad}
        for token in bad if worked else ():
            _forget(identity.program_id, token, started)
            del failures[token]
        return failures

    def _client(self, identity: SigningIdentity) -> Client:
        """The open connection of this certificate; a renewed certificate gets a new one."""
        client = self._clients.get(identity.program_id)
        if client is None or client.identity is not identity:
            if client is not None:
                client.close()
            settings = config.current()
            client = self._clients[identity.program_id] = Client(identity, settings.apns_url, settings.apns_ca_file, self._in_flight)
        return client


def _failure(program_id: str, result: Result) -> DeliveryError | None:
    """What an answer means (Apple: "Handling notification responses from APNs"). A dead token is no failure."""
    words = f"APNs {result.status} {result.reason}".strip()
    if result.status in (200, 410):
        return None
    if result.status == 0:
        return DeliveryError(f"APNs did not answer: {result.error}", permanent=False)
    if result.status == 403 or result.reason in MISCONFIGURED:
        log.critical("apple.refused_by_apns", program=program_id, reason=words, apns_id=result.apns_id)
        return DeliveryError(words, permanent=False, after=MENDING)
    if result.status == 429:
        return DeliveryError(words, permanent=False, after=TOO_MANY)
    if result.status >= 500 or result.reason == "IdleTimeout":
        return DeliveryError(words, permanent=False)
    log.error("apple.push_refused", program=program_id, reason=words, apns_id=result.apns_id)
    return DeliveryError(words, permanent=True)


def _worst(failures: Sequence[DeliveryError]) -> DeliveryError | None:
    """What is worth another try comes before what is lost; the longest wait counts."""
    return max(failures, key=lambda failure: (not failure.permanent, failure.after or 0.0), default=None)


def _too_many(bad: Sequence[str], tokens: set[str]) -> bool:
    """Bad tokens in numbers speak of a wrong certificate or host, and Apple closes on those who go on."""
    return len(tokens) >= OF_AT_LEAST and len(bad) > MANY_BAD * len(tokens)


def _moment(milliseconds: int | None) -> datetime | None:
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _forget(program_id: str, token: str, before: datetime) -> None:
    def work() -> None:
        with transaction() as session:
            registrations.forget(session, program_id, token, before)

    retrying(work)


def _nobody_listens(program_id: str, card_id: str) -> None:
    def work() -> None:
        with transaction() as session:
            registrations.settle_unheard(session, program_id, card_id)

    retrying(work)
