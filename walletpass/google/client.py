"""The Wallet REST API: resources are inserted or patched, always whole, and never deleted.

https://developers.google.com/wallet/reference/rest/v1. What went wrong is told by the HTTP code and by
``error.errors[0].reason`` together: a 403 may be a missing permission or a quota.
"""

from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import requests
import structlog
from google.auth import exceptions
from google.auth.transport.requests import AuthorizedSession, Request

from walletpass import config
from walletpass.database import now
from walletpass.errors import DeliveryError
from walletpass.google.account import Account

log = structlog.get_logger(__name__)

Resource = dict[str, Any]
Kind = Literal["loyaltyClass", "loyaltyObject"]
LOYALTY_CLASS: Kind = "loyaltyClass"
LOYALTY_OBJECT: Kind = "loyaltyObject"

# Seconds to connect, and between two bytes of an answer.
TIMEOUT = (3.0, 10.0)
# Until an operator may have mended a key or a permission.
MENDING = 900.0
LONGEST_WISH = 86_400.0


class NotThere(DeliveryError):
    """404: a class or an object that Google does not have."""


class AlreadyThere(DeliveryError):
    """409: an insert of something that Google has."""


class VendorDown(DeliveryError):
    """Google itself is away, slow or asks for a pause. It would say the same to the next message."""


class Misconfigured(DeliveryError):
    """Nothing is wrong with the card: it waits until an operator has mended the account or its rights for the issuer."""


class TokenRequest(Request):
    """The way to the token endpoint. Trying again is the outbox's work, so a 5xx ends here; the library would sleep."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().__call__(*args, **kwargs)  # type: ignore[no-untyped-call]  # google-auth has no annotations here
        if answer.status in (408, 429) or answer.status >= 500:
            raise exceptions.TransportError(f"the token endpoint answered {answer.status}")  # type: ignore[no-untyped-call]  # as above
        return answer


class Client:
    """A conversation of one thread. Use it as a context manager; every verb raises DeliveryError."""

    def __init__(self, account: Account) -> None:
        self._base = config.current().google_api_url.rstrip("/")
        session = AuthorizedSession(account, max_refresh_attempts=1, auth_request=TokenRequest())  # type: ignore[no-untyped-call]  # as above
        self._session: requests.Session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def upsert(self, kind: Kind, resource: Resource) -> Resource:
        """Insert, or patch what is there already: one call in the common case. Answers the resource as Google has it."""
        try:
            return self._send("POST", kind, resource)
        except AlreadyThere:
            return self.patch(kind, resource["id"], resource)

    def patch(self, kind: Kind, id: str, body: Resource) -> Resource:
        """Raises NotThere when there is nothing to patch. Arrays are replaced whole, so the body has to be the full state."""
        return self._send("PATCH", f"{kind}/{quote(id, safe='')}", body)

    def _send(self, method: str, path: str, body: Resource) -> Resource:
        try:
            answer = self._session.request(method, f"{self._base}/{path}", json=body, timeout=TIMEOUT, allow_redirects=False)
        except exceptions.RefreshError as error:
            raise misconfigured(f"Google does not accept the key of the service account: {error}") from error
        except (requests.RequestException, exceptions.GoogleAuthError) as error:
            raise VendorDown(f"Google Wallet cannot be reached: {type(error).__name__}: {error}", permanent=False) from error
        content = _json(answer)
        if answer.status_code == 200 and content is not None:
            return content
        raise _failure(answer, content or {})


def _failure(answer: requests.Response, content: Resource) -> DeliveryError:
    """The answer as an error that says whether it is worth another try."""
    status, reason, told = answer.status_code, *_told(content)
    message = f"Google Wallet answered {status}: {told or reason or answer.reason}"
    after = _wish(answer)
    if status == 404:
        return NotThere(message, permanent=True)
    if status == 409:
        return AlreadyThere(message, permanent=True)
    if reason == "quotaExceeded":
        # The notices to one card's holder are counted, so the next card may well pass.
        return DeliveryError(message, permanent=False, after=after)
    if status in (408, 429) or status < 400 or status >= 500:
        return VendorDown(message, permanent=False, after=after)
    if status in (401, 403):
        return misconfigured(message)
    return DeliveryError(message, permanent=True)


def misconfigured(message: str) -> Misconfigured:
    log.critical("google.misconfigured", reason=message)
    return Misconfigured(message, permanent=False, after=MENDING)


def _told(content: Resource) -> tuple[str, str]:
    """(reason, message) of an error body; empty where a proxy answered something else."""
    error = content.get("error")
    if not isinstance(error, dict):
        return "", ""
    details = error.get("errors")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return str(first.get("reason", "")), str(error.get("message", ""))


def _json(answer: requests.Response) -> Resource | None:
    try:
        content = answer.json()
    except requests.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def _wish(answer: requests.Response) -> float | None:
    """Retry-After in seconds: a number or a date; None for neither."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WISH)
    try:
        seconds = (parsedate_to_datetime(text) - now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WISH)
