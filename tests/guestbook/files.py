"""Files of guests, and what becomes of them."""

from collections.abc import Iterator

from sqlmodel import select

from tests.cast import House
from walletpass import database, guestbook, guests, programs
from walletpass.guestbook import ImportJob, Look, Stage
from walletpass.guests import Guest

HEAD = "Name,Phone,E-mail,Birthday,Points,Valid until"


def lines_of(count: int, first: int = 0) -> list[str]:
    """Guests with ten points each, for ever."""
    return [f"Guest {number},+49151{number + 10_000_000},g{number}@example.com,,10," for number in range(first, first + count)]


def text_of(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


def pieces(content: bytes, size: int = 1_000) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def look(content: bytes, **choices: str) -> Look:
    return guestbook.look(lambda: pieces(content), **choices)


def uploaded(house: House, content: bytes) -> ImportJob:
    """The file, as a browser brings it."""
    with database.transaction() as session:
        job = guestbook.jobs.begin(session, house.id, filename="guests.csv", size=len(content), made_by=house.clara.id)
    for position, piece in enumerate(pieces(content, guestbook.jobs.PIECE)):
        with database.transaction() as session:
            guestbook.jobs.take(session, guestbook.jobs.get(session, house.id, job.id), position, piece)
    found = guestbook.jobs.look_at(seen(house, job))
    with database.transaction() as session:
        return guestbook.jobs.settle(session, guestbook.jobs.get(session, house.id, job.id), found)


def checked(house: House, content: bytes, **mapping: int) -> ImportJob:
    job = uploaded(house, content)
    with database.transaction() as session:
        job = guestbook.jobs.get(session, house.id, job.id)
        guestbook.jobs.check(session, job, header=job.header, dates=job.dates, mapping=mapping or job.mapping)
    guestbook.Importer().round()
    return seen(house, job)


def imported(house: House, content: bytes, *, invite: bool = False, **mapping: int) -> ImportJob:
    job = checked(house, content, **mapping)
    start(house, job, invite=invite)
    guestbook.Importer().round()
    return seen(house, job)


def start(house: House, job: ImportJob, *, invite: bool = False) -> None:
    with database.transaction() as session:
        guestbook.jobs.run(session, guestbook.jobs.get(session, house.id, job.id), invite=invite)


def seen(house: House, job: ImportJob) -> ImportJob:
    with database.reading() as session:
        return guestbook.jobs.get(session, house.id, job.id)


def refused(house: House, job: ImportJob) -> list[tuple[int, str, str]]:
    with database.reading() as session:
        return [(row.line, row.reason, row.field) for row in guestbook.jobs.refusals(session, job)]


def everybody(house: House) -> list[Guest]:
    with database.reading() as session:
        return list(session.exec(select(Guest).where(Guest.program_id == house.id).order_by(Guest.id)).all())


def by_phone(house: House, phone: str) -> Guest:
    with database.reading() as session:
        (found,) = guests.by_phone(session, house.id, phone)
        return found


def admitted(house: House, application: guestbook.Application) -> guestbook.Member:
    with database.transaction() as session:
        return guestbook.admit(session, programs.get(session, house.id), application)


DONE = Stage.DONE
