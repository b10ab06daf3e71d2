"""The result of one check of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`warning` impairs some functions; `failed` and `missing` prevent data-platform from working."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The subject of a check, its result, and the remedy if it is not OK."""

    name: str
    state: State
    found: str
    mend: str | None = None
