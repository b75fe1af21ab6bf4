"""What the pages of staff have in common: who may see them, and what their buttons do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from walletpass.errors import Malformed, SignInRequired
from walletpass.staff import Actor
from walletpass.web.till import Place, place

T = TypeVar("T")


@dataclass(frozen=True)
class Desk(Place):
    """A till at which somebody is signed in."""

    actor: Actor


def desk(program_id: str, deed: str) -> Desk:
    """For whoever may do the deed. Raises SignInRequired, NotAllowed."""
    here = place(program_id)
    if here.actor is None:
        raise SignInRequired()
    here.actor.must(deed)
    return Desk(here.program, here.till, here.venue, here.actor)


def screen_for(deed: str, program_id: str, page: Callable[[Desk], T]) -> T | BaseResponse:
    """As `desk`, but leads to the till, and its sign-in, where nobody is signed in."""
    try:
        here = desk(program_id, deed)
    except SignInRequired:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))
    return page(here)


def screen_for_manager(program_id: str, page: Callable[[Desk], T]) -> T | BaseResponse:
    return screen_for("manage", program_id, page)


def manager(program_id: str) -> Desk:
    return desk(program_id, "manage")


def pressed(deeds: Mapping[str, T]) -> T:
    """What the button of the form stands for. Raises Malformed for one that the page does not have."""
    deed = deeds.get(request.form.get("action", ""))
    if deed is None:
        raise Malformed("This page does not know that action.")
    return deed
