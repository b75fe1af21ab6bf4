from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from walletpass import cards
from walletpass.cards import Card
from walletpass.checks import Check
from walletpass.database import now
from walletpass.errors import Conflict, Malformed, NotFound
from walletpass.ledger import Origin
from walletpass.programs import Program
from walletpass.surveys.models import Review, Survey
from walletpass.surveys.rewarding import reward

ASKED_FOR = timedelta(days=7)
BEST, LOW = 10, 6
LONGEST_COMMENT = 500


@dataclass(frozen=True)
class Summary:
    """``average`` is tenths of a point, rounded half up; None before the first answer. ``low`` answers are 6 or less."""

    answers: int
    average: int | None
    low: int


def due(session: Session, card: Card) -> Check | None:
    """The visit that this guest may be asked about: the newest, within seven days, and nothing said of it yet."""
    check = newest_visit(session, card)
    return check if check is not None and answered(session, card.program_id, check.id) is None else None


def newest_visit(session: Session, card: Card) -> Check | None:
    if card.state != "active":
        return None
    ours = col(Check.program_id) == card.program_id, col(Check.card_id).in_(cards.ids_of(session, card))
    recent = select(Check).where(*ours, col(Check.closed_at) > now() - ASKED_FOR, col(Check.state) == "closed")
    return session.exec(recent.order_by(col(Check.closed_at).desc(), col(Check.id).desc()).limit(1)).first()


def answered(session: Session, program_id: str, check_id: str) -> Survey | None:
    return session.get(Survey, (program_id, check_id))


def answer(session: Session, program: Program, card: Card, check_id: str, score: int, comment: str, origin: Origin) -> Survey:
    """Keep what a guest says of a visit, and give the program's points for it, once a visit.

    Raises Malformed for a score that is none or a comment that is too long, NotFound for a visit that is not the guest's
    newest, Conflict where it was answered before; of two answers at once one is kept.
    """
    if not 0 <= score <= BEST:
        raise Malformed(f"A score is from 0 to {BEST}.")
    said = clean(comment)
    check = newest_visit(session, card)
    if check is None or check.id != check_id:
        raise NotFound("There is no visit to be asked about any more. Thank you all the same.")
    if not _keep(session, Survey(program_id=program.id, check_id=check_id, card_id=card.id, score=score, comment=said)):
        raise Conflict("You have told us about this visit already. Thank you.")
    survey = session.get_one(Survey, (program.id, check_id))
    survey.points = reward(session, program, card, "survey", check_id, program.survey_points, origin, check_id=check_id)
    session.add(survey)
    session.flush()
    return survey


def _keep(session: Session, survey: Survey) -> bool:
    """False where the visit has an answer. A rival that is under way is waited for: its row blocks ours."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(Survey).values(**survey.model_dump()).on_conflict_do_nothing()
    return session.execute(row.returning(col(Survey.check_id))).first() is not None


def clean(comment: str) -> str:
    """Without control and bidi characters; lines stay lines. Raises Malformed for one that is too long."""
    if len(comment) > LONGEST_COMMENT * 4:
        raise Malformed(f"Please use {LONGEST_COMMENT} letters at most.")
    lines = comment.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    said = "\n".join(" ".join("".join(char if char.isprintable() else " " for char in line).split()) for line in lines).strip()
    if len(said) > LONGEST_COMMENT:
        raise Malformed(f"Please use {LONGEST_COMMENT} letters at most.")
    return said


def summary(session: Session, program_id: str, since: datetime, until: datetime | None = None) -> Summary:
    wanted = [col(Survey.program_id) == program_id, col(Survey.answered_at) >= since]
    if until is not None:
        wanted.append(col(Survey.answered_at) < until)
    found = select(
        func.count(),
        func.coalesce(func.sum(col(Survey.score)), 0),
        func.coalesce(func.sum(case((col(Survey.score) <= LOW, 1), else_=0)), 0),
    )
    count, total, low = session.exec(found.where(*wanted)).one()
    return Summary(count, (20 * int(total) + count) // (2 * count) if count else None, int(low))


def latest(session: Session, program_id: str, *, low: bool = False, limit: int = 50) -> Sequence[Survey]:
    """What guests said, the newest first; with ``low`` only what somebody should look into."""
    asked = [col(Survey.program_id) == program_id, *([col(Survey.score) <= LOW] if low else [])]
    return session.exec(select(Survey).where(*asked).order_by(col(Survey.answered_at).desc()).limit(limit)).all()


def forget(session: Session, program_id: str, card_id: str) -> None:
    """A guest's words go with the guest; the scores stay, as they name nobody."""
    session.exec(update(Survey).where(col(Survey.program_id) == program_id, col(Survey.card_id) == card_id).values(comment=""))
    session.exec(update(Review).where(col(Review.program_id) == program_id, col(Review.card_id) == card_id).values(card_id="", url=""))
