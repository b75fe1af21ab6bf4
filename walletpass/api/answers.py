import re
from typing import Any

from flask import Response, jsonify, make_response
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from walletpass.errors import Malformed, Unavailable, WalletpassError

PROBLEM = "application/problem+json"
# How pydantic begins what a check of ours has said.
OURS = "Value error, "


def answer(error: WalletpassError) -> Response:
    """A problem document (RFC 9457): a title, a sentence, and the error's ``code`` and details as further members."""
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).capitalize()
    problem = {"type": f"/api/docs#{error.code}", "title": title, "status": error.status, "detail": error.message, "code": error.code}
    response = jsonify({**_members(error), **problem})
    response.mimetype = PROBLEM
    response.status_code = error.status
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = "2"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="walletpass"'
    return response


def _members(error: WalletpassError) -> dict[str, Any]:
    """The details as JSON has them: times end with Z, and a field that one of our rooms found is named as pydantic's are."""
    members: dict[str, Any] = to_jsonable_python(error.details)
    if "field" in members:
        members["fields"] = [{"field": members.pop("field"), "fault": error.message}]
    return members


def refuse_shape(error: ValidationError) -> Response:
    """What pydantic found, as one sentence and a list of fields; the values themselves are not repeated."""
    found = error.errors(include_input=False)
    faults: list[dict[str, Any]] = [
        {"field": ".".join(str(part) for part in fault["loc"]) or "body", "fault": fault["msg"].removeprefix(OURS)} for fault in found
    ]
    first = faults[0]
    if first["field"] != "body":
        return make_response(answer(Malformed(f"{first['field']}: {first['fault']}.", fields=faults)))
    if found[0]["type"] != "value_error":
        return answer(Malformed("The body is not a JSON object; send one with Content-Type: application/json."))
    # What a check of ours found in the body as a whole says itself where.
    return answer(Malformed(f"{first['fault']}.", fields=faults))
