"""Servers as an operator starts them, beside one another: `walletpass serve`, and a Flask that does nothing under the same gunicorn."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from walletpass.config import Settings

NAMES = ("secret_keys", "base_url", "database_url", "certs_dir", "port", "log_level", "apns_url")


@contextmanager
def walletpass(settings: Settings, port: int, processes: int = 1) -> Iterator[int]:
    """Its process id. Without delivery: what leaves the house is measured elsewhere."""
    told: dict[str, Any] = {name: getattr(settings, name) for name in NAMES}
    told |= {"port": port, "embedded_worker": "off", "processes": processes}
    with _running(["-m", "walletpass", "serve"], port, {f"WALLETPASS_{name.upper()}": str(value) for name, value in told.items()}) as pid:
        yield pid


@contextmanager
def nothing(port: int, processes: int = 1) -> Iterator[int]:
    gunicorn = ["-m", "gunicorn", "-k", "gthread", "--threads", "16", "-w", str(processes), "-b", f"127.0.0.1:{port}"]
    with _running([*gunicorn, "--no-control-socket", "benchmarks.noop:app"], port, {}) as pid:
        yield pid


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def cpu(pid: int) -> float:
    """CPU seconds of a server so far, with the processes that it started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu(int(child)) for child in children)


@contextmanager
def _running(arguments: list[str], port: int, more: dict[str, str]) -> Iterator[int]:
    """A server of ours on that port, gone at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLETPASS_")} | more
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            assert process.poll() is None, f"{' '.join(arguments)} did not start"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)
