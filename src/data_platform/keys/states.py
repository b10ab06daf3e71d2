"""What is known of a key without opening it: whether it is present, was erased, or is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class KeyState(StrEnum):
    """The state of a key: `erased` only if its erasure was requested. Any other key that is gone is missing."""

    PRESENT = "present"
    ERASED = "erased"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Erasure:
    """When a key was erased, and by whom."""

    at: datetime
    by: str

    def __str__(self) -> str:
        return f"the data is erased since {self.at:%Y-%m-%d %H:%M} UTC by {self.by}"


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The state of a key, without its material.

    `uid` identifies the present key among the successive keys of one id; `made_at` is when it was created, and `master`
    the version of the master key of `manager` that wraps it, None for a key that no master key wraps. `erasures` are
    those of earlier keys of the id, oldest first, and of this one. `renewals` is how many earlier keys open versions of
    before. `problem` says what is wrong with a file that holds no usable key.
    """

    state: KeyState
    uid: str | None = None
    made_at: datetime | None = None
    master: int | None = None
    manager: str | None = None
    erasures: tuple[Erasure, ...] = ()
    renewals: int = 0
    problem: str | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the key is gone although it was not erased."""
        return self.state is KeyState.MISSING


@dataclass(frozen=True, slots=True)
class MissingKeys:
    """The reason why a column cannot be decrypted, and the remedy; there is none for erased data."""

    reason: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """The master key's new version, the number of keys that it wraps now, and of keys that could not be identified."""

    version: int
    keys: int
    unidentified: int
