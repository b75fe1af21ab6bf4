"""Peers that run on Node: a process that does as many pieces of work as it is told, and says how long they took."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


class Told:
    """A child that reads a number from a line and answers with one line of JSON when that much work is done.

    Raises ChildProcessError, with the child's own last words, when it does not start or gives up.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.hello = self._answer()

    def do(self, count: int) -> dict[str, Any]:
        assert self._process.stdin
        print(count, file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """Ends the child and reaps it."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        assert self._process.stderr
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        words = self._process.stderr.read().strip().splitlines()
        raise ChildProcessError(next((word for word in words if "Error" in word), words[-1] if words else "no answer"))


def node(script: str, *arguments: str) -> Told:
    if not MODULES.is_dir():
        raise ChildProcessError("not installed: npm ci --prefix benchmarks")
    return Told(["node", str(HERE / script), *arguments])
