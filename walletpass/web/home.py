import hmac
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session

import walletpass
from walletpass import codes, config, delivery, google, messages, programs, webhooks
from walletpass.apple import guardian
from walletpass.database import now, reading
from walletpass.errors import NotAllowed

bp = Blueprint("home", __name__)

PRIVATE = [f"Disallow: {path}" for path in ("/c/", "/t/", "/api/", "/apple/", "/google/", "/metrics")]
CHANNELS = ("apple", "google")
# A crawler obeys the group with its own name and no other; there the longest path that fits decides, and for some the first.
GOOGLEBOT = ["User-agent: Googlebot", "Allow: /google/callback/", "Allow: /artwork/", *PRIVATE]
EVERYBODY = ["User-agent: *", *PRIVATE]


@bp.get("/")
def index() -> str:
    with reading() as session:
        houses = [(program, programs.first_channel(session, program.id)) for program in programs.every(session)]
    rows: list[Any] = [
        (
            program,
            url_for("join.form", code=channel.code) if channel else None,
            url_for("till.screen", program_id=program.id),
        )
        for program, channel in houses
    ]
    return render_template("index.html", programs=rows, program=None)


@bp.get("/health")
def health() -> Response:
    """200 while the database answers; ``waiting`` is what is still on its way to phones.

    A certificate near its end or a channel that a vendor has shut is a warning, not a failure: a balancer that took the server away for it would stop the tills.
    """
    with reading() as session:
        certificates = {name: {"days_left": found.days_left, "stage": found.stage} for name, found in guardian.states(session).items()}
        return jsonify(
            status="ok",
            version=walletpass.__version__,
            waiting=delivery.count_waiting(session),
            certificates=certificates,
            warnings=[
                *guardian.warnings(session),
                *delivery.warnings(session, reasons=False),
                *messages.warnings(session, reasons=False),
                *codes.warnings(session),
                *webhooks.warnings(session),
            ],
        )


@bp.get("/metrics")
def metrics() -> Response:
    """For Prometheus: on this machine, or with WALLETPASS_METRICS_TOKEN as bearer."""
    if not (_is_local() or _has_token()):
        raise NotAllowed("Metrics are for this machine, or for the token in WALLETPASS_METRICS_TOKEN.")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gauges())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Gauges(Collector):
    def collect(self) -> Iterator[Metric]:
        with reading() as session:
            found, waiting, lost = guardian.states(session), delivery.count_waiting(session), delivery.count_dead(session)
            letters = {way: (messages.reachable(way), *_counted(session, way)) for way in messages.Way}
            shut = {(row.program_id, row.channel) for row in delivery.paused(session)}
            every = [program.id for program in programs.every(session)]
            quiet, oldest = webhooks.paused(session), webhooks.oldest_untold(session)
        left = GaugeMetricFamily(
            "walletpass_certificate_expiry_seconds", "Until the Apple certificate ends; negative when it has", labels=["program"]
        )
        for name, state in found.items():
            if state.not_after is not None:
                left.add_metric([name], (state.not_after - now()).total_seconds())
        yield left
        yield GaugeMetricFamily("walletpass_outbox_waiting", "Changes on their way to phones", waiting)
        yield GaugeMetricFamily("walletpass_dead_letters", "Changes that were given up, and that nothing newer has made good", lost)
        paused = GaugeMetricFamily(
            "walletpass_channel_paused", "1 while the vendor has shut the program out and changes wait", labels=["program", "channel"]
        )
        for program, channel in sorted(shut | {(id, channel) for id in every for channel in CHANNELS}):
            paused.add_metric([program, channel], (program, channel) in shut)
        yield paused
        yield from _of_messages(letters)
        told = GaugeMetricFamily(
            "walletpass_webhooks_paused", "Webhooks that are told nothing until somebody resumes them", labels=["program"]
        )
        for program, count in sorted(quiet.items()):
            told.add_metric([program], count)
        yield told
        age = max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("walletpass_webhook_oldest_event_seconds", "Age of the oldest event that a webhook has not been told", age)
        calls = CounterMetricFamily(
            "walletpass_google_calls_refused", "Calls in Google's name that changed nothing, in this process", labels=["reason"]
        )
        for reason, times in sorted(google.refusals.all().items()):
            calls.add_metric([reason], times)
        yield calls
        build = GaugeMetricFamily("walletpass_build_info", "The version that runs", labels=["version"])
        build.add_metric([walletpass.__version__], 1)
        yield build


def _counted(session: Session, way: messages.Way) -> tuple[int, int]:
    return messages.count_waiting(session, way), messages.count_dead(session, way)


def _of_messages(letters: dict[messages.Way, tuple[bool, int, int]]) -> Iterator[Metric]:
    for place, name, said in (
        (0, "walletpass_messages_reachable", "1 where a gateway or mail server is set, so that guests can be written to"),
        (1, "walletpass_messages_waiting", "Messages to guests on their way"),
        (2, "walletpass_messages_dead", "Messages to guests that were given up in the last day"),
    ):
        family = GaugeMetricFamily(name, said, labels=["channel"])
        for way, counts in letters.items():
            family.add_metric([way], counts[place])
        yield family


def _is_local() -> bool:
    """A proxy on this machine speaks for the whole world: what it passes on does not count as ours."""
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"))
    return not passed_on and config.is_loopback(request.remote_addr or "") and config.is_loopback(request.host.rsplit(":", 1)[0])


def _has_token() -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = config.current().metrics_token
    return bool(expected) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), expected.encode())


@bp.get("/robots.txt")
def robots() -> Response:
    """Personal pages are nobody's search result. Google Wallet fetches artwork and calls us only where Googlebot may go."""
    return Response("\n".join([*GOOGLEBOT, "", *EVERYBODY, ""]), mimetype="text/plain")
