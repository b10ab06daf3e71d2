"""What a change of a contract would do, before anything is registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from data_platform.errors import Violation

Verdict = Literal["new", "unchanged", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class ConsumerInfo:
    """Who relies on what changes: a product, with its owner and domain, or a person, who has neither.

    `columns` are those of the changed ones that they read, empty where that is not known. Without a `last_read` the
    product only declares the output as an input.
    """

    name: str
    owner: str | None
    domain: str | None
    columns: tuple[str, ...]
    last_read: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeInfo:
    """One change in words; `output` None: of the product."""

    subject: str
    message: str
    output: str | None = None

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


@dataclass(frozen=True, slots=True)
class BreakInfo:
    """One change that breaks those who rely on it; `refused`, or let go with a warning that `message` explains."""

    subject: str
    message: str
    output: str | None
    columns: tuple[str, ...]
    refused: bool
    consumers: tuple[ConsumerInfo, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What registering a file would do. `revision` is the current one, None for a product that is new.

    `findings` are what policies say of the product as it would be; those about change are among the `breaks`.
    `versions` says which versions to write so that the breaks may pass, or which would suit a change that only adds.
    `refusal` is why it would be refused, whatever the reason; `hint` how to correct that.
    """

    product: str
    domain: str
    owner: str
    verdict: Verdict
    revision: int | None = None
    changes: tuple[ChangeInfo, ...] = ()
    breaks: tuple[BreakInfo, ...] = ()
    findings: tuple[Violation, ...] = ()
    versions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: str | None = None
    hint: str | None = None

    @property
    def refused(self) -> bool:
        """Whether register would refuse."""
        return self.verdict == "refused"
