"""What Flask costs when it does nothing."""

from flask import Flask

app = Flask(__name__)


@app.get("/nothing")
def nothing() -> tuple[str, int]:
    return "", 200
