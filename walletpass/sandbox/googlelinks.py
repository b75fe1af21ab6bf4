"""What a save link brings along, and what it adds to a wallet."""

import json
from typing import Any

from walletpass.sandbox.googlerules import Invalid, Resource, check
from walletpass.sandbox.googlestore import Missing, Store
from walletpass.sandbox.googletokens import BadToken, Users

SAVE = "/gp/v/save/"
CLASSES = {"loyaltyClasses": "loyaltyClass", "genericClasses": "genericClass"}
OBJECTS = {"loyaltyObjects": "loyaltyObject", "genericObjects": "genericObject"}


class CannotSave(Exception):
    """A save link that does not work; the message is a sentence."""


def saved_objects(jwt: str, users: Users, store: Store, *, demo: bool = False, tester: bool = False) -> list[tuple[str, str]]:
    """(kind, id) of the objects a save link adds. What the link brings along in full is inserted first."""
    try:
        claims, payload = read_link(jwt, None, users)
        inserted(claims, payload, users, store)
        wanted = [(kind, str(body["id"])) for name, kind in OBJECTS.items() for body in payload.get(name, [])]
        for kind, id in wanted:
            store.usable_class(kind, store.get(kind, id)["classId"])
    except BadToken as error:
        raise CannotSave(f"The save link is not right: {error}.") from error
    except (Missing, Invalid) as error:
        raise CannotSave(f"The card cannot be saved: {error}") from error
    if not wanted:
        raise CannotSave("The save link names no object.")
    if demo and not tester:
        raise CannotSave(
            "This user is not allowed to save the pass: the issuer is in demo mode, and the phone's account is no test account."
        )
    return wanted


def read_link(jwt: str, text: str | None, users: Users) -> tuple[Resource, Resource]:
    """Claims and payload of a signed link, or of the JSON that one would carry."""
    if text is None:
        claims = users.save_request(jwt)
    else:
        try:
            claims = json.loads(text)
        except ValueError as error:
            raise BadToken("this is not JSON") from error
    payload = claims.get("payload") if isinstance(claims, dict) else None
    lists: list[Any] = list(payload.values()) if isinstance(payload, dict) else [None]
    if not all(isinstance(one, list) and all(isinstance(body, dict) and "id" in body for body in one) for one in lists):
        raise CannotSave("The save link's payload is not a list of classes and objects.")
    return claims, payload or {}


def inserted(claims: Resource, payload: Resource, users: Users, store: Store, *, dry: bool = False) -> Resource:
    """Insert what is new and brought in full, or only look whether it could be; the resources by their lists' names."""
    resources: Resource = {}
    for name, kind in {**CLASSES, **OBJECTS}.items():
        for body in payload.get(name, []):
            issuer = str(body["id"]).partition(".")[0]
            if not users.may(str(claims.get("iss")), issuer):
                raise CannotSave(f"The account {claims.get('iss')} may not write for issuer {issuer}.")
            _insert_when_new(kind, body, store, dry=dry)
            if not dry:
                resources.setdefault(name, []).append(store.get(kind, body["id"]))
    return resources


def _insert_when_new(kind: str, body: Resource, store: Store, *, dry: bool) -> None:
    """What is there already wins over what the link says of it."""
    try:
        store.get(kind, body["id"])
    except Missing:
        if set(body) <= {"id", "classId"}:
            raise
        if dry:
            check(kind, body)
        else:
            store.insert(kind, body)
