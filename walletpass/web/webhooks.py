"""Which servers are told what happens here, whether they listen, and the buttons for when they do not."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import events, webhooks
from walletpass.database import reading, transaction
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.events import Kind
from walletpass.staff import Actor
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.till import Place
from walletpass.webhooks import Webhook

bp = Blueprint("webhooks", __name__)

# Of each webhook, on the page; the API has them all.
TRIES = 6


@bp.get("/t/<program_id>/webhooks")
def screen(program_id: str) -> str | BaseResponse:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/webhooks")
def act(program_id: str) -> str | tuple[str, int] | BaseResponse:
    """Leads back to the page, so that nothing is done again by loading it anew - but for a secret, which is shown here and nowhere else."""
    here = manager(program_id)
    deed = pressed(DEEDS)
    try:
        with transaction() as session:
            done = deed(session, here.actor)
    except (Malformed, Conflict) as error:
        return _page(here, wrong=error.message), error.status
    if isinstance(done, dict):
        return _page(here, **done)
    return redirect(url_for("webhooks.screen", program_id=program_id, done=done, lang=request.args.get("lang")), 303)


def _add(session: Session, actor: Actor) -> dict[str, Any]:
    url, kinds = request.form.get("url", "").strip(), request.form.getlist("kind")
    made = webhooks.create(session, actor.program_id, url=url, kinds=kinds, made_by=actor.staff_id)
    return {"secret": webhooks.secret(made), "secret_of": made.url}


def _rotate(session: Session, actor: Actor) -> dict[str, Any]:
    webhook = _named(session, actor)
    return {"secret": webhooks.rotate(session, webhook), "secret_of": webhook.url, "rotated": True}


def _pause(session: Session, actor: Actor) -> str:
    webhooks.pause(session, _named(session, actor))
    return "paused"


def _resume(session: Session, actor: Actor) -> str:
    webhooks.resume(session, _named(session, actor))
    return "resumed"


def _off(session: Session, actor: Actor) -> str:
    webhooks.switch_off(session, _named(session, actor))
    return "off"


def _test(session: Session, actor: Actor) -> str:
    webhooks.ping(session, _named(session, actor))
    return "asked"


def _again(session: Session, actor: Actor) -> str:
    try:
        webhooks.send_again(session, _named(session, actor), request.form.get("event_id", ""))
    except NotFound:
        return "forgotten"
    return "asked"


def _replay(session: Session, actor: Actor) -> str:
    webhooks.rewind(session, _named(session, actor), events.place(session, actor.program_id, ""))
    return "replayed"


DEEDS: dict[str, Callable[[Session, Actor], str | dict[str, Any]]] = {
    "add": _add, "rotate": _rotate, "pause": _pause, "resume": _resume, "off": _off, "test": _test, "again": _again, "replay": _replay,
}  # fmt: skip


def _named(session: Session, actor: Actor) -> Webhook:
    return webhooks.get(session, actor.program_id, request.form.get("webhook_id", ""))


def _notice() -> str:
    """What was just done here; nothing for a word that is none of ours."""
    said = {
        "paused": _("It is told nothing for now. What happens waits for it."),
        "resumed": _("It is told what has waited, beginning now."),
        "off": _("It is told nothing any more."),
        "asked": _("It is on its way. The answer appears in the list in a moment: load the page anew."),
        "forgotten": _("This event is not kept any more."),
        "replayed": _("Everything that is kept is told to it again, from the oldest on."),
    }
    return str(said.get(request.args.get("done", ""), ""))


def _page(here: Place, **shown: Any) -> str:
    with reading() as session:
        every = [_row(session, webhook) for webhook in webhooks.listed(session, here.program.id)]
        values = {"notice": _notice(), "url": request.form.get("url", ""), "chosen": request.form.getlist("kind"), **shown}
        return render_template("webhooks.html", program=here.program, venue=here.venue, webhooks=every, kinds=list(Kind), **values)


def _row(session: Session, webhook: Webhook) -> dict[str, Any]:
    return {
        "webhook": webhook,
        "behind": webhooks.behind(session, webhook),
        "since": webhooks.waits_since(session, webhook),
        "tries": webhooks.newest(session, webhook.program_id, webhook.id, TRIES),
    }
