"""Files that only we may read."""

import json
import os
from pathlib import Path
from typing import Any


def write(path: Path, content: Any) -> None:
    """Whole or not at all, and for us alone: PINs and keys stand in it."""
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text + "\n")
    part.replace(path)
