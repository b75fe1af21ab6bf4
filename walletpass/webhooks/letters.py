"""What a receiver is sent: an event as the feed has it, and the headers that prove whose it is."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import walletpass
from walletpass import signatures
from walletpass.events import Event

PING = "webhook.test"


def described(event: Event) -> dict[str, Any]:
    """An event as the feed and every webhook say it. Ids and numbers only."""
    return {
        "id": event.id,
        "number": event.number,
        "kind": event.kind,
        "program": event.program_id,
        "at": said(event.at),
        "recorded_at": said(event.recorded_at),
        "card": event.card_id,
        "check": event.check_id,
        "venue": event.venue_id,
        "staff": event.staff_id,
        "till": event.device_id,
        "source": event.source,
        "data": event.data,
    }


def ping(program_id: str, event_id: str, at: datetime) -> dict[str, Any]:
    """A test: it has no number, as nothing has happened."""
    return {"id": event_id, "number": 0, "kind": PING, "program": program_id, "at": said(at), "recorded_at": said(at), "data": {}}


def said(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sealed(what: dict[str, Any], keys: Sequence[str], at: int) -> tuple[bytes, dict[str, str]]:
    """The bytes of a body and the headers that go with them; the same event always has the same bytes."""
    body = json.dumps(what, separators=(",", ":"), sort_keys=True).encode()
    return body, {
        "Content-Type": "application/json",
        "User-Agent": f"walletpass/{walletpass.__version__}",
        "Walletpass-Event-Id": str(what["id"]),
        signatures.HEADER: signatures.sign(keys, body, at),
    }
