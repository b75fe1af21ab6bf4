"""What Apple finds wrong with a push, and how it says so."""

import json
from time import time

LARGEST = 4096  # bytes of a payload

# What Apple may answer ("Handling notification responses from APNs"), for the fault switch.
REASONS = (
    *(
        f"400 {reason}"
        for reason in (
            "BadDeviceToken", "DeviceTokenNotForTopic", "TopicDisallowed", "BadTopic", "MissingTopic", "BadPriority", "BadExpirationDate",
            "BadMessageId", "BadCollapseId", "DuplicateHeaders", "InvalidPushType", "MissingDeviceToken", "PayloadEmpty", "IdleTimeout",
        )
    ),
    *(
        f"403 {reason}"
        for reason in (
            "BadCertificate", "BadCertificateEnvironment", "Forbidden", "ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken",
            "UnrelatedKeyIdInToken", "BadEnvironmentKeyIdInToken",
        )
    ),
    "404 BadPath", "405 MethodNotAllowed", "410 Unregistered", "410 ExpiredToken", "413 PayloadTooLarge", "429 TooManyRequests",
    "429 TooManyProviderTokenUpdates", "500 InternalServerError", "503 ServiceUnavailable", "503 Shutdown",
)  # fmt: skip


def wrong_request(headers: dict[str, str], body: bytes, certificate_topic: str) -> str:
    """The reason of a 400, or an empty text."""
    topic = headers.get("apns-topic", certificate_topic)
    if not topic:
        return "MissingTopic"
    if topic != certificate_topic:
        return "TopicDisallowed"
    if headers.get("apns-push-type", "background") not in ("background", "alert"):
        return "InvalidPushType"
    kind, priority = headers.get("apns-push-type", ""), headers.get("apns-priority", "5")
    if priority not in ("1", "5", "10") or (kind == "background" and priority == "10"):
        return "BadPriority"
    if not headers.get("apns-expiration", "0").isdigit():
        return "BadExpirationDate"
    if len(body) > LARGEST:
        return "PayloadTooLarge"
    return "" if _json_object(body) else "PayloadEmpty"


def _json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def answer(status: int, reason: str) -> bytes:
    if status == 200:
        return b""
    return json.dumps({"reason": reason, "timestamp": int(time() * 1000)} if status == 410 else {"reason": reason}).encode()
