"""Google's side of the wire: the Wallet REST API, the OAuth token endpoint and the page behind a save link."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from walletpass.sandbox.android import Android
from walletpass.sandbox.androidface import card
from walletpass.sandbox.board import Board
from walletpass.sandbox.googlerules import Invalid, Resource
from walletpass.sandbox.googlestore import KINDS, Exists, Missing, Store
from walletpass.sandbox.googletokens import BadToken, Users

API = "/walletobjects/v1"
SAVE = "/gp/v/save/"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
Answer = Response | tuple[Response, int]
PAYLOAD = {"loyaltyObjects": "loyaltyObject", "genericObjects": "genericObject"}


class CannotSave(Exception):
    """A save link that does not work; the message is a sentence."""


def saved_objects(jwt: str, users: Users, store: Store) -> list[tuple[str, str]]:
    """(kind, id) of the objects a save link adds. What the link brings along in full is inserted first."""
    try:
        claims = users.save_request(jwt)
        payload = claims["payload"]
        for name, kind in (("loyaltyClasses", "loyaltyClass"), ("genericClasses", "genericClass"), *PAYLOAD.items()):
            for body in payload.get(name, []):
                _insert_when_new(kind, body, store)
        wanted = [(kind, str(body["id"])) for name, kind in PAYLOAD.items() for body in payload.get(name, [])]
        for kind, id in wanted:
            if not users.may(claims["iss"], id.split(".")[0]):
                raise CannotSave(f"The account {claims['iss']} may not write for issuer {id.split('.')[0]}.")
            store.usable_class(kind, store.get(kind, id)["classId"])
    except BadToken as error:
        raise CannotSave(f"The save link is not right: {error}.") from error
    except (Missing, Invalid) as error:
        raise CannotSave(f"The card cannot be saved: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CannotSave("The save link's payload is not a list of classes and objects.") from error
    if not wanted:
        raise CannotSave("The save link names no object.")
    return wanted


def _insert_when_new(kind: str, body: Resource, store: Store) -> None:
    try:
        store.get(kind, body["id"])
    except Missing:
        if set(body) <= {"id", "classId"}:
            return
        store.insert(kind, body)


def blueprint(
    store: Store, users: Users, phone: Android, board: Board, fault: Callable[[], str], arrived: Callable[[str], None]
) -> Blueprint:
    pages = Blueprint("google", __name__)

    @pages.before_request
    def play_fault() -> Answer | None:
        if fault() == "off":
            hang_up()
        if fault() == "503" and not request.path.startswith(SAVE):
            board.say("google", f"{request.method} {request.path}: 503", wrong=True)
            return error(503, "The service is currently unavailable.", "backendError")
        return None

    @pages.post("/google/token")
    def token() -> Answer:
        if request.form.get("grant_type") != GRANT:
            return jsonify(error="unsupported_grant_type"), 400
        try:
            bearer = users.exchange(request.form.get("assertion", ""))
        except BadToken as problem:
            return jsonify(error="invalid_grant", error_description=f"Invalid JWT: {problem}."), 400
        return jsonify(access_token=bearer, expires_in=3599, token_type="Bearer")

    @pages.route(f"{API}/<kind>", methods=["GET", "POST"])
    @pages.route(f"{API}/<kind>/<id>", methods=["GET", "PUT", "PATCH"])
    @pages.route(f"{API}/<kind>/<id>/addMessage", methods=["POST"])
    def resource(kind: str, id: str = "") -> Answer:
        answer = _answered(kind, id)
        status = answer[1] if isinstance(answer, tuple) else answer.status_code
        if request.method != "GET" or status >= 400:
            board.say("google", f"{request.method} {kind}: {status}", wrong=status >= 400)
        return answer

    def _answered(kind: str, id: str) -> Answer:
        if kind not in KINDS:
            return error(404, f"There is no {kind} here.", "notFound")
        email = users.who(request.headers.get("Authorization", ""))
        if email is None:
            return error(401, "Request had invalid authentication credentials.", "authError")
        body = request.get_json(silent=True) if request.method != "GET" else {}
        if not isinstance(body, dict):
            return error(400, "Invalid JSON payload received.", "badRequest")
        for owner in filter(None, (id, body.get("id"), body.get("classId"), request.args.get("issuerId"), request.args.get("classId"))):
            issuer = str(owner).partition(".")[0]
            if issuer.isdigit() and not users.may(email, issuer):
                return error(403, f"{email} does not have permission to act for this issuer.", "permissionDenied")
        try:
            return jsonify(_done(kind, id, body))
        except Missing as problem:
            return error(404, str(problem), "notFound")
        except Exists as problem:
            return error(409, str(problem), "existingResource")
        except Invalid as problem:
            return error(400, str(problem), "badRequest")

    def _done(kind: str, id: str, body: Resource) -> Any:
        if request.path.endswith("/addMessage"):
            return {"resource": store.add_message(kind, id, body.get("message", {}))}
        if request.method == "POST":
            return store.insert(kind, body)
        if request.method == "PUT":
            return store.put(kind, id, body)
        if request.method == "PATCH":
            return store.patch(kind, id, body)
        return store.get(kind, id) if id else _listed(kind)

    def _listed(kind: str) -> dict[str, Any]:
        found = store.list(kind, request.args.get("classId" if kind.endswith("Object") else "issuerId", ""))
        start, size = int(request.args.get("token") or 0), int(request.args.get("maxResults") or len(found) or 1)
        page = found[start : start + size]
        following = str(start + size) if start + size < len(found) else ""
        listed: dict[str, Any] = {
            "pagination": {"kind": "walletobjects#pagination", "resultsPerPage": len(page), "nextPageToken": following}
        }
        return {**listed, "resources": page} if page else listed

    @pages.route(f"{SAVE}<jwt>", methods=["GET", "POST"])
    def save(jwt: str) -> tuple[str, int]:
        arrived(request.url)
        try:
            wanted = saved_objects(jwt, users, store)
        except CannotSave as problem:
            board.say("google", str(problem), wrong=True)
            return render_template("save.html", error=str(problem), cards=[], done=False), 400
        if request.method == "POST":
            phone.add(wanted)
        objects = [store.get(kind, id) for kind, id in wanted]
        cards = [card(one, one["classReference"], request.accept_languages.best or "en") for one in objects]
        return render_template("save.html", error="", cards=cards, done=request.method == "POST"), 200

    return pages


def error(status: int, message: str, reason: str) -> tuple[Response, int]:
    """Google's error body."""
    names = {
        400: "INVALID_ARGUMENT",
        401: "UNAUTHENTICATED",
        403: "PERMISSION_DENIED",
        404: "NOT_FOUND",
        409: "ALREADY_EXISTS",
        503: "UNAVAILABLE",
    }
    details = [{"message": message, "domain": "walletobjects", "reason": reason}]
    return jsonify(error={"code": status, "message": message, "errors": details, "status": names[status]}), status


def hang_up() -> None:
    """End the connection without an answer, as a network that is down."""
    import socket

    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the sandbox Google is switched off")
