"""Google's REST API as a restaurant would speak to it, and one class and card."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import requests
from google.auth import crypt, jwt

if TYPE_CHECKING:
    from tests.sandbox.conftest import Credentials, Remote

ISSUER = "3388000000000000001"
CLASS, OBJECT = f"{ISSUER}.luna", f"{ISSUER}.card-1"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Google:
    """The API with a bearer token, as google-auth would get one."""

    def __init__(self, remote: Remote, credentials: Credentials, images: str) -> None:
        self.remote, self.images = remote, images
        self.account = json.loads((credentials.certs / "google.json").read_text())
        self.bearer = self.token().json()["access_token"]

    def signed(self, **claims: Any) -> str:
        signer = crypt.RSASigner.from_service_account_info(self.account)
        return str(jwt.encode(signer, {"iss": self.account["client_email"], "iat": int(time.time()), **claims}).decode())

    def token(self, **claims: Any) -> requests.Response:
        assertion = self.signed(**{"scope": SCOPE, "aud": self.account["token_uri"], "exp": int(time.time()) + 3600, **claims})
        return self.remote.session.post(self.remote.box.url + "/google/token", {"grant_type": GRANT, "assertion": assertion}, timeout=10)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        url, headers = f"{self.remote.box.url}/walletobjects/v1/{path}", {"Authorization": f"Bearer {self.bearer}"}
        return self.remote.session.request(method, url, json=body, headers=headers, timeout=20)

    def group(self, **changes: Any) -> dict[str, Any]:
        logo = {"sourceUri": {"uri": self.images}}
        plain = {
            "id": CLASS,
            "issuerName": "Trattoria Luna",
            "programName": "Luna card",
            "programLogo": logo,
            "reviewStatus": "UNDER_REVIEW",
        }
        return {**plain, "hexBackgroundColor": "#7a3426", **changes}

    def card(self, **changes: Any) -> dict[str, Any]:
        points = {"label": "Points", "balance": {"int": 120}}
        code = {"type": "QR_CODE", "value": "1003184467440737", "alternateText": "1042 5531"}
        return {
            "id": OBJECT,
            "classId": CLASS,
            "state": "ACTIVE",
            "accountName": "Ana",
            "loyaltyPoints": points,
            "barcode": code,
            **changes,
        }

    def fill(self) -> None:
        assert self.call("POST", "loyaltyClass", self.group()).status_code == 200
        assert self.call("POST", "loyaltyObject", self.card()).status_code == 200

    def link(self, **claims: Any) -> str:
        payload = {"loyaltyObjects": [{"id": OBJECT, "classId": CLASS}]}
        return f"{self.remote.box.url}/gp/v/save/" + self.signed(**{"aud": "google", "typ": "savetowallet", "payload": payload, **claims})

    def save(self) -> None:
        self.fill()
        self.remote.post("/android/open", {"url": self.link()}).raise_for_status()
        self.remote.post("/android/add").raise_for_status()

    def earn(self, points: int, *, silent: bool = False) -> None:
        body: dict[str, Any] = {"loyaltyPoints": {"label": "Points", "balance": {"int": points}}}
        if not silent:
            body["notifyPreference"] = "NOTIFY_ON_UPDATE"
        assert self.call("PATCH", f"loyaltyObject/{OBJECT}", body).status_code == 200


def reason(answer: requests.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return error["code"], error["errors"][0]["reason"]
