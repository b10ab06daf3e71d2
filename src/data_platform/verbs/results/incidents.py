"""What went wrong, what happened to it, and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_platform.sentences import Sentence

WHOLE = "*"
"""Where an incident names its output: it is about the product as a whole."""


@dataclass(frozen=True, slots=True)
class IncidentInfo:
    """Something that went wrong with an output, from its first occurrence to its end; `id` names it in commands.

    `severity` is low, medium, high or critical, and None in incidents older than severities. `summary` says what
    happened, and `title` is the kind of it, by the cause.
    """

    id: int
    product: str
    output: str
    cause: str
    summary: str
    severity: str | None
    opened_at: datetime
    resolved_at: datetime | None
    occurrences: int
    last_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_by: str | None
    title: Sentence | None = None

    @property
    def place(self) -> str:
        """What it is about: `product.output`, or the product as a whole."""
        return self.product if self.output == WHOLE else f"{self.product}.{self.output}"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One entry of a timeline: `kind` is opened, again, severity, acknowledged, comment or resolved."""

    at: datetime
    by: str
    kind: str
    text: str | None


@dataclass(frozen=True, slots=True)
class AffectedProduct:
    """A product that data of the output reaches, `distance` steps downstream; unregistered ones have no owner."""

    product: str
    domain: str | None
    owner: str | None
    distance: int


@dataclass(frozen=True, slots=True)
class AffectedReader:
    """A principal who read the output in the last 30 days."""

    principal: str
    reads: int
    last_read: datetime


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident, what happened to it (oldest first), and its blast radius: whom it reaches as things are now.

    `other_readers` counts those whose names only the owner's side and the governance see. `on_call` is who is on call
    for the product now.
    """

    incident: IncidentInfo
    timeline: tuple[IncidentEvent, ...]
    products: tuple[AffectedProduct, ...]
    readers: tuple[AffectedReader, ...]
    other_readers: int = 0
    on_call: str | None = None
