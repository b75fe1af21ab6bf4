"""The Wallet REST API: who asks, what is played, what is kept."""

from time import sleep
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from walletpass.sandbox.googleanswers import LOST, Answer, Refused, hang_up
from walletpass.sandbox.googlelinks import SAVE, CannotSave, inserted, read_link
from walletpass.sandbox.googlerules import Invalid, Resource
from walletpass.sandbox.googleschema import problems
from walletpass.sandbox.googlestore import KINDS, Exists, Missing
from walletpass.sandbox.googletokens import WRITES, BadToken

if TYPE_CHECKING:
    from walletpass.sandbox.world import Sandbox

API = "/walletobjects/v1"


def register(pages: Blueprint, sandbox: "Sandbox") -> None:
    api = Api(sandbox)
    for rule, methods in (("<kind>", ["GET", "POST"]), ("<kind>/<id>", ["GET", "PUT", "PATCH", "POST"])):
        pages.add_url_rule(f"{API}/{rule}", f"api-{len(rule)}", api.asked, methods=methods)
    pages.add_url_rule(f"{API}/<kind>/<id>/<verb>", "api-verb", api.asked, methods=["POST"])


class Api:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox, self._store, self._users = sandbox, sandbox.store, sandbox.users

    def asked(self, kind: str, id: str = "", verb: str = "") -> Answer:
        faults, board = self._sandbox.faults, self._sandbox.board
        wait = faults.knob("google_retry_after")
        played = None
        answer: Answer
        try:
            self._sandbox.rate.arrived(strict=faults["google_rate"] == "strict", retry_after=wait)
            played = faults.next_answer("google")
            if played and played[0] != 200:
                raise Refused(*played, retry_after=wait if played[0] in (429, 503) else 0)
            answer = jsonify(self._done(kind, id, verb))
        except Refused as no:
            answer = no.answer()
        status = answer[1] if isinstance(answer, tuple) else answer.status_code
        if request.method != "GET" or status >= 400:
            board.say("google", f"{request.method} {verb or kind}: {status}{_reason(answer)}", wrong=status >= 400)
        sleep(faults.knob("google_delay") / 1000)
        if played == (200, LOST):
            board.say("google", "The answer was lost on its way.", wrong=True)
            hang_up()
        return answer

    def _done(self, kind: str, id: str, verb: str) -> Any:
        if kind not in (*KINDS, "issuer", "permissions", "jwt") or verb not in ("", "addMessage"):
            raise Refused(404, "notFound", f"There is no {verb or kind} here.")
        email = self._users.who(request.headers.get("Authorization", ""))
        if email is None:
            raise Refused(401, "authError")
        body = request.get_json(silent=True) if request.method != "GET" else {}
        if not isinstance(body, dict):
            raise Refused(400, "badRequest", "Invalid JSON payload received.")
        self._permitted(email, kind, id, body)
        try:
            if kind in KINDS:
                return self._resource(kind, id, verb, body)
            return {"issuer": self._issuer, "permissions": self._permissions, "jwt": self._jwt}[kind](email, id, body)
        except Missing as problem:
            raise Refused(404, "notFound", str(problem)) from problem
        except Exists as problem:
            raise Refused(409, "existingResource", str(problem)) from problem
        except (Invalid, BadToken, CannotSave) as problem:
            self._sandbox.rate.was_wrong(f"{request.method} {kind} {verb}: {problem}")
            raise Refused(400, "badRequest", str(problem)) from problem

    def _permitted(self, email: str, kind: str, id: str, body: Resource) -> None:
        asked_for = (
            id,
            body.get("id"),
            body.get("classId"),
            body.get("issuerId"),
            request.args.get("issuerId"),
            request.args.get("classId"),
        )
        for owner in filter(None, asked_for):
            issuer = str(owner).partition(".")[0]
            if issuer.isdigit() and not self._users.may(email, issuer, "READER" if request.method == "GET" else WRITES):
                raise Refused(403, "permissionDenied", f"{email} does not have permission to act for issuer {issuer}.")

    def _resource(self, kind: str, id: str, verb: str, body: Resource) -> Any:
        store = self._store
        if verb:
            _sound("addMessage", body)
            return {"resource": store.add_message(kind, id, body.get("message", {}))}
        if request.method == "POST":
            if id:
                raise Missing(f"POST {kind}/{id} is not known here.")
            return store.insert(kind, body)
        if request.method == "PUT":
            return store.put(kind, id, body)
        if request.method == "PATCH":
            return store.patch(kind, id, body)
        return store.get(kind, id) if id else self._listed(kind)

    def _listed(self, kind: str) -> Resource:
        owner = "classId" if kind.endswith("Object") else "issuerId"
        if not request.args.get(owner):
            raise Invalid(f"Missing required parameter: {owner}.")
        found = self._store.list(kind, request.args[owner])
        start, size = request.args.get("token", 0, type=int), request.args.get("maxResults", len(found) or 1, type=int)
        page = found[start : start + size]
        following = str(start + size) if start + size < len(found) else ""
        pagination = {"kind": "walletobjects#pagination", "resultsPerPage": len(page), "nextPageToken": following}
        return {"pagination": pagination, **({"resources": page} if page else {})}

    def _issuer(self, email: str, id: str, body: Resource) -> Resource:
        if request.method != "GET":
            raise Refused(403, "permissionDenied", "Issuer accounts are made and changed in the console.")
        if id:
            return {"issuerId": id, "name": f"Issuer {id[-4:]}"}
        return {"resources": [{"issuerId": one, "name": f"Issuer {one[-4:]}"} for one in self._users.issuers(email)]}

    def _permissions(self, email: str, id: str, body: Resource) -> Resource:
        if request.method == "PUT":
            _sound("permissions", body)
            self._users.permit(id, [(one.get("emailAddress", ""), one.get("role", "READER")) for one in body.get("permissions", [])])
        elif request.method != "GET" or not id:
            raise Missing("Permissions are those of one issuer: GET or PUT permissions/{issuerId}.")
        return {"issuerId": id, "permissions": [{"emailAddress": who, "role": role} for who, role in self._users.permitted(id)]}

    def _jwt(self, email: str, id: str, body: Resource) -> Resource:
        """``jwt`` inserts what a link carries and answers the link; ``jwt/validate`` only says whether it could."""
        if id not in ("", "validate") or request.method != "POST":
            raise Missing("There are jwt and jwt/validate here, by POST.")
        _sound(id or "jwt", body)
        if id == "validate" and ("jwtResource" in body) == ("jsonResource" in body):
            raise Invalid("Send exactly one of jwtResource and jsonResource.")
        resource = body.get("jwtResource", body) if "jsonResource" not in body else {}
        claims, payload = read_link(resource.get("jwt", ""), body.get("jsonResource", {}).get("json"), self._users)
        resources = inserted(claims, payload, self._users, self._store, dry=id == "validate")
        return {} if id else {"resources": resources, "saveUri": f"{request.host_url.rstrip('/')}{SAVE}{resource['jwt']}"}


def _sound(kind: str, body: Resource) -> None:
    for problem in problems(kind, body):
        raise Invalid(problem)


def _reason(answer: Answer) -> str:
    response = answer[0] if isinstance(answer, tuple) else answer
    content = response.get_json() if isinstance(response, Response) else None
    return f" {content['error']['message']}" if isinstance(content, dict) and "error" in content else ""
