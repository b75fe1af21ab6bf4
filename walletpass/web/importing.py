"""A manager brings the guests of another system: a file, a dry run, and then everybody comes in while the page is shut or open."""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from walletpass import guestbook
from walletpass.database import reading, transaction
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.guestbook import Fault, ImportJob, Look, Stage, jobs
from walletpass.web.managing import manager, pressed, screen_for_manager
from walletpass.web.reasons import fields, reason
from walletpass.web.till import Place

bp = Blueprint("importing", __name__)

Answer = str | tuple[str, int] | BaseResponse
SHOWN = 6


@bp.get("/t/<program_id>/import")
def screen(program_id: str) -> Answer:
    return screen_for_manager(program_id, _page)


@bp.post("/t/<program_id>/import")
def begin(program_id: str) -> Response:
    """Announces a file. It comes in pieces, each no larger than any other request, so that a proxy needs no other limits and a
    broken connection costs one piece."""
    here = manager(program_id)
    size = request.form.get("size", "")
    with transaction() as session:
        job = jobs.begin(
            session,
            program_id,
            filename=request.form.get("filename", ""),
            size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
            made_by=here.actor.staff_id,
        )
    return jsonify(url=url_for("importing.job", program_id=program_id, job_id=job.id), piece=jobs.PIECE)


@bp.put("/t/<program_id>/import/<job_id>/pieces/<int:position>")
def piece(program_id: str, job_id: str, position: int) -> tuple[str, int]:
    manager(program_id)
    content = request.get_data(cache=False)
    with transaction() as session:
        jobs.take(session, jobs.get(session, program_id, job_id, lock=True), min(position, 1_000_000), content)
    return "", 204


@bp.get("/t/<program_id>/import/<job_id>")
def job(program_id: str, job_id: str) -> Answer:
    return screen_for_manager(program_id, lambda here: _job_page(here, job_id))


@bp.post("/t/<program_id>/import/<job_id>")
def act(program_id: str, job_id: str) -> Answer:
    """Leads back to the page, so that nothing is done again by loading it anew."""
    here, deed = manager(program_id), pressed(DEEDS)
    try:
        seen = _look(program_id, job_id) if deed is _settle else None
        with transaction() as session:
            left = deed(session, jobs.get(session, program_id, job_id, lock=True), seen)
    except (Malformed, Conflict) as error:
        return _job_page(here, job_id, wrong=_wrong(error)), error.status
    where = "importing.job" if left else "importing.screen"
    return redirect(url_for(where, program_id=program_id, job_id=job_id if left else None, lang=request.args.get("lang")), 303)


@bp.get("/t/<program_id>/import/<job_id>/state")
def state(program_id: str, job_id: str) -> Response:
    """What the progress bar asks for."""
    manager(program_id)
    with reading() as session:
        found = jobs.get(session, program_id, job_id)
    counts = {name: getattr(found, name) for name in ("stage", "total", "reached", "fresh", "known", "refused")}
    return jsonify(counts)


@bp.get("/t/<program_id>/import/<job_id>/lines.csv")
def report(program_id: str, job_id: str) -> Response:
    """Every line that made no guest, and why, a row for each cell that is wrong."""
    manager(program_id)
    with reading() as session:
        found = jobs.get(session, program_id, job_id)
    # The words of the reader's language, while there is a request that says which.
    said, where = reason(), fields()
    response = Response(_lines(found, said, where), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{program_id}-lines.csv"'
    return response


def _lines(found: ImportJob, said: Callable[[Fault], str], where: dict[str, str]) -> Iterator[str]:
    yield "\ufeff" + _row("line", "field", "code", "reason")
    after = 0
    while True:
        with reading() as session:
            rows = jobs.refusals(session, found, after=after)
        if not rows:
            return
        after = rows[-1].line
        faults = [(row.line, fault) for row in rows for fault in guestbook.faults_of(row)]
        yield "".join(_row(line, where.get(fault.field, ""), fault.reason, said(fault)) for line, fault in faults)


def _row(*cells: object) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _look(program_id: str, job_id: str) -> Look:
    """Before the transaction: a look at a large file takes seconds, and no till waits for it."""
    delimiter = {"tab": "\t"}.get(request.form.get("delimiter", ""), request.form.get("delimiter", ""))
    with reading() as session:
        found = jobs.get(session, program_id, job_id)
    return jobs.look_at(found, encoding=request.form.get("encoding", ""), delimiter=delimiter)


def _settle(session: Session, found: ImportJob, seen: Look | None) -> bool:
    if seen is not None:
        jobs.settle(session, found, seen)
    return True


def _check(session: Session, found: ImportJob, _seen: Look | None) -> bool:
    chosen = {name: request.form.get(f"column_{name}", "") for name in guestbook.FIELDS}
    mapping = {name: int(place) for name, place in chosen.items() if place.isascii() and place.isdigit() and len(place) < 5}
    jobs.check(session, found, header="header" in request.form, dates=request.form.get("dates", ""), mapping=mapping)
    return True


def _run(session: Session, found: ImportJob, _seen: Look | None) -> bool:
    jobs.run(session, found, invite="invite" in request.form and guestbook.inviting.possible())
    return True


def _drop(session: Session, found: ImportJob, _seen: Look | None) -> bool:
    jobs.drop(session, found)
    return False


DEEDS: dict[str, Callable[[Session, ImportJob, Look | None], bool]] = {"look": _settle, "check": _check, "run": _run, "drop": _drop}


def _wrong(error: Malformed | Conflict) -> str:
    if isinstance(error, Conflict):
        return str(_("This import has gone on in the meantime. This is how it stands now."))
    sentences = {
        "phone": _("Say which column holds the phone numbers: guests are known by them."),
        "points": _("Say which column holds the points that expire, too."),
        "mapping": _("Two things cannot stand in one column. Choose another one."),
    }
    return str(sentences.get(str(error.details.get("field", "")), _("This file cannot be read like that.")))


def _page(here: Place, **shown: Any) -> str:
    with reading() as session:
        latest = jobs.latest(session, here.program.id)
    return render_template("import.html", program=here.program, venue=here.venue, jobs=latest, largest=guestbook.LARGEST, **shown)


def _job_page(here: Place, job_id: str, **shown: Any) -> str:
    with reading() as session:
        found = jobs.get(session, here.program.id, job_id)
        refused = jobs.refusals(session, found, limit=20)
    choosing = found.stage in (Stage.RECEIVED, Stage.CHECKED)
    return render_template(
        "import_job.html",
        program=here.program,
        venue=here.venue,
        job=found,
        first=_first(found) if choosing else [],
        refused=refused,
        faults=guestbook.faults_of,
        reason=reason(),
        fields=fields(),
        encodings=guestbook.CHOICES,
        may_invite=guestbook.inviting.possible(),
        **shown,
    )


def _first(found: ImportJob) -> list[tuple[str, ...]]:
    """The top of the file as we read it."""
    source = jobs.source(found)
    plan = jobs.plan_of(found)
    try:
        top = guestbook.top(source, plan, SHOWN * 3)
    except Malformed:
        raise NotFound("This file cannot be read any more.") from None
    return [record.cells for record in islice((one for one in top if not one.fault), SHOWN)]
