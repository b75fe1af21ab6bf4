"""Changes of cards on their way to iPhones: a push says "ask us", then the phone does (see `routes`).

What each device was told is remembered, so that another try goes to those alone that APNs did not take.
"""

import threading
import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from walletpass import config, programs
from walletpass.apple import certificates, proofs, registrations
from walletpass.apple.apns import Client, Result
from walletpass.apple.certificates import SigningIdentity
from walletpass.apple.line import Push
from walletpass.apple.registrations import Listener
from walletpass.database import now, reading, retrying, transaction
from walletpass.delivery import Notice, Outcome
from walletpass.errors import CertificateError, ChannelPaused, DeliveryError, NotFound
from walletpass.programs import Program

log = structlog.get_logger(__name__)

# Seconds. What only the operator can mend is not asked for more often than this; a device that gets too many rests so long.
MENDING, TOO_MANY = 900.0, 120.0
# Seconds for a batch; the lease on its rows is a minute.
PATIENCE = 40.0
MANY_BAD, OF_AT_LEAST, REMEMBERED = 0.05, 20, 200
MISCONFIGURED = frozenset({"TopicDisallowed", "BadTopic", "MissingTopic"})
# Named so that a push that is sent again, by whomever, bears the same apns-id.
PUSHES = uuid.UUID("5f9f1f0e-7d0e-4a53-9a4b-3c1f6d3a7c55")


class AppleChannel:
    """Implements `delivery.Channel`. The connections to Apple stay open between batches."""

    name = registrations.WALLET
    batch = 200

    def __init__(self, in_flight: int = 100) -> None:
        self._in_flight = in_flight
        self._lines: dict[str, _Line] = {}
        self._one_at_a_time = threading.Lock()

    def deliver(self, notices: Sequence[Notice]) -> Sequence[Outcome]:
        by_program: dict[str, list[Notice]] = defaultdict(list)
        for notice in notices:
            by_program[notice.program_id].append(notice)
        with self._one_at_a_time:
            seconds = PATIENCE / max(1, len(by_program))
            return [outcome for program_id, group in by_program.items() for outcome in self._deliver(program_id, group, seconds)]

    def tend(self) -> None:
        """Push once more to phones that were pushed some minutes ago and have not stirred since."""

        def work() -> Sequence[Listener]:
            with transaction() as session:
                return registrations.silent(session, self.batch)

        with self._one_at_a_time:
            by_program: dict[str, list[Listener]] = defaultdict(list)
            for listener in retrying(work):
                by_program[listener.program_id].append(listener)
            for program_id, listeners in by_program.items():
                with reading() as session:
                    program = programs.get(session, program_id)
                self._tell(program, listeners, PATIENCE / len(by_program), "again")
                log.info("apple.pushed_again", program=program_id, devices=len(listeners))

    def close(self) -> None:
        for line in self._lines.values():
            line.client.close()
        self._lines.clear()

    def _deliver(self, program_id: str, notices: Sequence[Notice], seconds: float) -> list[Outcome]:
        card_ids = {notice.card_id for notice in notices}
        try:
            with reading() as session:
                program = programs.get(session, program_id)
                listeners = registrations.listeners(session, program_id, card_ids)
        except NotFound as error:
            gone = DeliveryError(error.message, permanent=True)
            return [Outcome(notice, gone) for notice in notices]
        for card_id in card_ids - {listener.card_id for listener in listeners}:
            _nobody_listens(program_id, card_id)
        untold = [listener for listener in listeners if listener.told < listener.version]
        resting, due = _divide(untold)
        failures = resting | self._tell(program, due, seconds)
        of_card: dict[str, list[DeliveryError]] = defaultdict(list)
        for listener in untold:
            if listener in failures:
                of_card[listener.card_id].append(failures[listener])
        return [Outcome(notice, _foremost(of_card[notice.card_id])) for notice in notices]

    def _tell(self, program: Program, listeners: Sequence[Listener], seconds: float, turn: str = "") -> dict[Listener, DeliveryError]:
        """One push to each token; writes down what was taken and clears the dead ones away. What failed, by listener."""
        if not listeners:
            return {}
        try:
            line = self._line(certificates.identity(program))
        except CertificateError as error:
            log.critical("apple.certificate", program=program.id, reason=error.message)
            return dict.fromkeys(listeners, ChannelPaused(error.message, after=MENDING))
        by_token: dict[str, list[Listener]] = defaultdict(list)
        for listener in listeners:
            by_token[listener.push_token].append(listener)
        batch = line.send(by_token, seconds, turn)
        _write_down(batch, by_token)
        return {listener: failure for token, failure in batch.failures.items() for listener in by_token[token]}

    def _line(self, identity: SigningIdentity) -> "_Line":
        """The open connection of this certificate; a renewed certificate gets a new one."""
        line = self._lines.get(identity.program_id)
        if line is None or line.client.identity is not identity:
            if line is not None:
                line.client.close()
            settings = config.current()
            line = self._lines[identity.program_id] = _Line(Client(identity, settings.apns_url, settings.apns_ca_file, self._in_flight))
        return line


