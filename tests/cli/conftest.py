"""An operator at a shell."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import RING
from walletpass import database
from walletpass.cli import cli
from walletpass.config import Settings

Run = Callable[..., Result]


@pytest.fixture
def own_certs(certs: Path, tmp_path: Path) -> Path:
    """Certificates that a test may spoil."""
    return Path(shutil.copytree(certs, tmp_path / "certs"))


@pytest.fixture
def environ(tmp_path: Path, own_certs: Path) -> dict[str, str]:
    """The settings of a shell; the database is not there yet."""
    return {
        "WALLETPASS_SECRET_KEYS": RING,
        "WALLETPASS_DATABASE_URL": f"sqlite:///{tmp_path / 'walletpass.sqlite'}",
        "WALLETPASS_CERTS_DIR": str(own_certs),
        "WALLETPASS_LOG_LEVEL": "error",
        "WALLETPASS_SMS_URL": "json://127.0.0.1:9/sms/{to}",
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """A command inside this process; what it raises stays an exception."""

    def command(*words: str, **more: str) -> Result:
        result = CliRunner().invoke(cli, words, env={**environ, **more})
        database.engine().dispose() if database._engine else None
        return result

    return command


@pytest.fixture
def shell(environ: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """A command as a process of its own."""

    def command(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")}
        return subprocess.run(
            [sys.executable, "-m", "walletpass", *words],
            env={**clean, **environ, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return command


@pytest.fixture
def opened(sqlite: Settings, environ: dict[str, str]) -> None:
    """A database of today's shape at the shell's address."""
    environ["WALLETPASS_DATABASE_URL"] = sqlite.database_url
