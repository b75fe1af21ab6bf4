"""Every write that a test makes us send to Google, judged by Google's own schema and the rules beside it."""

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

from walletpass.sandbox.googlerules import Invalid, check, check_body
from walletpass.sandbox.googleschema import BODIES, problems
from walletpass.sandbox.googlestore import KINDS

PATH = re.compile(rf"/({'|'.join(KINDS)}|issuer|permissions|jwt)(?:/([^/]+))?(?:/([^/]+))?$")


class Outsider(requests.Session):
    """Somebody who tries Google's sandbox: what is sent here is none of ours, and may be wrong on purpose."""


class Recorder:
    """What was sent, and a sentence for each write that Google would not have taken."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.wrong: list[str] = []

    def see(self, method: str, url: str, sent: Any) -> None:
        found = PATH.search(urlsplit(url).path)
        if method == "GET" or found is None:
            return
        body = json.loads(sent or b"null")
        kind, id, verb = found[1], unquote(found[2] or ""), found[3] or ""
        self.sent.append(f"{method} {kind}")
        wrong = "A write needs a JSON object." if not isinstance(body, dict) else judged(method, kind, id, verb, body)
        if wrong:
            self.wrong.append(f"{method} {kind} {verb} {id}: {wrong} {json.dumps(body, ensure_ascii=False)}")


def judged(method: str, kind: str, id: str, verb: str, body: dict[str, Any]) -> str:
    """Why Google would refuse a body, or an empty text."""
    if kind not in KINDS or verb:
        return " ".join(problems(verb or (id if id in BODIES else kind), body))
    try:
        (check if method in ("POST", "PUT") else check_body)(kind, {"id": id, **body} if id else body)
    except Invalid as error:
        return str(error)
    if kind == "loyaltyClass" and body.get("reviewStatus") != "UNDER_REVIEW":
        return "A class is sent with its review status."
    return ""


def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """A recorder that stands between our sessions and the network."""
    recorder, send = Recorder(), requests.Session.send

    def seen(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if not isinstance(session, Outsider):
            recorder.see(str(request.method), str(request.url), request.body)
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", seen)
    return recorder
