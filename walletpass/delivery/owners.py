"""Who holds a claimed row: a name that can be asked, later and on this machine, whether its process still lives.

    <host>:<place>:<pid>:<start>:<thread>

``place`` stands for this boot of this machine and its space of process ids, so that nobody judges a process of another container;
``start`` is when the process began (proc(5)), so that another one with the same number is not taken for it.
"""

import hashlib
import os
import socket
import threading
from functools import cache
from pathlib import Path

PROC = Path("/proc")
ENDED = ("Z", "X")


def name() -> str:
    """Of this thread; at most 64 characters."""
    _, start = _stat(os.getpid())
    return f"{socket.gethostname()[:16]}:{_place()}:{os.getpid()}:{start}:{threading.get_native_id()}"


def is_gone(owner: str) -> bool:
    """True only of a process that surely ended: it ran here, and is not there any more."""
    parts = owner.rsplit(":", 4)[1:]
    if len(parts) != 4 or not _place() or parts[0] != _place() or not all(part.isdigit() and int(part) for part in parts[1:]):
        return False
    pid, began = int(parts[1]), int(parts[2])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    state, start = _stat(pid)
    return state in ENDED or start not in (0, began)


@cache
def _place() -> str:
    """Empty where there is no /proc to ask."""
    try:
        said = (PROC / "sys/kernel/random/boot_id").read_text() + str((PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return ""
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _stat(pid: int) -> tuple[str, int]:
    """Its state, and when it began in ticks since the boot; 0 for what cannot be known."""
    try:
        said = (PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return "", 0
    state, *rest = said.rpartition(")")[2].split()
    return state, int(rest[18])
