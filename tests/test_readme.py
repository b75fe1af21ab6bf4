"""The README tells the truth: its map, its settings and its commands are the project's own."""

import re
from dataclasses import fields
from pathlib import Path

from click import Context

from walletpass.cli import cli
from walletpass.config import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_map_names_every_room_and_no_other() -> None:
    told = set(re.findall(r"^\| `(\S+?)/` \|", README.split("<!-- map -->")[1], re.MULTILINE))
    rooms = {f"walletpass/{path.parent.name}" for path in (ROOT / "walletpass").glob("*/__init__.py")}
    assert told == rooms | {"pass_templates", "certs", "tests"}


def test_every_setting_stands_in_the_table() -> None:
    table = README[README.index("| setting (") :]
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))))
    assert told == {field.name.upper() for field in fields(Settings)}


def test_every_command_it_shows_exists() -> None:
    for group, verb in re.findall(r"^walletpass ([a-z]+)(?: ([a-z-]+))?", README, re.MULTILINE):
        command = cli.get_command(Context(cli), group)
        assert command is not None, group
        assert not verb or verb in getattr(command, "commands", {verb: None}), f"walletpass {group} {verb}"


def test_every_make_target_it_shows_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shown = set(re.findall(r"`make ([a-z-]+)`", README)) | set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))
    assert shown <= targets, shown - targets


def test_the_pictures_it_shows_are_there() -> None:
    for path in re.findall(r"!\[.*?\]\((\S+)\)", README):
        assert (ROOT / path).is_file(), path
