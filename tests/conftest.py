"""The house that tests walk into: a migrated database and a restaurant, with the cast of `tests.cast`.

`db` and `house` run a test on SQLite and on PostgreSQL; `sqlite` and `luna` on the embedded default alone. Settings point at
a folder of the test's own.
"""

import importlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine, create_engine, event, text
from sqlmodel import SQLModel

from tests.cast import House, make_app, open_house
from tests.chromium import FLAGS
from tests.payloads import Recorder, recorded
from walletpass import config, database
from walletpass.app import App
from walletpass.config import Settings
from walletpass.migrations import schema
from walletpass.sandbox import chain

POSTGRESQL = os.environ.get("WALLETPASS_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/")
RING = "1:" + "5e" * 32
# A test is one address that asks more often than any guest.
UNLIMITED: dict[str, Any] = dict.fromkeys(
    (
        "join_per_minute",
        "download_per_minute",
        "device_list_per_minute",
        "device_log_per_minute",
        "wrong_token_per_minute",
        "codes_per_minute",
    ),
    0,
)


@pytest.fixture(autouse=True, scope="session")
def _cheap_pins() -> None:
    """The PINs of the cast need no slow hash; what a hash costs stands in it, so checking one is as in production."""
    room = importlib.import_module("walletpass.staff.team")
    room.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> None:
    """A server compiles a statement once; so do all the databases of a test process, which are thousands."""
    create, first = database.create_engine, {}

    def create_engine(url: str, **options: Any) -> Engine:
        engine = create(url, query_cache_size=5_000, **options)
        if known := first.get(engine.dialect.name):
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        else:
            event.listen(engine, "connect", lambda *_: first.setdefault(engine.dialect.name, engine), once=True)
        return engine

    database.create_engine = create_engine  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command sets the level of the log for its process; the next test has a process of its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def payloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A test that makes us send Google something it would not take fails, whatever else it looks at."""
    recorder = recorded(monkeypatch)
    yield recorder
    assert not recorder.wrong, "\n".join(recorder.wrong)


@pytest.fixture(scope="session")
def worker_id_(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates for Luna and Sova as Apple and Google would have issued them; not to be written to."""
    folder = tmp_path_factory.mktemp("chain")
    kinds = [chain.PassType(name, f"pass.example.{name}", f"{name.upper()}000001", name.title()) for name in ("luna", "sova")]
    chain.prepare(folder / "certs", folder / "outside", kinds, token_uri="http://127.0.0.1:9/google/token")
    return folder / "certs"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database.bind(f"sqlite:///{path}")
    schema.upgrade()
    database.engine().dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url(worker_id_: str) -> Iterator[str]:
    """A migrated database of this test process."""
    with new_postgresql(worker_id_) as url:
        yield url


@contextmanager
def new_postgresql(called: str) -> Iterator[str]:
    """A migrated database, dropped at the end. A missing server is a failure in CI, a skip on a laptop."""
    if not _answers("127.0.0.1", 5432) and "WALLETPASS_TEST_POSTGRESQL" not in os.environ:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL does not answer on 127.0.0.1:5432")
        pytest.skip("PostgreSQL does not answer on 127.0.0.1:5432")
    name = f"walletpass_test_{os.getpid()}_{called}"
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = f"{POSTGRESQL}{name}"
    database.bind(url)
    schema.upgrade()
    yield url
    database.unbind()
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def settings_for(tmp_path: Path, certs: Path) -> Callable[..., Settings]:
    def make(url: str, **changes: Any) -> Settings:
        values = {"secret_keys": RING, "database_url": url, "certs_dir": str(certs), "log_level": "error", "threads": 50}
        return config.use(Settings(**{**UNLIMITED, **values, **changes}))

    return make


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_template: Path, settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    path = tmp_path / "walletpass.sqlite"
    shutil.copy(sqlite_template, path)
    settings = settings_for(f"sqlite:///{path}")
    database.bind(settings.database_url, pool_size=settings.threads)
    yield settings
    database.unbind()


@pytest.fixture
def postgresql(postgresql_url: str, settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    settings = settings_for(postgresql_url)
    database.bind(settings.database_url, pool_size=settings.threads)
    # DELETE without triggers and foreign keys: TRUNCATE makes new files for every table.
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in SQLModel.metadata.sorted_tables:
            session.execute(table.delete())
    yield settings
    database.unbind()


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Settings:
    """The test runs on both databases."""
    settings: Settings = request.getfixturevalue(request.param)
    return settings


@pytest.fixture
def house(db: Settings) -> House:
    """Trattoria Luna, on both databases."""
    return open_house()


@pytest.fixture
def luna(sqlite: Settings) -> House:
    """Trattoria Luna, on SQLite alone."""
    return open_house()


@pytest.fixture
def app(luna: House) -> App:
    return make_app()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def bearer(luna: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {luna.api_key}"}


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's chromium, or CHROMIUM. A missing one is a failure in CI, a skip on a laptop."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: apt-get install chromium")
        pytest.skip("chromium is missing: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield started
    started.close()
