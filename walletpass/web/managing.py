"""What the pages of managers have in common: who may see them, and what their buttons do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from walletpass.errors import Malformed, SignInRequired
from walletpass.staff import Actor
from walletpass.web.till import Place, place

T = TypeVar("T")


def screen_for_manager(program_id: str, page: Callable[[Place], T]) -> T | BaseResponse:
    """Leads to the till, and its sign-in, where nobody is signed in. Raises NotAllowed."""
    here = place(program_id)
    if here.actor is None:
        return redirect(url_for("till.screen", program_id=program_id, lang=request.args.get("lang")))
    here.actor.must("manage")
    return page(here)


@dataclass(frozen=True)
class Desk(Place):
    """A till at which a manager is signed in."""

    actor: Actor


def manager(program_id: str) -> Desk:
    """Raises SignInRequired, NotAllowed."""
    here = place(program_id)
    if here.actor is None:
        raise SignInRequired()
    here.actor.must("manage")
    return Desk(here.program, here.till, here.venue, here.actor)


def pressed(deeds: Mapping[str, T]) -> T:
    """What the button of the form stands for. Raises Malformed for one that the page does not have."""
    deed = deeds.get(request.form.get("action", ""))
    if deed is None:
        raise Malformed("This page does not know that action.")
    return deed
