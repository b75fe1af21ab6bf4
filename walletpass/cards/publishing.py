"""A design that has changed on disk reaches the phones when somebody publishes it: one new version of each card it touches."""

import time
from collections.abc import Iterator

from sqlalchemy import or_
from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.cards.changes import touch
from walletpass.cards.designs import design_folder, fingerprint, last_change, load_design
from walletpass.cards.designs.reading import GLANCE
from walletpass.cards.models import Card, DesignVersion
from walletpass.database import now, reading, retrying, transaction
from walletpass.errors import ConfigurationError
from walletpass.programs import Program

BATCH = 25


def remember_designs() -> None:
    """Of programs that never published: their cards wear what they were issued with."""
    with reading() as session:
        unknown = [program.id for program in programs.every(session) if session.get(DesignVersion, program.id) is None]
    for program_id in unknown:
        retrying(lambda program_id=program_id: _remember(program_id))  # type: ignore[misc]


def unpublished(session: Session, program: Program) -> bool:
    """Whether the design on disk differs from what the phones were last told of, or a round of telling is not over.

    Raises ConfigurationError for a design that cannot be used.
    """
    last = session.get(DesignVersion, program.id)
    return last is not None and (last.reached is not None or last.fingerprint != _fingerprint(program))


def publish_design(program_id: str) -> Iterator[int]:
    """Bump the program's cards in batches, each a transaction of its own; yields how many cards each batch had.

    Nothing for a design that the cards wear already. A round that was interrupted goes on where it stood.
    """
    with reading() as session:
        program = programs.get(session, program_id)
        mark = _fingerprint(program)
    _wait_for_servers(program)
    if not retrying(lambda: _begin(program_id, mark)):
        return
    while count := retrying(lambda: _batch(program_id)):
        yield count


def _begin(program_id: str, mark: str) -> bool:
    with transaction() as session:
        program = programs.get(session, program_id)
        last = session.get(DesignVersion, program_id, with_for_update=True)
        if last is not None and last.fingerprint == mark:
            return last.reached is not None
        last = last or DesignVersion(program_id=program_id, design="", palette="", fingerprint="")
        last.design, last.palette, last.fingerprint = program.design, program.palette, mark
        last.reached, last.published_at = "", now()
        session.add(last)
        return True


def _batch(program_id: str) -> int:
    with transaction() as session:
        last = session.get(DesignVersion, program_id, with_for_update=True)
        if last is None or last.reached is None:
            return 0
        # Every evening leaves tickets behind that are over: nobody looks at those again.
        worn = or_(col(Card.kind) == "card", col(Card.state) == "active")
        where = (col(Card.program_id) == program_id, col(Card.id) > last.reached, worn)
        cards = session.exec(select(Card).where(*where).order_by(col(Card.id)).limit(BATCH)).all()
        for card in cards:
            touch(session, card, bulk=True)
        last.reached = cards[-1].id if cards else None
        session.add(last)
        return len(cards)


def _remember(program_id: str) -> None:
    with transaction() as session:
        program = programs.get(session, program_id)
        if session.get(DesignVersion, program_id) is None:
            session.add(
                DesignVersion(program_id=program_id, design=program.design, palette=program.palette, fingerprint=_fingerprint(program))
            )


def _fingerprint(program: Program) -> str:
    design = load_design(program.design)
    if program.palette not in design.palettes:
        raise ConfigurationError(f"Program {program.id}: design {program.design} has no palette {program.palette!r}.")
    return fingerprint(design, program.palette)


def _wait_for_servers(program: Program) -> None:
    """A server believes a look at the files for GLANCE seconds; no phone may ask it for the new version in that time."""
    age = time.time() - last_change(design_folder(program.design))
    if 0 <= age < 2 * GLANCE:
        time.sleep(2 * GLANCE - age)
