from typing import Any

from flask import Response, jsonify, make_response
from pydantic import ValidationError

from walletpass.errors import Malformed, Unavailable, WalletpassError


def answer(error: WalletpassError) -> Response:
    """``{"error": {"code", "message", ...}}`` with the error's own status."""
    response = jsonify(error={"code": error.code, "message": error.message, **error.details})
    response.status_code = error.status
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = "2"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="walletpass"'
    return response


def refuse_shape(error: ValidationError) -> Response:
    """What pydantic found, as one sentence and a list of fields; the values themselves are not repeated."""
    faults: list[dict[str, Any]] = [
        {"field": ".".join(str(part) for part in fault["loc"]) or "body", "fault": fault["msg"]}
        for fault in error.errors(include_input=False)
    ]
    first = faults[0]
    if first["field"] == "body":
        return answer(Malformed("The body is not a JSON object; send one with Content-Type: application/json."))
    return make_response(answer(Malformed(f"{first['field']}: {first['fault']}.", fields=faults)))
