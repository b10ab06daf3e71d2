"""A major of an output, and its readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MajorReader:
    """A principal who read the major lately, or a product that declares it as input (then without a last read)."""

    who: str
    last_read: datetime | None

    def __str__(self) -> str:
        read = f"last read {self.last_read:%Y-%m-%d %H:%M}" if self.last_read else "declares it as input"
        return f"{self.who}, {read}"


@dataclass(frozen=True, slots=True)
class MajorInfo:
    """One major; `version` is its newest data version, `ends_at` its announced end, or when it was retired."""

    product: str
    output: str
    major: int
    version: int
    deprecated_at: datetime | None
    ends_at: datetime | None
    retired: bool
    readers: tuple[MajorReader, ...]
