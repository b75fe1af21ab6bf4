"""What Wallet sends to the log: which of its tasks failed, and how, counted instead of piled up.

Its lines look like ``[date] Get pass task (pass type P, serial number S, ...; with web service url U) encountered error: E``.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from walletpass import programs
from walletpass.apple.models import AppleLog
from walletpass.database import now

LINES, LINE, KEPT_LINE = 50, 1_000, 300
MOST = 500
UNKNOWN = "unknown"

DATE = re.compile(r"^\s*\[[^\]]{0,60}\]\s*")
TASK = re.compile(r"^(Register|Unregister|Get serial #s|Get pass) task \((.*?)\) encountered error: (.*)$", re.IGNORECASE)
SERVICE = re.compile(r"^Web service error for ([A-Za-z0-9._-]{1,128}) \(.*?\): (.*)$", re.IGNORECASE)
PASS_TYPE = re.compile(r"pass type ([A-Za-z0-9._-]{1,128})")
SECRET = re.compile(r"(?<=device )[^\s,;)]+|(?<=serial number )[^\s,;)]+|(?<=ApplePass )\S+|\b[0-9a-fA-F]{24,}\b")
TASKS = {"register": "register", "unregister": "unregister", "get serial #s": "list", "get pass": "fetch"}


@dataclass(frozen=True)
class Complaint:
    """``task`` is register, unregister, list, fetch, service or other."""

    pass_type: str
    task: str
    message: str


def read(body: bytes | None) -> list[Complaint]:
    """The lines of a log request; one complaint for what is too long, or no JSON."""
    if body is None:
        return [Complaint("", "other", "(a log too long to keep)")]
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return [Complaint("", "other", "(a log that is no JSON)")]
    lines = said.get("logs") if isinstance(said, dict) else None
    return [_complaint(_clean(line[:LINE])) for line in lines[:LINES] if isinstance(line, str)] if isinstance(lines, list) else []


def keep(session: Session, complaints: Sequence[Complaint]) -> None:
    """Count them, by program. Of each program the 500 heard of last are kept."""
    owners: dict[str, str] = {}
    for pass_type in sorted({complaint.pass_type for complaint in complaints}):
        program = programs.by_pass_type(session, pass_type) if pass_type else None
        owners[pass_type] = program.id if program else UNKNOWN
    counted = Counter((owners[one.pass_type], one.task, one.message) for one in complaints)
    for (program_id, task, message), times in sorted(counted.items()):
        _count(session, program_id, task, message, times)
    for program_id in sorted(set(owners.values())):
        oldest = select(AppleLog.id).where(col(AppleLog.program_id) == program_id).order_by(col(AppleLog.last_at).desc(), AppleLog.id)
        surplus = session.exec(oldest.offset(MOST)).all()
        if surplus:
            session.execute(delete(AppleLog).where(col(AppleLog.program_id) == program_id, col(AppleLog.id).in_(surplus)))


def latest(session: Session, program_id: str, limit: int = 30) -> Sequence[AppleLog]:
    found = select(AppleLog).where(col(AppleLog.program_id) == program_id)
    return session.exec(found.order_by(col(AppleLog.last_at).desc()).limit(limit)).all()


def _complaint(line: str) -> Complaint:
    line = DATE.sub("", line)
    if found := TASK.match(line):
        named = PASS_TYPE.search(found[2])
        return Complaint(named[1] if named else "", TASKS[found[1].lower()], found[3][:KEPT_LINE])
    if found := SERVICE.match(line):
        return Complaint(found[1], "service", found[2][:KEPT_LINE])
    named = PASS_TYPE.search(line)
    return Complaint(named[1] if named else "", "other", line[:KEPT_LINE])


def _clean(text: str) -> str:
    """Without control characters, device ids, serial numbers and tokens."""
    seen = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    return SECRET.sub("...", seen).strip()


def _count(session: Session, program_id: str, task: str, message: str, times: int) -> None:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    moment = now()
    name = hashlib.sha256(f"{task}\n{message}".encode()).hexdigest()[:32]
    row = dialect.insert(AppleLog).values(
        program_id=program_id, id=name, task=task, message=message, count=times, first_at=moment, last_at=moment
    )
    session.execute(
        row.on_conflict_do_update(index_elements=["program_id", "id"], set_={"count": col(AppleLog.count) + times, "last_at": moment})
    )
