"""The shapes of webhooks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from walletpass.api.schemas import In, Out
from walletpass.events import Kind

Cursor = Annotated[str, StringConstraints(strict=True, max_length=120)]


class WebhookPath(BaseModel):
    webhook_id: str = Field(max_length=26)


class WebhookIn(In):
    url: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)] = Field(description="https, port 443.")
    kinds: list[Kind] = Field(default_factory=list, max_length=40, description="Kinds of the feed; none: every kind, new ones as well.")
    after: Cursor | None = Field(
        None, description="A cursor of the feed to begin behind; left out: from now on; empty: from its oldest event."
    )


class ReplayIn(In):
    """Either of them."""

    after: Cursor | None = Field(None, description="Tell everything behind this cursor again, in order.")
    event: Annotated[str, StringConstraints(strict=True, max_length=26)] | None = Field(None, description="Tell this event once more.")


class LogQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    before: str = Field("", max_length=26, description="The id of the last row of the page before.")


class WebhookOut(Out):
    id: str
    url: str
    kinds: list[str]
    state: Literal["active", "paused", "off"]
    reason: str = Field(description="Why it was paused; empty where somebody paused it.")
    failures: int = Field(description="Tries in a row that failed.")
    behind: int = Field(description="Events that it has not been told.")
    delivered_at: datetime | None
    due_at: datetime = Field(description="Not tried before.")
    created_at: datetime


class SecretOut(WebhookOut):
    secret: str = Field(description="The key of the signature; shown here and never again.")


class WebhooksOut(Out):
    webhooks: list[WebhookOut]


class DeliveryRow(Out):
    id: str
    event_id: str
    kind: str
    again: bool = Field(description="Asked for by somebody, beside the order of the feed.")
    state: Literal["waiting", "delivered", "failed"]
    status: int = Field(description="Of HTTP; 0: no answer.")
    reason: str
    milliseconds: int
    at: datetime


class DeliveriesOut(Out):
    deliveries: list[DeliveryRow]
