"""The tables of runs: executions of pipelines, and what runs of other tools are reported to have read and written."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Json, Moment, Text

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

REPORTED_EDGES = Table(
    "reported_edges",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("source_product", Text),
    Column("source_output", Text),
    Column("source_namespace", Text),
    Column("source_name", Text),
    Column("target_product", Text),
    Column("target_output", Text),
    Column("target_namespace", Text),
    Column("target_name", Text),
    Column("job", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("producer", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("columns", Json, nullable=False),
    Index(None, "source_product"),
    Index(None, "target_product"),
)
"""What another tool said of a job: it read the source, and wrote the target. No fact of the mesh.

An end is an output, or a dataset elsewhere by its namespace and name. `digest` is over the ends and the job, so that a
run that comes again, and the next run of the job, replace the row. `columns` are pairs of a source's and a target's.
"""
