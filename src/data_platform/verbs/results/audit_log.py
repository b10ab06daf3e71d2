"""What the audit log answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data_platform.spec.runtime_types import Checked


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act: who did it to what, when, and through which interface of which host.

    `hash` is the SHA-256 of `entry`, the canonical JSON of all this with the hash of the entry before it. For who does
    not find every product, rules of hidden ones are left out of both, and `hash` is that of the whole text.
    """

    number: int
    at: datetime
    by: str
    verified: bool
    act: str
    subject: str
    details: Mapping[str, Any]
    door: str
    host: str
    user: str
    hash: str
    entry: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """Whether the log is as it was written: `entries` hold, up to the one of `at`, which has that hash.

    `broken` is the number of the first entry that does not hold, and `reason` says why. `reads` are sealed in the
    entries that hold, `unsealed` are the reads that no entry covers yet.
    """

    ok: bool
    entries: int
    hash: str
    at: datetime | None
    reads: int
    unsealed: int
    broken: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AuditAnchor(Checked):
    """The last entry, to keep where no writer of the record can reach it."""

    number: int
    hash: str
    at: datetime
