"""How Google says no, and the ways an answer of its can be played."""

import socket

from flask import Response, jsonify, request

# Whatever was asked, the next answers can be one of these; "200 lost" does the work and drops the line before the answer.
LOST = "lost"
ANSWERS = frozenset(
    {
        "400 badRequest",
        "401 authError",
        "403 permissionDenied",
        "403 quotaExceeded",
        "404 notFound",
        "409 existingResource",
        "429 rateLimitExceeded",
        "500 internalError",
        "503 backendError",
        f"200 {LOST}",
    }
)
NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
SENTENCES = {
    "badRequest": "Request contains an invalid argument.",
    "authError": "Request had invalid authentication credentials.",
    "permissionDenied": "The caller does not have permission.",
    "quotaExceeded": "Quota exceeded for issuer when adding TEXT_AND_NOTIFY message.",
    "notFound": "Requested entity was not found.",
    "existingResource": "Requested entity already exists.",
    "rateLimitExceeded": "Quota exceeded for quota metric 'Requests' and limit 'Requests per second'.",
    "internalError": "Internal error encountered.",
    "backendError": "The service is currently unavailable.",
}
Answer = Response | tuple[Response, int]


class Refused(Exception):
    """An answer that is not 200; the message is Google's kind of sentence."""

    def __init__(self, status: int, reason: str, message: str = "", retry_after: float = 0) -> None:
        super().__init__(message or SENTENCES[reason])
        self.status, self.reason, self.retry_after = status, reason, retry_after

    def answer(self) -> tuple[Response, int]:
        details = [{"message": str(self), "domain": "walletobjects", "reason": self.reason}]
        response = jsonify(error={"code": self.status, "message": str(self), "errors": details, "status": NAMES[self.status]})
        if self.retry_after:
            response.headers["Retry-After"] = f"{self.retry_after:g}"
        return response, self.status


def hang_up() -> None:
    """End the connection without an answer, as a network that is down."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the sandbox Google is switched off")
