"""The wire to Google: one connection, the account's token, and a turn for every request."""

import threading
from typing import Any

import requests
import urllib3
from google.auth import exceptions
from google.auth.transport.requests import Request
from requests.adapters import HTTPAdapter

from walletpass.google import pace
from walletpass.google.account import Account
from walletpass.google.failures import KeyRefused, VendorDown, content, misconfigured

# Seconds to connect, and between two bytes of an answer.
TIMEOUT = (3.0, 10.0)

_refreshing = threading.Lock()


class TokenRequest(Request):
    """The way to the token endpoint. Trying again is the outbox's work, so what is no answer of Google's ends here; the library
    would sleep, or follow a redirect with the account's assertion."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().__call__(*args, **{**kwargs, "timeout": TIMEOUT, "allow_redirects": False})  # type: ignore[no-untyped-call]  # google-auth has no annotations
        if answer.status in (408, 429) or not (answer.status == 200 or 400 <= answer.status < 500) or content(answer._response) is None:
            raise exceptions.TransportError(f"the token endpoint answered {answer.status}")  # type: ignore[no-untyped-call]  # as above
        return answer


class Line:
    """A session of one thread. ``until`` (monotonic) is when the last turn may come, ``stopping`` ends every wait for one."""

    def __init__(self, account: Account, stopping: threading.Event | None = None) -> None:
        self.account = account
        self.until: float | None = None
        self._stopping = stopping
        self._http = requests.Session()
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, _Adapter(self.take_turn))

    def close(self) -> None:
        self._http.close()

    def take_turn(self) -> None:
        pace.turn(self.account.email, until=self.until, stopping=self._stopping)

    def send(self, method: str, url: str, *, params: dict[str, Any] | None = None, body: Any = None) -> requests.Response:
        """Raises VendorDown without an answer. A token that has ended is replaced, once for all threads, and the request made again."""
        try:
            token = self._token()
            answer = self._send(token, method, url, params, body)
            if answer.status_code == 401:
                answer = self._send(self._token(other_than=token), method, url, params, body)
        except exceptions.RefreshError as error:
            raise misconfigured(f"Google does not accept the key of the service account: {error}", KeyRefused) from error
        except (requests.RequestException, exceptions.GoogleAuthError) as error:
            raise VendorDown(f"Google Wallet cannot be reached: {type(error).__name__}: {error}", permanent=False) from error
        return answer

    def _send(self, token: str, method: str, url: str, params: dict[str, Any] | None, body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self._http.request(method, url, params=params, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)

    def _token(self, other_than: str = "") -> str:
        with _refreshing:
            if not self.account.valid or self.account.token == other_than:
                self.account.refresh(TokenRequest())  # type: ignore[no-untyped-call]  # as above
            return str(self.account.token)


class _Adapter(HTTPAdapter):
    """Takes a turn when a connection stands and the request could leave: making one takes longer than turns lie apart."""

    def __init__(self, take_turn: Any) -> None:
        self._take_turn = take_turn
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, _Paced):
            pool.ConnectionCls = type("Paced", (_Paced, pool.ConnectionCls), {"take_turn": staticmethod(self._take_turn)})
        return pool


class _Paced(urllib3.connection.HTTPConnection):
    take_turn: Any

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self.take_turn()
        super().request(*args, **kwargs)
