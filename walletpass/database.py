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
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import Dialect, Engine, Executable, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import declared_attr, make_transient_to_detached
from sqlalchemy.types import DateTime, TypeDecorator
from sqlmodel import Field, Session, SQLModel, create_engine

from walletpass.errors import ConfigurationError, Unavailable

T = TypeVar("T")

_engine: Engine | None = None
# For transactions that write nothing: on SQLite their connections begin in another way.
_reader: Engine | None = None
_write_lock = threading.Lock()

# The moment that `as_of` set the clock to.
_then: ContextVar[datetime | None] = ContextVar("then", default=None)

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

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            """What SQLModel makes of a row: nothing is validated, and what is not given has its default.

            It sets every attribute by itself through three layers of listeners, which was a tenth of an earn; to a row that no
            session knows nobody listens.
            """
            plain, made = _defaults(type(self))
            if not values.keys() <= type(self).model_fields.keys():
                raise TypeError(f"{type(self).__name__} has no {', '.join(values.keys() - type(self).model_fields.keys())}.")
            vars(self).update({**plain, **{name: make() for name, make in made if name not in values}, **values})
            object.__setattr__(self, "__pydantic_fields_set__", set(values))
            object.__setattr__(self, "__pydantic_extra__", None)
            object.__setattr__(self, "__pydantic_private__", None)


@cache
def _defaults(kind: type[SQLModel]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """The values that are always the same, and those that are made for each row."""
    fields = [(name, field) for name, field in kind.model_fields.items() if not field.is_required()]
    plain = {name: field.default for name, field in fields if field.default_factory is None}
    return plain, [(name, cast(Callable[[], Any], field.default_factory)) for name, field in fields if field.default_factory is not None]


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """26 characters that sort by time (the layout of a ULID): 48 bits of milliseconds, 80 bits of chance."""
    number = (time.time_ns() // 1_000_000 << 80) | int.from_bytes(os.urandom(10))
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def now() -> datetime:
    return _then.get() or datetime.now(UTC)


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """What is written inside was written at ``moment``: for whoever makes up a history, as the demo does. No request can ask for it."""
    was = _then.set(moment)
    try:
        yield
    finally:
        _then.reset(was)


def bind(url: str, *, pool_size: int = 16) -> Engine:
    """Point this process at a database. Called once at start, and again after a fork."""
    global _engine, _reader
    unbind()
    if url.startswith("sqlite"):
        _engine, _reader = _sqlite(url, pool_size), _sqlite(url, pool_size, reading=True)
    else:
        _engine = _reader = _postgresql(url, pool_size)
    return _engine


def unbind() -> None:
    """Close every connection; before a fork, and at the end."""
    global _engine, _reader
    for opened in (_engine, _reader):
        if opened is not None:
            opened.dispose()
    _engine = _reader = None


def engine(*, reading: bool = False) -> Engine:
    if _engine is None or _reader is None:
        raise ConfigurationError("No database: bind() was not called.")
    return _reader if reading else _engine


def _sqlite(url: str, pool_size: int, *, reading: bool = False) -> Engine:
    # A connection is kept for every thread: a new one reads the whole schema before its first statement.
    arguments = {"timeout": LOCK_SECONDS, "check_same_thread": False, "isolation_level": None}
    made = create_engine(url, pool_size=pool_size, connect_args=arguments)
    # No event of the engine: where one listens, every statement asks four times who else does.
    made.dialect.do_begin = _begin  # type: ignore[method-assign]

    @event.listens_for(made, "connect")
    def opened(connection: Any, record: Any) -> None:
        record.info["reading"] = reading
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    return made


def _begin(dbapi_connection: Any) -> None:
    dbapi_connection.execute("BEGIN" if dbapi_connection.info["reading"] else BEGIN)


def _postgresql(url: str, pool_size: int) -> Engine:
    if not url.startswith("postgresql"):
        raise ConfigurationError(f"WALLETPASS_DATABASE_URL must begin with sqlite: or postgresql:, not {url.partition(':')[0]!r}.")
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    options = f"-c lock_timeout={LOCK_SECONDS}s -c timezone=UTC"
    return create_engine(url, pool_size=pool_size, max_overflow=4, pool_pre_ping=True, connect_args={"options": options})


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction that may write: commits at the end, rolls back on any error.

    What was handed to `before_commit` is the last that it does; what was handed to `after_commit` runs once the commit is
    durable, and never otherwise.
    """
    bound = engine()
    local = bound.dialect.name == "sqlite"
    if local and not _write_lock.acquire(timeout=LOCK_SECONDS):
        raise Unavailable("The till queue is long at this moment. Please try again.")
    try:
        with Session(bound, expire_on_commit=False) as session, session.begin():
            yield session
            while lasts := session.info.pop("before_commit", ()):
                for last in lasts:
                    last()
    finally:
        if local:
            _write_lock.release()
    for then in session.info.pop("after_commit", ()):
        then()


@contextmanager
def reading() -> Iterator[Session]:
    """A consistent look that writes nothing and waits for nobody."""
    with Session(engine(reading=True)) as session:
        yield session


def before_commit(session: Session, last: Callable[[], None]) -> None:
    """For what takes a lock that many wait for: it is held for the commit, and not for what was done before."""
    session.info.setdefault("before_commit", []).append(last)


def after_commit(session: Session, then: Callable[[], None]) -> None:
    session.info.setdefault("after_commit", []).append(then)


def prepared(build: Callable[[Any], Executable]) -> Callable[[Session], Executable]:
    """A statement that is built once, and gets its values with every use: to build one costs more than to run it.

    ``build`` is handed the module of the dialect, whose INSERT knows ON CONFLICT. Of the rows of one that names tables, and no class,
    no objects are made: that is a third of the cost again.
    """
    made = cache(lambda name: build(sqlite if name == "sqlite" else postgresql))
    return lambda session: made(session.get_bind().dialect.name)


def table(kind: type[SQLModel]) -> Table:
    """The table of a class of rows."""
    return SQLModel.metadata.tables[str(kind.__tablename__)]


def insert(session: Session, row: SQLModel) -> None:
    """Write a new row, and nothing else, at once. The session knows it from then on, as after a flush, which costs three times as much."""
    session.connection().execute(_into(type(row))(session), _values(row))
    _known(session, row)


def insert_first(session: Session, row: SQLModel) -> bool:
    """As `insert`. False, and nothing is written, where a row has its key already."""
    first = session.connection().execute(_into_free(type(row))(session), _values(row)).first() is not None
    if first:
        _known(session, row)
    return first


def _values(row: SQLModel) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


def _known(session: Session, row: SQLModel) -> None:
    make_transient_to_detached(row)
    session.add(row)


@cache
def _into(kind: type[SQLModel]) -> Callable[[Session], Executable]:
    return prepared(lambda dialect: dialect.insert(table(kind)))


@cache
def _into_free(kind: type[SQLModel]) -> Callable[[Session], Executable]:
    return prepared(lambda dialect: dialect.insert(table(kind)).on_conflict_do_nothing().returning(*table(kind).primary_key))


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
