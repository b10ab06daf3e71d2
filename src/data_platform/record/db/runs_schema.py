"""The table of runs: executions of pipelines."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Moment, Text

RUNS = Table(
    "runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("product", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("scheduled_for", Moment),
    Column("by", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("door", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("heartbeat_at", Moment, nullable=False),
    Column("publishing_at", Moment),
    Column("finished_at", Moment),
    Column("version", BigInteger),
    Column("error_kind", Text),
    Column("error", Text),
    Column("log", Text),
    UniqueConstraint("product", "output", "scheduled_for", "attempt"),
    Index(None, "product", "started_at"),
    Index(None, "started_at"),
    Index(None, "state", "heartbeat_at"),
)
"""One execution of a pipeline; `id` is also the stage of its version and the run of its OpenLineage events.

The unique key is the claim on an attempt of a scheduled time. It ignores NULLs, so runs without a schedule are free.
The product need not be registered yet: its first run publishes, and registers, it.
"""
