"""The shapes of members: guests as another system knows them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from walletpass.api.schemas import In, Out

Word = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9 _.-]{0,39}$")]
Said = Annotated[str, StringConstraints(strict=True, max_length=320)]
Birthday = Annotated[
    str, StringConstraints(strict=True, max_length=10), Field(description="1990-05-17, or --05-17 without the year; empty takes it off.")
]


class ConsentIn(In):
    """Proof that somebody agreed: the text itself, or its SHA-256 where you keep the text."""

    purpose: Word = Field(description="What for: 'loyalty card', 'marketing', ...")
    version: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20)]
    language: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2}$")] = "en"
    text: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=20_000)] | None = None
    text_sha256: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")] | None = None
    channel: Literal["web", "till", "paper", "api"] = Field("api", description="Where it was said.")
    given_at: AwareDatetime | None = Field(None, description="When; now when left out.")


class ProfileIn(In):
    email: Said | None = None
    birthday: Birthday | None = None
    city: Said | None = None
    language: Literal["en", "uk", "ru"] | None = None
    consents: list[ConsentIn] = Field(default_factory=list, max_length=10)


class MemberIn(ProfileIn):
    """A phone number is enough. Without a consent to 'marketing' nobody is written to, and the member says so."""

    phone: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=40)]
    name: Said | None = None
    channel: Literal["api", "till", "paper"] = Field("api", description="Where the guest was asked.")
    invite: bool = Field(False, description="Send a new guest the card's address, where messages can be sent.")


class MemberChangeIn(ProfileIn):
    """What is left out stays as it is."""

    name: Said | None = None
    withdraw: list[Word] = Field(
        default_factory=list, max_length=10, description="Purposes that the guest agreed to, and does not any more."
    )


class ConsentOut(Out):
    purpose: str
    version: str
    language: str
    text_hash: str
    channel: str
    granted: bool = Field(description="False: taken back at this moment.")
    given_at: datetime


class MemberCardOut(BaseModel):
    id: str
    number: str
    code: str = Field(description="The digits of the QR that the till scans.")
    link: str = Field(description="The address of the card's page, with the buttons of both wallets.")
    points: int


class MemberOut(BaseModel):
    id: str
    name: str
    phone: str
    email: str
    birthday: str
    city: str
    language: str
    channel: str
    created_at: datetime
    marketing: bool = Field(description="Whether the guest agreed to be written to.")
    consents: list[ConsentOut] = Field(description="All that was ever said, oldest first.")
    card: MemberCardOut | None = Field(description="Null where the card was ended.")
    invited: bool = Field(description="Whether the card's address is on its way to the guest by this request.")


class MembersOut(BaseModel):
    members: list[MemberOut]
    next: str | None = Field(description="Give it as after to get the following ones; null at the end.")


class ErasedOut(BaseModel):
    id: str
    cards_ended: int


class MemberPath(BaseModel):
    member_id: str = Field(max_length=26)


class MembersQuery(BaseModel):
    phone: str = Field("", max_length=40, description="Only members with this number.")
    after: str = Field("", max_length=26, description="The value of next from the page before.")
    limit: int = Field(50, ge=1, le=100)


class ExportQuery(BaseModel):
    format: Literal["csv", "ndjson"] = "csv"
