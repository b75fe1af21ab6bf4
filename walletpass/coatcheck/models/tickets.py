"""What was taken in, and everything that happened to it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, text
from sqlmodel import Field

from walletpass.coatcheck.kinds import EDGES, How, State
from walletpass.database import Row, Time, now

# A ticket that a device made while it was offline may be the guest's second one, or have a code that was given twice: people sort that
# out, and neither is refused to hang in the books where it hangs in the room.
ONE_CARD = "state = 'open' AND card_id IS NOT NULL AND NOT offline"
ONE_CODE = "state = 'open' AND code <> '' AND NOT offline"
STANDS, HERE = "state IN ('hung', 'pulled')", "state IN ('hung', 'pulled', 'kept')"
# In so many words: of a value that is handed over neither database knows that a partial index will do.
IS_HERE = text(f"coat_item.{HERE}")
STATES = ", ".join(f"'{state}'" for state in State)
HOWS = ", ".join(f"'{how}'" for how in How)
STEPS = ", ".join(f"'{was}>{became}'" for was, became in EDGES)


class Ticket(Row, table=True):
    """What one guest has left in one cloakroom. It is open while a thing of it is in the house.

    ``id`` may come from a device, so that what it does offline speaks of the same ticket. ``card_id`` is a guest's card or a wallet
    ticket; without one ``code`` has four digits. ``called_at`` is when the guest said that they are leaving.
    """

    __tablename__ = "coat_ticket"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "cloakroom_id"], ["cloakroom.program_id", "cloakroom.id"]),
        ForeignKeyConstraint(["program_id", "card_id"], ["card.program_id", "card.id"]),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index("uq_coat_ticket_card", "program_id", "cloakroom_id", "card_id", unique=True, sqlite_where=text(ONE_CARD), postgresql_where=text(ONE_CARD)),
        Index("uq_coat_ticket_code", "program_id", "cloakroom_id", "code", unique=True, sqlite_where=text(ONE_CODE), postgresql_where=text(ONE_CODE)),
        Index("ix_coat_ticket_card", "program_id", "card_id", "opened_at"),
        Index("ix_coat_ticket_open", "program_id", "cloakroom_id", "code", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("ix_coat_ticket_code", "program_id", "cloakroom_id", "code", "closed_at"),
    )  # fmt: skip

    id: str = Field(primary_key=True, max_length=64)
    cloakroom_id: str = Field(max_length=26)
    card_id: str | None = Field(default=None, max_length=26)
    code: str = Field(default="", max_length=4)
    description: str = Field(default="", max_length=120)
    state: str = Field(default="open", max_length=6)
    offline: bool = False
    opened_at: datetime = Field(default_factory=now, sa_type=Time)
    opened_by: str = Field(default="", max_length=26)
    till_id: str = Field(default="", max_length=26)
    shift_id: str = Field(default="", max_length=26)
    called_at: datetime | None = Field(default=None, sa_type=Time)
    closed_at: datetime | None = Field(default=None, sa_type=Time)


class CoatItem(Row, table=True):
    """One thing. ``hook_id`` is where it hangs or hung before it was pulled, and empty once it does not; ``hook_label`` stays.

    ``claim_id`` is a hook that it is said to hang on, and that the books have given to something else: until a person has looked, or
    that hook is free. ``confirmed`` is what was hung through the server, or what a person has looked at. ``steps`` counts its history and
    guards it. ``deed`` is the key of the offline deed that brought it, ``price`` minor units.
    """

    __table_args__ = (
        ForeignKeyConstraint(["program_id", "ticket_id"], ["coat_ticket.program_id", "coat_ticket.id"]),
        ForeignKeyConstraint(["program_id", "hook_id"], ["hook.program_id", "hook.id"]),
        ForeignKeyConstraint(["program_id", "claim_id"], ["hook.program_id", "hook.id"]),
        CheckConstraint(f"state IN ({STATES})", name="state"),
        # What is not here takes no hook, and nothing has two.
        CheckConstraint(f"(hook_id IS NULL OR claim_id IS NULL) AND ({STANDS} OR (hook_id IS NULL AND claim_id IS NULL))", name="one_hook"),
        Index("ix_coat_item_hook", "program_id", "hook_id", sqlite_where=text("hook_id IS NOT NULL"), postgresql_where=text("hook_id IS NOT NULL")),
        Index("ix_coat_item_claim", "program_id", "claim_id", sqlite_where=text("claim_id IS NOT NULL"), postgresql_where=text("claim_id IS NOT NULL")),
        Index("ix_coat_item_here", "program_id", "cloakroom_id", sqlite_where=text(HERE), postgresql_where=text(HERE)),
    )  # fmt: skip

    ticket_id: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True)
    cloakroom_id: str = Field(max_length=26)
    kind: str = Field(default="coat", max_length=10)
    hook_id: str | None = Field(default=None, max_length=26)
    claim_id: str | None = Field(default=None, max_length=26)
    hook_label: str = Field(default="", max_length=8)
    state: str = Field(default=State.HUNG, max_length=10)
    price: int = 0
    description: str = Field(default="", max_length=120)
    deed: str = Field(default="", max_length=200)
    confirmed: bool = True
    steps: int = 0
    hung_at: datetime = Field(default_factory=now, sa_type=Time)
    ended_at: datetime | None = Field(default=None, sa_type=Time)
    kept_where: str = Field(default="", max_length=80)
    told_at: datetime | None = Field(default=None, sa_type=Time)


class Step(Row, table=True):
    """Something that happened to a thing, for ever: triggers refuse UPDATE and DELETE, but ``reason`` can be emptied with its guest.

    ``at`` is the device's time, ``recorded_at`` ours. ``approved_by`` is the manager who let an override happen.
    """

    __tablename__ = "coat_step"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "ticket_id", "number"], ["coat_item.program_id", "coat_item.ticket_id", "coat_item.number"]),
        ForeignKeyConstraint(["program_id", "shift_id"], ["coat_shift.program_id", "coat_shift.id"]),
        CheckConstraint(f"was || '>' || became IN ({STEPS})", name="edge"),
        CheckConstraint(f"how IN ({HOWS})", name="how"),
        # An override has a manager; its reason goes when its guest is forgotten.
        CheckConstraint("how <> 'override' OR approved_by <> ''", name="override"),
        Index("ix_coat_step_shift", "program_id", "shift_id", "recorded_at"),
    )

    ticket_id: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    was: str = Field(default="", max_length=10)
    became: str = Field(max_length=10)
    hook_label: str = Field(default="", max_length=8)
    shift_id: str = Field(max_length=26)
    how: str = Field(max_length=10)
    reason: str = Field(default="", max_length=400)
    approved_by: str = Field(default="", max_length=26)
    staff_id: str = Field(default="", max_length=26)
    till_id: str = Field(default="", max_length=26)
    at: datetime = Field(sa_type=Time)
    recorded_at: datetime = Field(default_factory=now, sa_type=Time)


class Photo(Row, table=True):
    """What a thing looks like, while it is here."""

    __tablename__ = "coat_photo"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "ticket_id", "number"], ["coat_item.program_id", "coat_item.ticket_id", "coat_item.number"]),
    )

    ticket_id: str = Field(primary_key=True, max_length=64)
    number: int = Field(primary_key=True)
    jpeg: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    taken_at: datetime = Field(default_factory=now, sa_type=Time)


class DeadCode(Row, table=True):
    """A code or number that died with a lost phone: whoever shows it is told so. ``digest`` is an HMAC; nobody reads the code from it."""

    __table_args__ = (ForeignKeyConstraint(["program_id", "ticket_id"], ["coat_ticket.program_id", "coat_ticket.id"]),)

    digest: str = Field(primary_key=True, max_length=64)
    ticket_id: str = Field(max_length=64)
    released_by: str = Field(default="", max_length=26)
    died_at: datetime = Field(default_factory=now, sa_type=Time)
