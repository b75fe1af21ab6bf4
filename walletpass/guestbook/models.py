from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field

from walletpass.database import Row, Time, new_id, now


class Stage(StrEnum):
    RECEIVING = "receiving"
    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


STAGES = ", ".join(f"'{stage}'" for stage in Stage)


class ImportJob(Row, table=True):
    """A file of guests on its way into the base.

    ``size`` is bytes, ``total`` lines; ``reached`` is the last line that is settled, written with the guests of that line, so
    that a killed import goes on behind it. ``fresh``, ``known`` and ``refused`` count lines of the check, and then of the import
    itself. While it is worked at it belongs to ``owner`` until ``lease_until``. ``mapping`` says in which columns what stands.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id"], ["program.id"]),
        CheckConstraint(f"stage IN ({STAGES})", name="stage"),
        Index("ix_import_job_stage", "stage"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    filename: str = Field(default="", max_length=120)
    stage: str = Field(default=Stage.RECEIVING, max_length=10)
    reason: str = Field(default="", max_length=200)
    size: int = Field(default=0, sa_type=BigInteger)
    pieces: int = 0
    encoding: str = Field(default="", max_length=12)
    delimiter: str = Field(default=",", max_length=1)
    header: bool = True
    dates: str = Field(default="dmy", max_length=3)
    width: int = 0
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    invite: bool = False
    total: int = 0
    reached: int = 0
    fresh: int = 0
    known: int = 0
    refused: int = 0
    points: int = Field(default=0, sa_type=BigInteger)
    made_by: str = Field(default="", max_length=26)
    owner: str = Field(default="", max_length=64)
    lease_until: datetime | None = Field(default=None, sa_type=Time)
    created_at: datetime = Field(default_factory=now, sa_type=Time)
    done_at: datetime | None = Field(default=None, sa_type=Time)


class ImportPiece(Row, table=True):
    """A piece of an uploaded file. In the database, because whichever process goes on with a job must find it; gone with the end of
    the job."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "job_id"], ["import_job.program_id", "import_job.id"]),)

    job_id: str = Field(primary_key=True, max_length=26)
    position: int = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ImportRefusal(Row, table=True):
    """A line that made no guest, and why (`faults`). It repeats nothing of what stood there, so it can outlive the file."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "job_id"], ["import_job.program_id", "import_job.id"]),)

    job_id: str = Field(primary_key=True, max_length=26)
    line: int = Field(primary_key=True)
    field: str = Field(default="", max_length=12)
    reason: str = Field(max_length=16)


class OldNumber(Row, table=True):
    """The number of the plastic card that a guest had before."""

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        Index("ix_old_number_card", "program_id", "card_id"),
    )

    number: str = Field(primary_key=True, max_length=40)
    card_id: str = Field(max_length=26)
