"""The PassKit web service, from the phone's side: the calls, their answers and the complaints iOS sends to the log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from walletpass.sandbox import wire
from walletpass.sandbox.wire import Reply, Unreachable

AGENT = "Wallet/1.0 CFNetwork Darwin (walletpass sandbox)"


class Failed(Exception):
    """A call that did not do its work. ``again`` says whether the phone tries later (nobody there, 5xx)."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True)
class Fetched:
    """A pass, or nothing new (``data`` is None)."""

    data: bytes | None
    last_modified: str = ""


@dataclass(frozen=True)
class WebService:
    """``url`` is a pass's webServiceURL; the phone adds /v1 itself."""

    url: str
    language: str

    def register(self, device: str, pass_type: str, serial: str, token: str, push_token: str) -> bool:
        """Whether the registration is new (201) or was known (200)."""
        path = f"/devices/{quote(device)}/registrations/{quote(pass_type)}/{quote(serial)}"
        body = json.dumps({"pushToken": push_token}).encode()
        headers = {**_authorization(token), "Content-Type": "application/json"}
        return self._call("POST", path, headers, body, good=(200, 201)).status == 201

    def unregister(self, device: str, pass_type: str, serial: str, token: str) -> None:
        self._call(
            "DELETE", f"/devices/{quote(device)}/registrations/{quote(pass_type)}/{quote(serial)}", _authorization(token), good=(200,)
        )

    def updated(self, device: str, pass_type: str, tag: str) -> tuple[list[str], str]:
        """Serial numbers changed since ``tag`` (all without one) and the new tag."""
        path = f"/devices/{quote(device)}/registrations/{quote(pass_type)}" + (f"?passesUpdatedSince={quote(tag, safe='')}" if tag else "")
        reply = self._call("GET", path, {}, good=(200, 204))
        if reply.status == 204:
            return [], tag
        try:
            answer = json.loads(reply.body)
            serials, new = answer["serialNumbers"], answer["lastUpdated"]
        except (ValueError, KeyError, TypeError) as error:
            raise Failed("The list of changed passes is not what a phone expects: serialNumbers and lastUpdated.", again=False) from error
        if not isinstance(serials, list) or not all(isinstance(serial, str) for serial in serials) or not isinstance(new, str):
            raise Failed("serialNumbers has to be a list of texts and lastUpdated a text.", again=False)
        return serials, new

    def fetch(self, pass_type: str, serial: str, token: str, since: str) -> Fetched:
        headers = {**_authorization(token), **({"If-Modified-Since": since} if since else {})}
        reply = self._call("GET", f"/passes/{quote(pass_type)}/{quote(serial)}", headers, good=(200, 304))
        if reply.status == 304:
            return Fetched(None, since)
        if reply.content_type != "application/vnd.apple.pkpass":
            raise Failed(f"The pass came as {reply.content_type or 'nothing'}, not as application/vnd.apple.pkpass.", again=False)
        return Fetched(reply.body, reply.header("last-modified"))

    def log(self, message: str) -> None:
        """Tell the server what went wrong, as iOS does; a failure here is nobody's business."""
        line = f"[{datetime.now(UTC):%Y-%m-%d %H:%M:%S} +0000] {message}"
        try:
            wire.request(
                "POST", f"{self._base}/log", {**self._agent, "Content-Type": "application/json"}, json.dumps({"logs": [line]}).encode()
            )
        except Unreachable:
            return

    @property
    def _base(self) -> str:
        return f"{self.url.rstrip('/')}/v1"

    @property
    def _agent(self) -> dict[str, str]:
        return {"User-Agent": AGENT, "Accept-Language": self.language}

    def _call(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None, *, good: tuple[int, ...]) -> Reply:
        try:
            reply = wire.request(method, self._base + path, {**self._agent, **headers}, body)
        except Unreachable as error:
            raise Failed(f"The server does not answer ({error}).", again=True) from error
        if reply.status not in good:
            raise Failed(f"Unexpected response code {reply.status}", again=reply.status >= 500 or reply.status == 429)
        return reply


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"ApplePass {token}"}
