"""The menu, as the POS knows it: what a guest likes is called by these names."""

from typing import Any

from flask import Response, g
from flask_openapi import APIBlueprint, Tag
from sqlmodel import Session

from walletpass import checks
from walletpass.api.auth import SECURITY, authenticate
from walletpass.api.check_writes import once
from walletpass.api.checks_shapes import AvailableIn, ItemList, ItemOut, ItemsDone, ItemsIn, SkuPath
from walletpass.api.schemas import FAULTS, KeyHeader
from walletpass.checks import Item
from walletpass.database import reading
from walletpass.ledger import Answer
from walletpass.programs import Program
from walletpass.staff import Actor

bp = APIBlueprint(
    "api_items", __name__, url_prefix="/api/v1/items", abp_tags=[Tag(name="Checks")], abp_responses=FAULTS, abp_security=SECURITY
)
bp.before_request(authenticate)


@bp.get("", summary="The menu", responses={200: ItemList})
def everything() -> dict[str, Any]:
    actor: Actor = g.actor
    actor.must("checks")
    with reading() as session:
        found = [ItemOut.model_validate(item) for item in checks.items(session, actor.program_id)]
    return ItemList(items=found).model_dump(mode="json")


@bp.post("", summary="Add items to the menu, or change them", responses={200: ItemsDone})
def put(header: KeyHeader, body: ItemsIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        rows = [Item(program_id=program.id, **item.model_dump()) for item in body.items]
        new = checks.put_items(session, program.id, rows)
        return Answer(200, ItemsDone(new=new, changed=len(rows) - new).model_dump())

    return once("checks", header.key, work)


@bp.post("/<sku>/availability", summary="It is sold out, or there again", responses={200: ItemOut})
def availability(header: KeyHeader, path: SkuPath, body: AvailableIn) -> Response:
    def work(session: Session, program: Program) -> Answer:
        item = checks.set_available(session, program.id, path.sku, body.available)
        return Answer(200, ItemOut.model_validate(item).model_dump())

    return once("checks", header.key, work)
