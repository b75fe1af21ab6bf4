"""The classes and objects Google keeps, with the semantics of its REST API. Nothing is ever deleted."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from threading import RLock
from typing import Any

from walletpass.sandbox import shelf
from walletpass.sandbox.googlelimits import Notices
from walletpass.sandbox.googlerules import MOST, OUTPUT_ONLY, Invalid, Resource, check, check_body, images_in, spelled

KINDS = ("loyaltyClass", "loyaltyObject", "genericClass", "genericObject")
# A change of these tells the holders, where the write asks for it; of nothing else.
TELLING = {
    "loyaltyObject": ("loyaltyPoints", "secondaryLoyaltyPoints"),
    "loyaltyClass": ("rewardsTier", "secondaryRewardsTier", "programName"),
}
Watcher = Callable[[str, Resource | None, Resource, bool], None]


class Missing(LookupError):
    """404"""


class Exists(ValueError):
    """409"""


class Store:
    """``watch`` is told (kind, before, after, notify) after each write; ``fetch`` gets an image or raises Invalid."""

    def __init__(self, path: Path, fetch: Callable[[str], None]) -> None:
        self._path, self._fetch = path, fetch
        self._lock = RLock()
        self._watchers: list[Watcher] = []
        self.notices = Notices()
        stored = shelf.load(path, {})
        self._kept: dict[str, dict[str, Resource]] = {kind: stored.get(kind, {}) for kind in KINDS}

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    def get(self, kind: str, id: str) -> Resource:
        with self._lock:
            if id not in self._kept[kind]:
                raise Missing(f"{kind} {id} not found.")
            resource = deepcopy(self._kept[kind][id])
            if kind.endswith("Object"):
                resource["classReference"] = deepcopy(self._kept[class_kind(kind)].get(resource["classId"], {}))
                resource["hasUsers"] = bool(resource.get("hasUsers"))
            return resource

    def list(self, kind: str, owner: str) -> list[Resource]:
        """Classes of an issuer, or objects of a class."""
        with self._lock:
            ids = [
                id
                for id, one in self._kept[kind].items()
                if (one.get("classId") == owner if kind.endswith("Object") else id.startswith(f"{owner}."))
            ]
        return [self.get(kind, id) for id in ids]

    def insert(self, kind: str, body: Resource) -> Resource:
        check(kind, body)
        with self._lock:
            if body["id"] in self._kept[kind]:
                raise Exists(f"{kind} {body['id']} already exists.")
        return self._write(kind, None, body, body)

    def put(self, kind: str, id: str, body: Resource) -> Resource:
        """The body is the whole resource: what it leaves out is gone."""
        check_body(kind, body)
        return self._write(kind, self.get(kind, id), {**body, "id": body.get("id", id)}, body)

    def patch(self, kind: str, id: str, body: Resource) -> Resource:
        """Objects merge, arrays are replaced whole; an empty one says nothing. A class sends its review status again, or is refused."""
        check_body(kind, body)
        with self._lock:
            before = self.get(kind, id)
            return self._write(kind, before, merged(before, body), body)

    def add_message(self, kind: str, id: str, message: Resource) -> Resource:
        """One more each time, also when its id is there already."""
        if not (message.get("body") or message.get("localizedBody")):
            raise Invalid("message.body is required.")
        notify = message.get("messageType") == "TEXT_AND_NOTIFY"
        with self._lock:
            kept = self._kept[kind].get(id)
            if kept is None:
                raise Missing(f"{kind} {id} not found.")
            if len(kept.get("messages", [])) >= MOST["messages"]:
                raise Invalid(f"{kind} {id} has {MOST['messages']} messages, which is all it can have.")
            if notify:
                self.notices.take(kind, id, "TEXT_AND_NOTIFY")
            kept.setdefault("messages", []).append(message)
            self._save()
        for watcher in self._watchers:
            watcher(f"{kind}.message", None, {**message, "owner": id}, notify)
        return self.get(kind, id)

    def mark_users(self, kind: str, id: str, has: bool) -> None:
        with self._lock:
            self._kept[kind][id]["hasUsers"] = has
            self._save()

    def _write(self, kind: str, before: Resource | None, after: Resource, body: Resource) -> Resource:
        after = {key: deepcopy(value) for key, value in after.items() if key not in OUTPUT_ONLY and key != "notifyPreference"}
        self._allowed(kind, before, after)
        for path, image in images_in(after):
            try:
                self._fetch(image["sourceUri"]["uri"])
            except Invalid as error:
                raise Invalid(f"{path}: {error}") from error
        telling = before is not None and any(_told(before, name) != _told(after, name) for name in TELLING.get(kind, ()))
        notify = telling and body.get("notifyPreference") == "NOTIFY_ON_UPDATE"
        with self._lock:
            if notify:
                self.notices.take(kind, after["id"], "NOTIFY_ON_UPDATE")
            if after.get("reviewStatus") == "UNDER_REVIEW":
                after["reviewStatus"] = "approved"
            if kind.endswith("Object"):
                after["hasUsers"] = bool(self._kept[kind].get(after["id"], {}).get("hasUsers"))
            self._kept[kind][after["id"]] = after
            self._save()
        for watcher in self._watchers:
            watcher(kind, before, after, notify)
        return self.get(kind, after["id"])

    def _allowed(self, kind: str, before: Resource | None, after: Resource) -> None:
        if before is not None and after["id"] != before["id"]:
            raise Invalid("The id of a resource cannot be changed.")
        if spelled(after.get("reviewStatus")) == "approved":
            raise Invalid("Invalid review status Optional[approved]; set it to UNDER_REVIEW or DRAFT.")
        check(kind, after)
        if before and after.get("reviewStatus") == "DRAFT" and before.get("reviewStatus") != "DRAFT":
            raise Invalid("A class that has left DRAFT cannot go back there.")
        if kind.endswith("Object"):
            self.usable_class(kind, after["classId"])

    def usable_class(self, kind: str, id: str) -> Resource:
        """The class of an object, or Invalid where it is missing or still a draft."""
        with self._lock:
            found = self._kept[class_kind(kind)].get(id)
        if found is None:
            raise Missing(f"Class {id} not found.")
        if found.get("reviewStatus") == "DRAFT":
            raise Invalid(f"Class {id} is a DRAFT and cannot back an object.")
        return deepcopy(found)

    def _save(self) -> None:
        shelf.save(self._path, self._kept)


def class_kind(object_kind: str) -> str:
    return object_kind.replace("Object", "Class")


def merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items() if value != []}}
    return new


def _told(resource: Resource, name: str) -> Any:
    """Of points only the balance; a new word for them tells nobody."""
    value = resource.get(name)
    return value.get("balance") if isinstance(value, dict) else value
