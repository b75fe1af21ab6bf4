from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from walletpass.database import Row, new_id


class Cloakroom(Row, table=True):
    """A counter with hooks behind it. ``position`` is its place in lists."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "venue_id"], ["venue.program_id", "venue.id"]),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    venue_id: str = Field(max_length=26)
    name: str = Field(max_length=40)
    position: int = 0
    in_use: bool = True


class Hook(Row, table=True):
    """Where things hang; also a shelf or a stand, with room for ``capacity`` of them. ``zone`` and ``number`` make the ``label``.

    Low numbers are nearest to the counter. ``kinds`` are those that it takes, none: any. ``taken`` counts what hangs, and what was
    pulled and comes back.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "cloakroom_id"], ["cloakroom.program_id", "cloakroom.id"]),
        Index("uq_hook_label", "program_id", "cloakroom_id", "label", unique=True),
        CheckConstraint("capacity BETWEEN 1 AND 50", name="capacity"),
        # Two attendants on the last hook: the second update fails here, whatever the code before it believed.
        CheckConstraint("0 <= taken AND taken <= capacity", name="taken"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    cloakroom_id: str = Field(max_length=26)
    zone: str = Field(max_length=3)
    number: int
    label: str = Field(max_length=8)
    capacity: int = 1
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    taken: int = 0
    in_use: bool = True

    @property
    def free(self) -> int:
        return self.capacity - self.taken if self.in_use else 0


class Price(Row, table=True):
    """What it costs to leave a thing of this kind, in minor units. A kind without a row is free."""

    __tablename__ = "coat_price"
    __table_args__ = (ForeignKeyConstraint(["program_id"], ["program.id"]), CheckConstraint("amount > 0", name="amount"))

    kind: str = Field(primary_key=True, max_length=10)
    amount: int
