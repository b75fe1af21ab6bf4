"""What Google's answers mean.

What went wrong is told by the HTTP code and by ``error.errors[0].reason`` together: a 403 may be a missing permission or a
full quota. An answer that is not in Google's form comes from something between us.
"""

from email.utils import parsedate_to_datetime
from typing import Any

import requests
import structlog

from walletpass.database import now
from walletpass.errors import ChannelPaused, DeliveryError

log = structlog.get_logger(__name__)

# Seconds until an operator may have mended a key or a permission.
MENDING = 900.0
LONGEST_WISH = 86_400.0
TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")


class NotThere(DeliveryError):
    """404: a class or an object that Google does not have."""


class AlreadyThere(DeliveryError):
    """409: an insert of something that Google has."""


class BadPicture(DeliveryError):
    """400: Google could not fetch or use an image, and refuses everything that came with it."""


class QuotaFull(DeliveryError):
    """The notices to a card's holder are counted, and these were too many. The same without a notice may well pass."""


class VendorDown(DeliveryError):
    """Google itself is away, slow or asks for a pause. It would say the same to the next message."""


class Misconfigured(ChannelPaused):
    """Nothing is wrong with the card: it waits until an operator has mended the rights for the issuer."""


class KeyRefused(Misconfigured):
    """The service account itself, so that no program can be served."""


def failure(answer: requests.Response) -> DeliveryError:
    """An answer that is no success, as an error that says whether it is worth another try."""
    status, (reason, told) = answer.status_code, _told(content(answer))
    message = f"Google Wallet answered {status}: {told or reason or answer.reason}"
    if status == 401:
        return misconfigured(message, KeyRefused)
    if reason == "quotaExceeded" or "QuotaExceeded" in told or (status == 403 and told.startswith("Quota exceeded for issuer")):
        return QuotaFull(message, permanent=False, after=_wish(answer))
    if status == 403 and reason not in TOO_FAST:
        return misconfigured(message)
    if status in (403, 408, 429) or status < 400 or status >= 500 or not (reason or told):
        return VendorDown(message, permanent=False, after=_wish(answer))
    if status == 400 and any(word in told.lower() for word in ("image", "logo", "picture")):
        return BadPicture(message, permanent=True)
    return {404: NotThere, 409: AlreadyThere}.get(status, DeliveryError)(message, permanent=True)


def misconfigured(message: str, kind: type[Misconfigured] = Misconfigured) -> Misconfigured:
    log.critical("google.misconfigured", reason=message)
    return kind(message, after=MENDING)


def content(answer: requests.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None for anything else."""
    try:
        found = answer.json()
    except requests.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _told(found: dict[str, Any] | None) -> tuple[str, str]:
    """(reason, message) of an error body; empty where a proxy answered something else."""
    error = (found or {}).get("error")
    if not isinstance(error, dict):
        return "", ""
    details = error.get("errors")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return str(first.get("reason", "")), str(error.get("message", ""))


def _wish(answer: requests.Response) -> float | None:
    """Retry-After in seconds: a number or a date; None for neither."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_WISH)
    try:
        seconds = (parsedate_to_datetime(said) - now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WISH)
