"""What Flask costs when it does nothing."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.get("/nothing")
def nothing() -> tuple[str, int]:
    return "", 200


@app.post("/nothing")
def taken() -> Response:
    """A body that is read, and one that is answered."""
    return jsonify(request.get_json())
