"""The sandbox put together: phones, APNs, Google and the page, each on its loopback port."""

import socket
from collections.abc import Sequence
from threading import Event, Thread
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from walletpass.sandbox import shelf
from walletpass.sandbox.android import Android
from walletpass.sandbox.apns import Apns, tls_context
from walletpass.sandbox.board import Board
from walletpass.sandbox.browser import Browser, proxy
from walletpass.sandbox.faults import BadSwitch, Faults
from walletpass.sandbox.googlecaller import Caller
from walletpass.sandbox.googlecalls import Signer
from walletpass.sandbox.googlelimits import Rate
from walletpass.sandbox.googlestore import Store
from walletpass.sandbox.googletokens import Users
from walletpass.sandbox.inbox import Inbox
from walletpass.sandbox.iphone import IPhone
from walletpass.sandbox.mailserver import MailServer
from walletpass.sandbox.options import LANGUAGES, Options
from walletpass.sandbox.pictures import Pictures
from walletpass.sandbox.verify import Trust

HOST = "127.0.0.1"
SHOWN_PUSHES = 20


class Sandbox:
    """A running world. ``url`` is its page; ``stop`` ends it and keeps the phones' state on disk."""

    def __init__(self, options: Options) -> None:
        from walletpass.sandbox.pages import create

        self.options, self.board = options, Board()
        self._settings = options.directory / "settings.json"
        self.language: str = shelf.load(self._settings, {}).get("language", options.language)
        self.faults = Faults(options.directory / "faults.json", self.board)
        listeners = [_bound(port) for port in (options.port, options.iphone_port, options.android_port)]
        self.url, iphone_origin, android_origin = (f"http://{HOST}:{one.getsockname()[1]}" for one in listeners)
        self._make_phones(iphone_origin, android_origin)
        self._make_apns()
        self.inbox = Inbox(options.directory / "inbox.json", self.board)
        self.mail = MailServer((HOST, options.smtp_port), self._take_mail, lambda: self.faults["mail_server"] != "ok")
        self._servers = self._serve(listeners, (create(self), proxy(self.iphone_browser), proxy(self.android_browser)))

    def stop(self) -> None:
        self.board.close()
        self.apns.stop()
        self.mail.stop()
        closing = [Thread(target=server.shutdown) for server in self._servers]
        for thread in closing:
            thread.start()
        for thread, server in zip(closing, self._servers, strict=True):
            thread.join()
            server.server_close()
        self.iphone.stop()
        self.android.stop()
        self.caller.stop()

    def speak(self, language: str) -> None:
        """Switch both phones to another language."""
        if language not in LANGUAGES:
            raise BadSwitch(f"The phones speak {', '.join(LANGUAGES)}, not {language!r}.")
        self.language = language
        shelf.save(self._settings, {"language": language})
        self.board.changed()

    def state(self) -> dict[str, Any]:
        """Everything there is to see, as JSON."""
        revision = self.board.revision
        return {
            "revision": revision,
            "server": self.options.server_url,
            "url": self.url,
            "language": self.language,
            "faults": self.faults.all(),
            "links": [{"label": label, "url": url} for label, url in self.options.join_urls],
            "iphone": {**self.iphone.state(), "browser": self._browser_state(self.iphone_browser)},
            "android": {**self.android.state(), "browser": self._browser_state(self.android_browser)},
            "google": {key: self.rate.state()[key] for key in ("total", "most_in_a_second", "refused")},
            "apns": {"port": self.apns.port, "connects": self.apns.connects, "pushes": self.apns.pushes()[-SHOWN_PUSHES:]},
            "inbox": {"smtp_port": self.mail.port, "messages": self.inbox.all()},
            "log": self.board.lines,
        }

    def _take_mail(self, to: str, text: str, sender: str, subject: str) -> None:
        self.inbox.receive("email", to, text, sender, subject)

    def _browser_state(self, browser: Browser) -> dict[str, str]:
        return {"origin": browser.origin, "address": browser.address}

    def _make_phones(self, iphone_origin: str, android_origin: str) -> None:
        options, board, folder = self.options, self.board, self.options.directory
        self._make_google()
        trust = Trust.read(options.trust("apple_root"))
        self.iphone = IPhone(
            folder, trust, board, lambda: self.language, lambda: self.faults["iphone"] == "on", options.retry_after, self.faults.lag
        )
        self.android = Android(folder / "android.json", self.store, board, lambda: self.language, self.faults, self.caller.happened)
        self.faults.watch("iphone", lambda position: self.iphone.switched())
        for name in ("android", "google_mode"):
            self.faults.watch(name, lambda position: self.android.switched())
        self.iphone_browser, self.android_browser = (
            Browser(phone, options.server_url, self.url, board, lambda: self.language, lambda phone=phone: self.faults[phone] == "on")  # type: ignore[misc]
            for phone in ("iphone", "android")
        )
        self.iphone_browser.origin, self.android_browser.origin = iphone_origin, android_origin
        self.iphone_browser.receive = self.iphone.receive

    def _make_google(self) -> None:
        options, faults, folder = self.options, self.faults, self.options.directory
        self.rate = Rate()
        self.pictures = Pictures(folder / "google-images", fetches=options.fetch_images, dead=lambda: faults["google_images"] == "dead")
        self.store = Store(folder / "google.json", self.pictures.fetch)
        self.store.notices.limited = lambda: faults["google_quota"] == "three"
        self.users = Users(options.trust("google_users"), folder / "google-permissions.json")
        signer = Signer.kept(folder / "google-root.pem")
        self.caller = Caller(signer, self.store, self.board, faults, options.retry_after)

    def _make_apns(self) -> None:
        trust = self.options.trust
        context = tls_context(trust("apns_certificate"), trust("apns_key"), trust("apple_root"), trust("apple_intermediate"))
        address = (HOST, self.options.apns_port)
        self.apns = Apns(address, context, self.board, self.faults, self.iphone)
        self.faults.watch("apns", self.apns.follow)
        self.faults.watch("apns", lambda position: self.iphone.come_back() if position == "ok" else None)
        self.apns.follow(self.faults["apns"])

    def _serve(self, listeners: Sequence[socket.socket], apps: Sequence[Flask]) -> list[BaseWSGIServer]:
        servers = []
        for listener, app in zip(listeners, apps, strict=True):
            with listener:
                server = make_server(HOST, 0, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name=f"sandbox-{app.name}", daemon=True).start()
            servers.append(server)
        return servers


def start_in_thread(options: Options) -> Sandbox:
    """A running sandbox; stop it with ``.stop()``. All ports listen when this returns."""
    return Sandbox(options)


def run(options: Options) -> None:
    """Serve until interrupted (SIGINT or SIGTERM)."""
    import signal

    sandbox, over = Sandbox(options), Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    over.wait()
    sandbox.stop()


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """The board tells what happened; a line per request would drown it."""
