"""What the verbs of runs answer, and how often a run must be heard from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

HEARTBEAT_SECONDS = 15
"""How often the program that runs a pipeline sends a heartbeat."""

LOST_AFTER = timedelta(minutes=2)
"""A run whose last heartbeat is older is lost."""

LONGEST_LOG = 65_536
"""The bytes (UTF-8) that are kept of the end of a log."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One execution of a pipeline; `id` is also that of its OpenLineage run.

    `state` is running, succeeded, refused (by contract, rule, policy or access), failed, or lost (no heartbeat for two
    minutes). `attempt` counts the runs of one `scheduled_for`. `publishing_at` is when its data was built; `version` is
    what it published. `error_kind` is the class of the error, and `error` says why, without values of the data.
    """

    id: str
    product: str
    output: str
    state: str
    attempt: int
    scheduled_for: datetime | None
    by: str
    door: str
    host: str
    started_at: datetime
    heartbeat_at: datetime
    publishing_at: datetime | None
    finished_at: datetime | None
    version: int | None
    error_kind: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A run, and the end of what it printed and logged; for who is not of the owner, and no admin, that is empty."""

    run: RunInfo
    log: str
