"""Grants: what was approved for a principal or a team, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """A grant of one output to its holder, which is a person, a service or a team.

    `columns` are those that the request named; None: all. `opens_personal_data` once a governor approved too.
    `purpose` is what the data was requested for. `ends_at` is None for a grant that has a review date instead.
    `is_break_glass`: taken without an approval, in an emergency. A grant counts from `begins_at`, up to but without
    `ends_at` and `revoked_at`; the decision compares them with its own moment.
    """

    id: str
    product: str
    output: str
    holder: str
    purpose: str
    begins_at: datetime
    ends_at: datetime | None = None
    revoked_at: datetime | None = None
    columns: frozenset[str] | None = None
    opens_personal_data: bool = False
    is_break_glass: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether the grant counts at a moment."""
        ends = [end for end in (self.ends_at, self.revoked_at) if end is not None]
        return self.begins_at <= now and all(now < end for end in ends)