@dataclass
class _Batch:
    """What became of one token after the other."""

    program_id: str
    started: datetime
    failures: dict[str, DeliveryError]
    taken: dict[str, Result] = field(default_factory=dict)
    refused: dict[str, Result] = field(default_factory=dict)
    dead: dict[str, Result] = field(default_factory=dict)
    bad: list[Result] = field(default_factory=list)


class _Line:
    """A connection and what it has lately said of tokens: whether they are good or bad."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._lately: deque[bool] = deque(maxlen=REMEMBERED)

    def send(self, by_token: dict[str, list[Listener]], seconds: float, turn: str) -> _Batch:
        identity = self.client.identity
        waits = DeliveryError("the batch was stopped", permanent=False, after=0.0)
        batch = _Batch(identity.program_id, now(), dict.fromkeys(by_token, waits))
        pushes = (Push(token, _apns_id(token, listeners, turn)) for token, listeners in sorted(by_token.items()))
        with closing(self.client.send(pushes, seconds)) as results:
            for result in results:
                failure = self._take(batch, result)
                if isinstance(failure, ChannelPaused) or self._too_many(batch, len(by_token)):
                    break
        self._judge_bad_tokens(batch, len(by_token))
        return batch

    def _take(self, batch: _Batch, result: Result) -> DeliveryError | None:
        failure = _failure(batch.program_id, result)
        del batch.failures[result.token]
        if failure is not None:
            batch.failures[result.token] = failure
        if result.status == 200:
            batch.taken[result.token] = result
        elif result.status == 410:
            batch.dead[result.token] = result
        elif result.status:
            batch.refused[result.token] = result
        if result.reason == "BadDeviceToken":
            batch.bad.append(result)
        if result.status in (200, 410) or result.reason == "BadDeviceToken":
            self._lately.append(result.reason != "BadDeviceToken")
        if isinstance(failure, ChannelPaused):
            batch.failures.update(dict.fromkeys(batch.failures.keys() - batch.refused.keys(), failure))
        return failure

    def _judge_bad_tokens(self, batch: _Batch, size: int) -> None:
        """A bad token is dropped where others are good. In numbers they speak of a wrong certificate or host: none is dropped."""
        if self._too_many(batch, size):
            log.error("apple.bad_tokens", program=batch.program_id, bad=len(batch.bad), of=size)
            kept = ChannelPaused("BadDeviceToken, as too many others", after=MENDING)
            batch.failures.update(dict.fromkeys(batch.failures, kept))
        elif any(self._lately):
            for result in batch.bad:
                batch.dead[result.token] = result
                del batch.failures[result.token]

    def _too_many(self, batch: _Batch, size: int) -> bool:
        """Of this batch, or of what the connection has carried lately."""
        if not batch.bad:
            return False
        lately = len(self._lately)
        return (size >= OF_AT_LEAST and len(batch.bad) > MANY_BAD * size) or (
            lately >= OF_AT_LEAST and lately - sum(self._lately) > max(1.0, MANY_BAD * lately)
        )


def _apns_id(token: str, listeners: Iterable[Listener], turn: str) -> str:
    news = sorted(f"{listener.program_id}/{listener.card_id}/{listener.version}" for listener in listeners)
    return str(uuid.uuid5(PUSHES, "\n".join([token, turn, *news])))


def _divide(listeners: Sequence[Listener]) -> tuple[dict[Listener, DeliveryError], list[Listener]]:
    """Those that APNs asked us to leave alone for a while, and the others."""
    moment = now()
    resting: dict[Listener, DeliveryError] = {}
    due = []
    for listener in listeners:
        if listener.not_before is not None and listener.not_before > moment:
            left = (listener.not_before - moment).total_seconds()
            resting[listener] = DeliveryError("APNs 429 TooManyRequests", permanent=False, after=left)
        else:
            due.append(listener)
    return resting, due


def _failure(program_id: str, result: Result) -> DeliveryError | None:
    """What an answer means (Apple: "Handling notification responses from APNs"). A dead token is no failure."""
    words = f"APNs {result.status} {result.reason}".strip()
    if result.status in (200, 410):
        return None
    if result.refused:
        log.critical("apple.refused_by_apns", program=program_id, reason=result.error)
        return ChannelPaused(f"APNs does not take the certificate: {result.error}", after=MENDING)
    if result.status == 0:
        return DeliveryError(f"APNs did not answer: {result.error}", permanent=False)
    if result.status == 403 or result.reason in MISCONFIGURED:
        log.critical("apple.refused_by_apns", program=program_id, reason=words, apns_id=result.apns_id)
        return ChannelPaused(words, after=MENDING)
    if result.status == 429:
        return DeliveryError(words, permanent=False, after=TOO_MANY)
    if result.status >= 500 or result.reason == "IdleTimeout":
        return DeliveryError(words, permanent=False)
    log.error("apple.push_refused", program=program_id, reason=words, apns_id=result.apns_id)
    return DeliveryError(words, permanent=True)


def _foremost(failures: Sequence[DeliveryError]) -> DeliveryError | None:
    """A shut channel before anything; what is worth another try before what is lost; the shortest wait."""
    return min(failures, key=lambda one: (not isinstance(one, ChannelPaused), one.permanent, one.after or 0.0), default=None)


def _write_down(batch: _Batch, by_token: dict[str, list[Listener]]) -> None:
    moment = now()
    sent = [
        {**listener.key, "sent_version": listener.version, "sent_at": moment, "apns_id": result.apns_id}
        for token, result in batch.taken.items()
        for listener in by_token[token]
    ]
    refused: list[dict[str, Any]] = [
        {**listener.key, "last_reason": f"{result.status} {result.reason}".strip(), "not_before": _rest(result, moment)}
        for token, result in batch.refused.items()
        if token not in batch.dead
        for listener in by_token[token]
    ]

    def work() -> None:
        with transaction() as session:
            proofs.note_sent(session, sent)
            proofs.note_refused(session, refused)

    if sent or refused:
        retrying(work)
    for token, result in batch.dead.items():
        since = _moment(result.timestamp) if result.status == 410 else None
        _forget(batch.program_id, token, since or batch.started, f"{result.status} {result.reason}".strip())


def _rest(result: Result, moment: datetime) -> datetime | None:
    return moment + timedelta(seconds=TOO_MANY) if result.status == 429 else None


def _moment(milliseconds: int | None) -> datetime | None:
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _forget(program_id: str, token: str, before: datetime, reason: str) -> None:
    def work() -> None:
        with transaction() as session:
            registrations.forget(session, program_id, token, before, reason)

    retrying(work)


def _nobody_listens(program_id: str, card_id: str) -> None:
    def work() -> None:
        with transaction() as session:
            registrations.settle_unheard(session, program_id, card_id)

    retrying(work)
