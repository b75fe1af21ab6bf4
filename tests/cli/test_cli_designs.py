"""`walletpass designs`, as a designer without keys and an operator with them use it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cards.design_folder import TOML, write_design
from tests.cast import House
from tests.cli.conftest import Run
from walletpass.cli import cli
from walletpass.cli import designs as group
from walletpass.config import PACKAGE, Settings
from walletpass.errors import ConfigurationError, NotFound

Designer = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_design(tmp_path / "designs" / "whole")
    return tmp_path / "designs"


@pytest.fixture
def designer(folder: Path) -> Designer:
    """A shell without any setting but the folder."""

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, ["designs", *words], env={"WALLETPASS_DESIGNS_DIR": str(folder)})

    return command


def refused(result: Result, kind: type[Exception] = ConfigurationError) -> str:
    assert isinstance(result.exception, kind), result.output
    return str(result.exception)


def test_sound_designs_are_said_to_be(designer: Designer, folder: Path) -> None:
    assert designer("check").output == "Design whole is sound.\n"
    assert designer("check", "whole", str(folder / "whole")).output == "Design whole is sound.\n" * 2


def test_the_shipped_designs_are_sound() -> None:
    result = CliRunner().invoke(cli, ["designs", "check"])
    assert result.exit_code == 0
    assert result.output.count("is sound.") == 3


def test_a_broken_design_is_told_with_all_its_faults(designer: Designer, folder: Path) -> None:
    (folder / "whole" / "design.toml").write_text(TOML.replace('"header"', '"top"').replace("#14283c", "navy"), "utf-8")
    result = designer("check")
    assert result.exit_code == 1
    assert "Design whole has" in result.output
    assert "accent must be a colour" in result.output
    assert "slot must be one of" in result.output


def test_a_design_that_is_not_there_is_said_so(designer: Designer, folder: Path) -> None:
    assert "There is no folder" in designer("check", "nobody").output
    assert "There is no design 'nobody'" in refused(designer("preview", "nobody"), NotFound)
    shutil.rmtree(folder / "whole")
    assert "There is no design in" in refused(designer("check"))


def test_a_new_design_is_a_sound_copy_with_its_own_name(designer: Designer, folder: Path) -> None:
    result = designer("new", "pizza-bar", "--from", "whole")
    assert result.exit_code == 0, result.output
    assert 'name = "Pizza Bar"' in (folder / "pizza-bar" / "design.toml").read_text("utf-8")
    assert designer("check", "pizza-bar").output == "Design pizza-bar is sound.\n"


def test_a_new_design_does_not_go_into_the_installed_package(designer: Designer) -> None:
    said = refused(designer("new", "mine", "--dir", str(PACKAGE / "pass_templates")))
    assert "Set WALLETPASS_DESIGNS_DIR to a folder of yours" in said
    assert not (PACKAGE / "pass_templates" / "mine").exists()


def test_shipped_designs_are_found_beside_a_folder_of_one_s_own(run: Run, opened: None, luna: House, folder: Path) -> None:
    own = {"WALLETPASS_DESIGNS_DIR": str(folder)}
    doctor = run("doctor", **own)
    assert (doctor.exit_code, doctor.output) == (0, "Everything is sound.\n")
    assert run("designs", "check", "bistro", **own).output == "Design bistro is sound.\n"
    write_design(folder / "bistro", TOML.replace("#14283c", "navy"))
    assert "accent must be a colour" in run("doctor", **own).output, "one's own comes first"


def test_a_new_design_begins_with_a_shipped_one(designer: Designer, folder: Path) -> None:
    assert designer("new", "mine").exit_code == 0
    assert (folder / "mine" / "images" / "luna" / "icon.png").is_file()
    assert sorted(path.name for path in folder.iterdir()) == ["mine", "whole"]


@pytest.mark.parametrize("name", ["Mine", "../mine", "a b", "x" * 41, ".mine", "1st"])
def test_a_design_is_not_called_just_anything(designer: Designer, folder: Path, name: str) -> None:
    assert "A design is called by small letters" in refused(designer("new", name))
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_nothing_is_overwritten_or_copied_from_a_broken_one(designer: Designer, folder: Path) -> None:
    assert "There is a design whole already" in refused(designer("new", "whole"))
    (folder / "whole" / "strings" / "en.toml").unlink()
    assert "There is no strings/en.toml" in refused(designer("new", "mine", "--from", "whole"))
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_a_new_design_that_cannot_be_finished_leaves_nothing(designer: Designer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(group, "_rename", full)
    assert "No space left on device" in refused(designer("new", "mine"))
    assert [path.name for path in folder.iterdir()] == ["whole"]


@pytest.fixture
def operator(run: Run, opened: None, luna: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Designer:
    # Commands here share a process, and it believes a look at the files for a second.
    monkeypatch.setattr("walletpass.cards.designs.reading.GLANCE", 0.0)
    shutil.copytree(Settings.designs_dir, tmp_path / "own", ignore=shutil.ignore_patterns("artwork", "*.py"))
    return lambda *words: run(*words, WALLETPASS_DESIGNS_DIR=str(tmp_path / "own"))


def test_a_changed_design_is_hinted_at_and_published(operator: Designer, tmp_path: Path) -> None:
    assert "1 cards have a new version" in operator("designs", "publish", "bistro").output
    assert "the design has changed" not in operator("doctor").output
    file = tmp_path / "own" / "bistro" / "design.toml"
    file.write_text(file.read_text("utf-8").replace("rgb(116, 43, 29)", "rgb(116, 43, 30)"), "utf-8")
    assert "Run: walletpass designs publish bistro" in operator("doctor").output.replace("\n", " ")
    assert operator("designs", "publish", "bistro").output == "Trattoria Luna: 1 cards have a new version.\n"
    assert operator("designs", "publish", "bistro").output == "Trattoria Luna: nothing has changed.\n"


def test_nothing_broken_or_unworn_is_published(operator: Designer, tmp_path: Path) -> None:
    assert "No restaurant's cards wear club." in refused(operator("designs", "publish", "club"), NotFound)
    (tmp_path / "own" / "bistro" / "strings" / "uk.toml").write_bytes(b"\xff")
    assert "strings/uk.toml is not UTF-8" in refused(operator("designs", "publish", "bistro"))
