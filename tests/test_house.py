"""What keeps the house tidy, beside the import contract."""

import ast
import importlib
from pathlib import Path

import pytest

import walletpass

PACKAGE = Path(walletpass.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
WORDS = {"environ", "environb", "getenv", "getenvb", "putenv"}
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def environment(tree):
    """The lines that look at the environment, however it was imported."""
    imported = [name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    names = {name.asname or name.name for name in imported if name.name == "os"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WORDS and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "os" and {name.name for name in node.names} & WORDS:
            yield node.lineno


def test_the_environment_is_read_in_one_place():
    found = {path.relative_to(PACKAGE).as_posix() for path in FILES if any(environment(ast.parse(path.read_text("utf-8"))))}
    assert found == {"config.py"}


def test_the_scan_for_the_environment_finds_it():
    for line in ("import os; os.environ['A']", "from os import environ", "import os as o; o.getenv('A')"):
        assert list(environment(ast.parse(line)))


@pytest.mark.parametrize(
    "path", [path for path in FILES if "migrations" not in path.parts], ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_no_file_is_longer_than_300_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_s_door_opens_to_what_it_promises(room):
    module = importlib.import_module(f"walletpass.{room}")
    promised = getattr(module, "__all__", [])
    assert len(promised) == len(set(promised))
    for name in promised:
        assert hasattr(module, name), f"walletpass.{room} promises {name}"


def test_there_is_no_room_for_odds_and_ends():
    assert not {"utils", "core", "common", "services", "helpers"} & {*ROOMS, *(path.stem for path in FILES)}
