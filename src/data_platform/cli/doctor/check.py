"""One finding of the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """`warning` is in the way of some work; `failed` is wrong, and `missing` not there, without which nothing works."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """What was examined, what was found, and how to mend it where it is not well."""

    name: str
    state: State
    found: str
    mend: str | None = None
