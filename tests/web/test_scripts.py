"""The logic in the pages' scripts, by Node's own test runner: one file of tests each."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = sorted(Path(__file__).with_name("js").glob("*.test.mjs"))
STATIC = Path(__file__).parents[2] / "walletpass" / "web" / "static"
LONGEST = 300


@pytest.fixture(scope="session")
def node() -> str:
    """A missing Node is a failure in CI, a skip on a laptop."""
    found = shutil.which("node")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("node is missing")
        pytest.skip("node is missing")
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name.removesuffix(".test.mjs"))
def test_the_scripts_do_what_they_promise(node: str, script: Path) -> None:
    done = subprocess.run([node, "--test", "--test-reporter=tap", str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed.group(1)) >= 3


def test_no_script_of_ours_is_longer_than_300_lines() -> None:
    for path in [*STATIC.glob("*.js"), *(STATIC / "till").glob("*.js"), *(STATIC / "board").glob("*.js")]:
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path.name
