"""The Wallet REST API: resources are inserted, patched or put, and never deleted.

https://developers.google.com/wallet/reference/rest/v1
"""

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

from walletpass import config
from walletpass.google import rules
from walletpass.google.account import Account
from walletpass.google.failures import (
    AlreadyThere,
    BadPicture,
    KeyRefused,
    Misconfigured,
    NotThere,
    QuotaFull,
    VendorDown,
    content,
    failure,
    misconfigured,
)
from walletpass.google.line import Line

__all__ = [
    "GENERIC_CLASS",
    "GENERIC_OBJECT",
    "LOYALTY_CLASS",
    "LOYALTY_OBJECT",
    "AlreadyThere",
    "BadPicture",
    "Client",
    "KeyRefused",
    "Kind",
    "Misconfigured",
    "NotThere",
    "QuotaFull",
    "Resource",
    "VendorDown",
    "misconfigured",
]

Resource = dict[str, Any]
Kind = Literal["loyaltyClass", "loyaltyObject", "genericClass", "genericObject"]
LOYALTY_CLASS: Kind = "loyaltyClass"
LOYALTY_OBJECT: Kind = "loyaltyObject"
GENERIC_CLASS: Kind = "genericClass"
GENERIC_OBJECT: Kind = "genericObject"
# Without a number Google sends everything in one answer.
PAGE = 100


class Client:
    """A conversation of one thread. Use it as a context manager; every verb raises DeliveryError,
    and one that writes ConfigurationError for what Google would refuse.

    Each request waits for its turn (see `pace`), until ``until`` of the monotonic clock where that is set.
    """

    def __init__(self, account: Account, *, stopping: threading.Event | None = None) -> None:
        self._base = config.current().google_api_url.rstrip("/")
        self._line = Line(account, stopping)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()

    def is_current(self) -> bool:
        """False when the settings name another address by now."""
        return self._base == config.current().google_api_url.rstrip("/")

    @property
    def account(self) -> Account:
        return self._line.account

    @property
    def until(self) -> float | None:
        return self._line.until

    @until.setter
    def until(self, moment: float | None) -> None:
        self._line.until = moment

    def get(self, kind: Kind, id: str) -> Resource:
        """Raises NotThere."""
        return self._send("GET", _path(kind, id))

    def list(self, kind: Kind, owner: str) -> Iterator[Resource]:
        """The classes of an issuer, or the objects of a class, page by page."""
        params: dict[str, Any] = {"classId" if kind.endswith("Object") else "issuerId": owner, "maxResults": PAGE}
        while True:
            page = self._send("GET", kind, params=params)
            yield from page.get("resources") or ()
            following = (page.get("pagination") or {}).get("nextPageToken")
            if not following or following == params.get("token"):
                return
            params["token"] = following

    def insert(self, kind: Kind, resource: Resource) -> Resource:
        """Raises AlreadyThere, and NotThere for an object whose class is not."""
        rules.check(kind, resource, whole=False)
        return self._send("POST", kind, body=resource)

    def upsert(self, kind: Kind, resource: Resource) -> Resource:
        """Insert, or patch what is there already: one call in the common case. Answers the resource as Google has it."""
        try:
            return self.insert(kind, resource)
        except AlreadyThere:
            return self.patch(kind, resource["id"], resource)

    def patch(self, kind: Kind, id: str, body: Resource) -> Resource:
        """Raises NotThere when there is nothing to patch. What the body leaves out stays, an array that it names is replaced whole."""
        rules.check(kind, body, whole=False)
        return self._send("PATCH", _path(kind, id), body=body)

    def put(self, kind: Kind, id: str, body: Resource) -> Resource:
        """What the body leaves out is gone, messages too. Raises NotThere."""
        rules.check(kind, body, whole=False)
        return self._send("PUT", _path(kind, id), body=body)

    def add_message(self, kind: Kind, id: str, message: Resource) -> Resource:
        """One message more each time, also with an id that is there: after an error read the resource before another try."""
        answer = self._send("POST", f"{_path(kind, id)}/addMessage", body={"message": message})
        resource = answer.get("resource")
        return resource if isinstance(resource, dict) else {}

    def issuer(self, id: str) -> Resource:
        return self._send("GET", f"issuer/{quote(id, safe='')}")

    def _send(self, method: str, path: str, *, params: dict[str, Any] | None = None, body: Resource | None = None) -> Resource:
        answer = self._line.send(method, f"{self._base}/{path}", params=params, body=body)
        found = content(answer)
        if answer.status_code == 200 and found is not None:
            return found
        raise failure(answer)


def _path(kind: Kind, id: str) -> str:
    return f"{kind}/{quote(id, safe='')}"
