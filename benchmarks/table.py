"""Tables as the README shows them."""

import os
import platform
import resource
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> None:
    """Print a Markdown table under a line that says when and where; the first column is left, the others right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    print(f"\n{title}")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {_cores()} cores, Python {platform.python_version()}\n")
    print(_line(head, widths))
    print("|" + "|".join("-" * (width + 2) if not at else "-" * (width + 1) + ":" for at, width in enumerate(widths)) + "|")
    for row in rows:
        print(_line(row, widths))
    print()
    for note in notes:
        print(f"- {note}")


def figure(value: float) -> str:
    """Three digits that matter."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(seconds: Iterable[float]) -> tuple[float, float, float]:
    """Milliseconds: what half of them and what 99 of a hundred did not exceed, and the slowest."""
    every = sorted(one * 1000 for one in seconds)
    return every[len(every) // 2], every[int(0.99 * (len(every) - 1))], every[-1]


def goal(words: str, reached: float, wanted: float, *, most: bool = False) -> str:
    met = reached <= wanted if most else reached >= wanted
    return f"{words}: {reached:.3g} (goal {'at most' if most else 'at least'} {wanted:g}: {'met' if met else 'MISSED'})"


def resident() -> float:
    """MiB of this process in memory now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * resource.getpagesize() / 2**20


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [text.rjust(width) if at else text.ljust(width) for at, (text, width) in enumerate(zip(row, widths, strict=True))]
    return "| " + " | ".join(cells) + " |"
