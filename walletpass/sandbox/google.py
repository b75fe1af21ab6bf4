"""Google's side of the wire: the Wallet REST API, the OAuth token endpoint, the root keys and the page behind a save link."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, render_template, request

from walletpass.sandbox import googleapi
from walletpass.sandbox.androidface import card
from walletpass.sandbox.googleanswers import Answer, Refused, hang_up
from walletpass.sandbox.googlelinks import SAVE, CannotSave, saved_objects
from walletpass.sandbox.googletokens import BadToken

if TYPE_CHECKING:
    from walletpass.sandbox.world import Sandbox

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SAVING = {
    "en": {"ask": "Add to your wallet", "add": "Add", "done": "Added", "there": "The card is in the wallet of this phone.", "wrong": "Something went wrong"},
    "uk": {"ask": "Додати до гаманця", "add": "Додати", "done": "Додано", "there": "Картка вже в гаманці цього телефона.", "wrong": "Щось пішло не так"},
    "ru": {"ask": "Добавить в кошелёк", "add": "Добавить", "done": "Добавлено", "there": "Карта уже в кошельке этого телефона.", "wrong": "Что-то пошло не так"},
}  # fmt: skip


def blueprint(sandbox: "Sandbox") -> Blueprint:
    pages, faults, store = Blueprint("google", __name__), sandbox.faults, sandbox.store

    @pages.before_request
    def play_fault() -> Answer | None:
        if faults["google"] == "off":
            hang_up()
        if faults["google"] == "503" and not request.path.startswith((SAVE, googleapi.API)):
            return Refused(503, "backendError").answer()
        return None

    @pages.post("/google/token")
    def token() -> Answer:
        if request.form.get("grant_type") != GRANT:
            return jsonify(error="unsupported_grant_type"), 400
        try:
            bearer = sandbox.users.exchange(request.form.get("assertion", ""))
        except BadToken as problem:
            return jsonify(error="invalid_grant", error_description=f"Invalid JWT: {problem}."), 400
        return jsonify(access_token=bearer, expires_in=3599, token_type="Bearer")

    @pages.get("/google/keys")
    def keys() -> Answer:
        answer = jsonify(sandbox.caller.keys())
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    @pages.route(f"{SAVE}<jwt>", methods=["GET", "POST"])
    def save(jwt: str) -> tuple[str, int]:
        sandbox.android_browser.arrived(request.url)
        try:
            wanted = offered(sandbox, jwt)
        except CannotSave as problem:
            sandbox.board.say("google", str(problem), wrong=True)
            return _page(error=str(problem)), 400
        if request.method == "POST":
            sandbox.android.add(wanted)
        objects, test = [store.get(kind, id) for kind, id in wanted], faults["google_mode"] == "demo"
        cards = [card(one, one["classReference"], _language(), test=test) for one in objects]
        return _page(cards=cards, done=request.method == "POST"), 200

    googleapi.register(pages, sandbox)
    return pages


def _language() -> str:
    return request.accept_languages.best_match(SAVING) or "en"


def _page(*, error: str = "", cards: Sequence[Any] = (), done: bool = False) -> str:
    return render_template("save.html", error=error, cards=cards, done=done, words=SAVING[_language()], language=_language())


def offered(sandbox: "Sandbox", jwt: str) -> list[tuple[str, str]]:
    """(kind, id) of what a save link adds on the sandbox's phone, or CannotSave."""
    faults = sandbox.faults
    demo, tester = faults["google_mode"] == "demo", faults["android_account"] == "tester"
    return saved_objects(jwt, sandbox.users, sandbox.store, demo=demo, tester=tester)
