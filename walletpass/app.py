"""Putting the rooms together; with the command line the only place that knows them all."""

from collections.abc import Sequence
from typing import Any, cast

import structlog
from flask import Response, request
from flask_openapi import OpenAPI
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from walletpass import (
    api,
    apple,
    coatcheck,
    codes,
    config,
    database,
    events,
    google,
    guestbook,
    hostess,
    identification,
    ledger,
    messages,
    web,
    webhooks,
)
from walletpass.api.answers import refuse_shape
from walletpass.api.mount import INFO, SECURITY
from walletpass.apple import guardian
from walletpass.config import Settings
from walletpass.delivery import Channel, Worker
from walletpass.doorman import Doorman
from walletpass.errors import Malformed, NotFound, Refusal, TooMany, Unavailable, WalletpassError
from walletpass.rounds import Rounds

log = structlog.get_logger(__name__)

SPEAKS_JSON = ("/api/", "/apple/")


class App(OpenAPI):
    def dispatch_request(self) -> Any:
        """Every view is one whole piece of work: what the database lost to a rival is done again from the start."""
        return database.retrying(super().dispatch_request)


def create_app(settings: Settings) -> App:
    """The server of one process. Points `config` and `database` at ``settings``."""
    config.use(settings)
    database.bind(settings.database_url, pool_size=settings.threads)
    app = App(
        "walletpass.web",
        info=INFO,
        security_schemes=SECURITY,
        doc_ui=False,
        validation_error_callback=refuse_shape,
        static_folder="static",
        static_url_path="/static",
    )
    app.config.update(
        SECRET_KEY=next(iter(settings.keys.values())),
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_FORM_MEMORY_SIZE=settings.max_body,
        TRUSTED_HOSTS=_hosts(settings),
        SESSION_COOKIE_NAME="walletpass",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.secure,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
        # We tell browsers to send no Referer. The token and SameSite=Strict keep forged forms out.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["doorman"] = Doorman()
    api.mount(app)
    app.register_blueprint(apple.bp)
    app.register_blueprint(google.bp)
    web.mount(app)
    app.register_error_handler(Exception, _failed)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def channels() -> Sequence[Channel]:
    return [apple.AppleChannel(), google.GoogleChannel()]


def worker() -> Worker:
    return Worker(channels())


def rounds() -> Sequence[Rounds]:
    """Who goes round where delivery runs: looks after certificates and points, carries messages, tells webhooks, tells owners of
    kept coats, forgets what is old."""
    return [
        guardian.Watch(), ledger.Keeper(), *messages.senders(), codes.Broom(), identification.Sweeper(), guestbook.Importer(), coatcheck.Morning(), hostess.Ageing(), webhooks.Dispatcher(), events.Forgetting(),
    ]  # fmt: skip


def _hosts(settings: Settings) -> list[str]:
    return [settings.hostname, "127.0.0.1", "localhost"]


def _failed(error: Exception) -> Response:
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):
        return cast(Response, error.get_response())
    ours = _ours(error)
    if ours.status >= 500 and not isinstance(error, WalletpassError):
        log.error("request.failed", path=request.path, exc_info=error)
    if request.path.startswith(SPEAKS_JSON):
        response = api.answer(ours)
    elif isinstance(error, SecurityError):
        # A page is drawn with addresses of this host, and this host is not ours.
        response = Response(f"{ours.message}\n", ours.status, mimetype="text/plain")
    else:
        response = web.error_page(ours)
    if isinstance(ours, TooMany):
        response.headers["Retry-After"] = str(ours.after)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _ours(error: Exception) -> WalletpassError:
    """Any exception as one of ours, so that every answer is a sentence."""
    if isinstance(error, WalletpassError):
        return error
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, DataError | UnicodeError | RecursionError):
        # Text with a zero byte or half a character, JSON nested a thousand deep: no database takes these.
        return Malformed("This contains characters or nesting that cannot be stored.")
    if isinstance(error, OperationalError):
        return Unavailable("The database does not answer at this moment. Nothing was changed; please try again.")
    return WalletpassError("Something broke on our side. Nothing was changed.")


def _http(error: HTTPException) -> WalletpassError:
    if error.code == 404:
        return NotFound("There is nothing at this address.")
    sentence = error.description or error.name
    if isinstance(error, RequestEntityTooLarge):
        sentence = "This is larger than we take."
    if isinstance(error, SecurityError):
        sentence = "This server does not answer to that name."
    ours = Refusal(sentence)
    ours.status = error.code or 400  # type: ignore[misc]
    return ours
