"""Somebody is here, somebody calls: what readers, Wi-Fi, telephones and people at the door tell."""

from flask import Response, g
from flask_openapi import APIBlueprint, Tag

from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.check_writes import once
from walletpass.api.hostess_desk import arrive, ring
from walletpass.api.hostess_shapes import ArrivalDone, ArrivalIn, PhoneCallDone, PhoneCallIn
from walletpass.api.once import answer
from walletpass.api.schemas import FAULTS, KeyHeader

bp = APIBlueprint(
    "api_signals", __name__, url_prefix="/api/v1/signals", abp_tags=[Tag(name="Board")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


@bp.post("/arrival", summary="A guest is here; all signals of a visit are one arrival", responses={200: ArrivalDone})
def arrival(header: KeyHeader, body: ArrivalIn) -> Response:
    return once("signal", header.key, lambda session, program: answer(arrive(session, program, g.actor, body)))


@bp.post("/call", summary="The telephone rings: whose number it is comes on the board", responses={200: PhoneCallDone})
def call(header: KeyHeader, body: PhoneCallIn) -> Response:
    return once("signal", header.key, lambda session, program: answer(ring(session, program, g.actor, body)))
