"""A cookie jar for one server, so that the phone in the frame has cookies of its own."""

from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from threading import Lock
from time import time


class Jar:
    def __init__(self) -> None:
        self._lock = Lock()
        self._cookies: dict[tuple[str, str], tuple[str, float]] = {}  # (name, path) -> (value, end)

    def header(self, path: str) -> str:
        """The Cookie header for a request, longest path first."""
        now = time()
        with self._lock:
            fitting = [(where, name, value) for (name, where), (value, end) in self._cookies.items() if end > now and _covers(where, path)]
        return "; ".join(f"{name}={value}" for where, name, value in sorted(fitting, key=lambda one: -len(one[0])))

    def keep(self, set_cookie: str, path: str) -> None:
        try:
            morsels = SimpleCookie(set_cookie).items()
        except CookieError:
            return
        with self._lock:
            for name, morsel in morsels:
                where = morsel["path"] if morsel["path"].startswith("/") else path.rpartition("/")[0] or "/"
                self._cookies[name, where] = (morsel.coded_value, _end(morsel["max-age"], morsel["expires"]))

    def clear(self) -> None:
        with self._lock:
            self._cookies = {}


def _covers(where: str, path: str) -> bool:
    return path == where or path.startswith(where if where.endswith("/") else f"{where}/")


def _end(max_age: str, expires: str) -> float:
    if max_age.lstrip("-").isdigit():
        return time() + int(max_age)
    try:
        return parsedate_to_datetime(expires).timestamp() if expires else float("inf")
    except ValueError:
        return float("inf")
