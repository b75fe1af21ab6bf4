"""State on disk: whole files, written beside and moved into place, so that a crash leaves the old one or the new one."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace ``path`` atomically; ``private`` files are readable by their owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600 if private else 0o644)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def save(path: Path, value: Any) -> None:
    write(path, json.dumps(value, ensure_ascii=False).encode(), private=True)


def load(path: Path, default: Any) -> Any:
    """What was saved, or ``default`` when there is nothing (a broken file counts as nothing: the phone was wiped)."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return default
