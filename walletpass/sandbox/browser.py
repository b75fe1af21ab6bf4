"""A phone's browser: a reverse proxy with the phone's name, language and cookies, framed by the sandbox page.

A pass that comes through the iPhone's proxy goes to its Wallet and the page gets 204, so that it stays where it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import Flask, Response, request

from walletpass.sandbox import wire
from walletpass.sandbox.board import Board
from walletpass.sandbox.cookies import Jar

PASS_TYPE = "application/vnd.apple.pkpass"
REAL_SAVE = "https://pay.google.com/gp/v/save"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
NOT_SENT = HOP | {
    "host",
    "cookie",
    "user-agent",
    "accept-language",
    "accept-encoding",
    "content-length",
    "origin",
    "referer",
    "forwarded",
    "via",
}
NOT_GIVEN = HOP | {
    "content-length",
    "content-encoding",
    "set-cookie",
    "location",
    "x-frame-options",
    "content-security-policy",
    "content-security-policy-report-only",
    "cross-origin-resource-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "strict-transport-security",
    "server",
    "date",
}
NOT_IN_A_FRAME = ("frame-ancestors", "upgrade-insecure-requests", "report-uri", "report-to", "sandbox")
NOBODY = "'none'"
AGENTS = {
    "iphone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1",
    "android": "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
}


@dataclass(frozen=True)
class Landed:
    """Where a journey over redirects ended: the address as the phone knows it, and the answer there."""

    url: str
    reply: wire.Reply


class Browser:
    """One phone's browser. ``server`` is walletpass, ``home`` the sandbox page; both without a slash at the end."""

    def __init__(self, phone: str, server: str, home: str, board: Board, language: Callable[[], str], is_on: Callable[[], bool]) -> None:
        self.phone, self.server, self.home = phone, server, home
        self._board, self._language, self._is_on = board, language, is_on
        self._jar = Jar()
        self.origin = ""  # of the proxy; known once its port is
        self.address = ""
        self.receive: Callable[[bytes], object] | None = None

    def go(self, url: str) -> Landed:
        """Follow ``url`` and its redirects, at most ten, as far as this server and the save page."""
        for _ in range(10):
            url = self.outward(url)
            if self.is_save_link(url):
                return Landed(url, wire.Reply(200, (), b""))
            if not url.startswith(f"{self.server}/"):
                raise wire.Unreachable(f"{url} is not an address of {self.server}")
            with_path = urlsplit(url).path
            reply = wire.request("GET", url, self._identity(with_path))
            self._keep_cookies(reply.headers, with_path)
            if reply.status not in (301, 302, 303, 307, 308):
                return Landed(url, reply)
            url = urljoin(url, reply.header("location"))
        raise wire.Unreachable("the address leads in a circle")

    def outward(self, url: str) -> str:
        """An address as typed in the frame, as the server knows it."""
        return f"{self.server}{url.removeprefix(self.origin)}" if self.origin and url.startswith(f"{self.origin}/") else url

    def inward(self, text: str) -> str:
        """Addresses in ``text`` as the frame has to see them."""
        return text.replace(REAL_SAVE, f"{self.home}/gp/v/save").replace(self.server, self.origin)

    def is_save_link(self, url: str) -> bool:
        return url.startswith((f"{self.home}/gp/v/save/", f"{REAL_SAVE}/"))

    def handle(self, path: str) -> Response:
        """One request of the frame, passed on."""
        if not self._is_on():
            return Response("This phone is switched off.", 503, content_type="text/plain; charset=utf-8")
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        target = f"{self.server}/{path}{query}"
        headers = {
            name: value
            for name, value in request.headers
            if name.lower() not in NOT_SENT and not name.lower().startswith(("sec-", "x-forwarded"))
        }
        headers |= self._identity(f"/{path}")
        for name in ("Origin", "Referer"):
            if name in request.headers and request.headers[name] != "null":
                headers[name] = self._seen_from_server(name, request.headers[name])
        try:
            stream = wire.open_stream(request.method, target, headers, request.get_data() or None, timeout=60)
        except wire.Unreachable as error:
            return Response(f"{self.server} does not answer ({error}).", 502, content_type="text/plain; charset=utf-8")
        self._keep_cookies(stream.headers, f"/{path}")
        return self._answer(stream, target)

    def _answer(self, stream: wire.Stream, target: str) -> Response:
        kind = next((value for name, value in stream.headers if name.lower() == "content-type"), "")
        if kind.startswith("text/event-stream"):
            return self._dressed(stream.pieces(), stream.status, stream.headers)
        reply = stream.read()
        if reply.content_type == PASS_TYPE and reply.status == 200 and self.receive and request.method != "HEAD":
            self.receive(reply.body)
            return Response(status=204)
        if (
            reply.content_type == "text/html"
            and request.method == "GET"
            and request.headers.get("Sec-Fetch-Dest", "document") in ("document", "iframe")
        ):
            self.arrived(target)
        body = reply.body
        if reply.content_type == "text/html":
            body = self.inward(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        return self._dressed(body, reply.status, reply.headers)

    def _dressed(self, body: bytes | Iterator[bytes], status: int, headers: tuple[tuple[str, str], ...]) -> Response:
        response = Response(body, status)
        response.headers.clear()
        for name, value in headers:
            if name.lower() not in NOT_GIVEN:
                response.headers.add(name, value)
            elif name.lower() == "location":
                response.headers["Location"] = self.inward(value)
            elif name.lower() == "content-security-policy":
                response.headers.add("Content-Security-Policy", self.framed(value))
        if isinstance(body, bytes):
            response.headers["Content-Length"] = str(len(body))
        return response

    def framed(self, policy: str) -> str:
        """A policy that lets the page live in the frame and reach the save page, and is otherwise as strict as it was."""
        rules = [rule.strip() for rule in policy.split(";") if rule.strip()]
        kept = [rule for rule in rules if rule.split()[0].lower() not in NOT_IN_A_FRAME]
        open_forms = [f"{rule.replace(NOBODY, '')} {self.home}" if rule.lower().startswith("form-action") else rule for rule in kept]
        return "; ".join(self.inward(rule) for rule in open_forms)

    def arrived(self, url: str) -> None:
        """The frame shows ``url``: so does the address bar."""
        if self.address != url:
            self.address = url
            self._board.changed()

    def _identity(self, path: str) -> dict[str, str]:
        cookie = self._jar.header(path)
        return {
            "User-Agent": AGENTS[self.phone],
            "Accept-Language": self._language(),
            "Accept-Encoding": "identity",
            **({"Cookie": cookie} if cookie else {}),
        }

    def _seen_from_server(self, name: str, value: str) -> str:
        """The frame's Origin or Referer; the sandbox page around it does not exist for the server."""
        parts = urlsplit(self.server)
        if value.startswith(self.origin):
            return value.replace(self.origin, f"{parts.scheme}://{parts.netloc}", 1)
        return value if name == "Origin" else f"{self.server}/"

    def _keep_cookies(self, headers: tuple[tuple[str, str], ...], path: str) -> None:
        for name, value in headers:
            if name.lower() == "set-cookie":
                self._jar.keep(value, path)


def proxy(browser: Browser) -> Flask:
    """The phone's browser as a WSGI application."""
    app = Flask(f"sandbox-{browser.phone}", static_folder=None)

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    def everything(path: str) -> Response:
        raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
        return browser.handle(urlsplit(raw).path.lstrip("/") if raw.startswith("/") else path)

    return app
