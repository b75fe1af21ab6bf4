"""The description of the API, for people."""

from typing import cast

from flask import Blueprint, current_app, render_template
from flask_openapi import OpenAPI

from walletpass import api
from walletpass.api.problems import PROBLEMS
from walletpass.api.walk import STEPS

bp = Blueprint("api_docs", __name__)


@bp.get("/api/docs")
def page() -> str:
    return render_template("api_docs.html", spec=api.spec(cast(OpenAPI, current_app)), steps=STEPS, problems=PROBLEMS, program=None)
