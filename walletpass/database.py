"""The engine and `transaction()`.

SQLite is the embedded default: WAL, ``synchronous=FULL`` (an acknowledged earn survives power loss), one server process.
Writers queue on a lock inside the process and then take ``BEGIN IMMEDIATE``; Python's own transaction mode would let two
tills read one balance. PostgreSQL runs READ COMMITTED with row locks taken by the rooms.
"""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import DateTime, TypeDecorator
from sqlmodel import Field, Session, SQLModel, create_engine

from walletpass.errors import ConfigurationError, Unavailable

T = TypeVar("T")

_engine: Engine | None = None
_write_lock = threading.Lock()

# What opens a SQLite transaction that is going to write.
BEGIN = "BEGIN IMMEDIATE"
LOCK_SECONDS = 5
RETRIES = 5

# Named as PostgreSQL would, so that a migration can speak of every constraint on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Time(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, we do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Row(SQLModel):
    """Every row belongs to a program, and its keys begin with it: a chain of chains can be split by program."""

    program_id: str = Field(primary_key=True, max_length=40)

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805
        """`PinTries` is kept in ``pin_tries``."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """26 characters that sort by time (the layout of a ULID): 48 bits of milliseconds, 80 bits of chance."""
    number = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10))
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def now() -> datetime:
    return datetime.now(UTC)


def bind(url: str, *, pool_size: int = 16) -> Engine:
    """Point this process at a database. Called once at start, and again after a fork."""
    global _engine
    unbind()
    _engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url, pool_size)
    return _engine


def unbind() -> None:
    """Close every connection; before a fork, and at the end."""
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = None


def engine() -> Engine:
    if _engine is None:
        raise ConfigurationError("No database: bind() was not called.")
    return _engine


def _sqlite(url: str) -> Engine:
    made = create_engine(url, connect_args={"timeout": LOCK_SECONDS, "check_same_thread": False, "isolation_level": None})

    @event.listens_for(made, "connect")
    def pragmas(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else BEGIN)

    return made


def _postgresql(url: str, pool_size: int) -> Engine:
    if not url.startswith("postgresql"):
        raise ConfigurationError(f"WALLETPASS_DATABASE_URL must begin with sqlite: or postgresql:, not {url.partition(':')[0]!r}.")
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    options = f"-c lock_timeout={LOCK_SECONDS}s -c timezone=UTC"
    return create_engine(url, pool_size=pool_size, max_overflow=4, pool_pre_ping=True, connect_args={"options": options})


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction that may write: commits at the end, rolls back on any error.

    What was handed to `after_commit` runs once the commit is durable, and never otherwise.
    """
    bound = engine()
    local = bound.dialect.name == "sqlite"
    if local and not _write_lock.acquire(timeout=LOCK_SECONDS):
        raise Unavailable("The till queue is long at this moment. Please try again.")
    try:
        with Session(bound, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        if local:
            _write_lock.release()
    for then in session.info.pop("after_commit", ()):
        then()


@contextmanager
def reading() -> Iterator[Session]:
    """A consistent look that writes nothing and waits for nobody."""
    with engine().connect().execution_options(reading=True) as connection, Session(connection) as session:
        yield session


def after_commit(session: Session, then: Callable[[], None]) -> None:
    session.info.setdefault("after_commit", []).append(then)


def retrying(work: Callable[[], T]) -> T:
    """Run ``work`` again, whole, when the database lost it to a rival (40001, 40P01, SQLITE_BUSY); then Unavailable."""
    for attempt in range(RETRIES):
        try:
            return work()
        except OperationalError as error:
            if not _lost_to_a_rival(error):
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 (jitter)
    raise Unavailable("Too many people are at this card right now. Please try again.")


def _lost_to_a_rival(error: OperationalError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "database is locked" in str(error.orig)
