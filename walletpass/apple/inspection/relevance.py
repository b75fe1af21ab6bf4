"""Where and when the pass comes to the lock screen, and when it is over."""

import re
from datetime import datetime, timedelta

from walletpass.apple.inspection import moments, shapes
from walletpass.apple.inspection.findings import Findings, advice, ignored, refused, said
from walletpass.apple.inspection.jsontext import Object

MOST = 10
LONGEST = timedelta(hours=24)
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
LOCATION: shapes.Shape = {"latitude": "a number", "longitude": "a number", "altitude": "a number", "relevantText": "text"}
BEACON: shapes.Shape = {"proximityUUID": "text", "major": "a number", "minor": "a number", "relevantText": "text"}
INTERVAL: shapes.Shape = dict.fromkeys(("date", "relevantDate", "startDate", "endDate"), "text")
NEEDS_PLACES = ("storeCard", "generic", "coupon")


def check(content: Object, now: datetime) -> Findings:
    yield from _locations(content)
    yield from _beacons(content)
    yield from _dates(content)
    yield from _expiry(content, now)
    style = shapes.style_of(content)
    others = [key for key in ("beacons", "relevantDates", "relevantDate") if content.get(key)]
    if style in NEEDS_PLACES and others and not content.get("locations"):
        yield ignored("relevance-needs-location", f"pass.json: {others[0]} does nothing on {style} without locations. Add the place.")


def _locations(content: Object) -> Findings:
    listed = content.get("locations")
    yield from shapes.all_objects("locations", listed)
    if isinstance(listed, list) and len(listed) > MOST:
        yield ignored("locations-too-many", f"pass.json: locations has {len(listed)} places; Wallet looks at {MOST}. Keep the nearest ten.")
    for path, place in shapes.objects(content, "locations"):
        yield from shapes.keys(path, place, LOCATION)
        for key, limit in (("latitude", 90), ("longitude", 180)):
            value = place.get(key)
            if value is None:
                yield refused("location-incomplete", f"pass.json: {path} has no {key}. Give it in degrees.")
            elif shapes.is_a("a number", value) and abs(value) > limit:
                yield refused("location-out-of-range", f"pass.json: {path}.{key} is {said(value)}; degrees go from -{limit} to {limit}.")
    distance = content.get("maxDistance")
    if shapes.is_a("a number", distance) and distance <= 0:  # type: ignore[operator]
        yield ignored("max-distance", f"pass.json: maxDistance is {said(distance)}; it counts metres. Leave it out for Wallet's own.")


def _beacons(content: Object) -> Findings:
    yield from shapes.all_objects("beacons", content.get("beacons"))
    distinct: set[str] = set()
    for path, beacon in shapes.objects(content, "beacons"):
        yield from shapes.keys(path, beacon, BEACON)
        uuid = beacon.get("proximityUUID")
        if uuid is None or (isinstance(uuid, str) and not UUID.fullmatch(uuid)):
            yield refused("beacon-uuid", f"pass.json: {path}.proximityUUID has to be a UUID, not {said(uuid)}.")
        distinct.add(str(uuid).lower())
        for key in ("major", "minor"):
            number = beacon.get(key)
            if shapes.is_a("a number", number) and (number != int(number) or not 0 <= number <= 0xFFFF):  # type: ignore[arg-type]
                yield refused("beacon-number", f"pass.json: {path}.{key} is {said(number)}; it goes from 0 to 65535.")
    if len(distinct) > MOST:
        yield ignored(
            "beacons-too-many",
            f"pass.json: beacons has {len(distinct)} UUIDs; Wallet looks at {MOST}. Tell spots apart by major and minor.",
        )


def _dates(content: Object) -> Findings:
    if "relevantDate" in content:
        if isinstance(content["relevantDate"], str):
            yield from moments.silently("relevantDate", content["relevantDate"])
        if "relevantDates" not in content:
            yield advice("relevant-date-deprecated", "pass.json: relevantDate is deprecated since iOS 18. Write relevantDates as well.")
    yield from shapes.all_objects("relevantDates", content.get("relevantDates"))
    for path, interval in shapes.objects(content, "relevantDates"):
        yield from shapes.keys(path, interval, INTERVAL)
        yield from _interval(path, interval)


def _interval(path: str, interval: Object) -> Findings:
    found: dict[str, datetime] = {}
    for key in INTERVAL:
        if isinstance(interval.get(key), str):
            parsed = yield from moments.moment(f"{path}.{key}", interval[key])
            if parsed:
                found[key] = parsed
    if not interval.get("date") and not interval.get("relevantDate"):
        if not (interval.get("startDate") and interval.get("endDate")):
            yield refused("relevant-dates-incomplete", f"pass.json: {path} needs date, or startDate and endDate together.")
    elif "relevantDate" in interval and "date" not in interval:
        yield advice("relevant-dates-renamed", f"pass.json: {path}.relevantDate is called date since iOS 26. Write both.")
    if "startDate" in found and "endDate" in found:
        length = found["endDate"] - found["startDate"]
        if length <= timedelta(0):
            yield refused("relevant-dates-order", f"pass.json: {path} ends before it begins. Exchange startDate and endDate.")
        elif length > LONGEST:
            yield advice("relevant-dates-long", f"pass.json: {path} is longer than 24 hours, the most Wallet takes. Split it.")


def _expiry(content: Object, now: datetime) -> Findings:
    if not isinstance(content.get("expirationDate"), str):
        return
    expires = yield from moments.moment("expirationDate", content["expirationDate"])
    if expires and expires <= now:
        yield advice(
            "pass-expired",
            f"pass.json: expirationDate {said(content['expirationDate'])} is past, so Wallet puts the pass away. Set a later one.",
        )
