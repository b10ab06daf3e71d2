"""Runs that are not heard from any more."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record.operations import runs
from data_platform.record.operations.runs import RunRow
from data_platform.verbs.core import audit_entries
from data_platform.verbs.core.audit_entries import Act
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.resolve import OutputLabels
from data_platform.verbs.results.runs import RunInfo
from data_platform.verbs.runs.run_info import build_run_info, find_cutoff


def record_lost_runs(context: Context) -> tuple[RunInfo, ...]:
    """Records the end of every overdue run, and returns the lost ones."""
    with context.record.transaction() as tx:
        settled = settle_overdue_runs(context, tx)
        labels = OutputLabels(tx) if settled else None
    return tuple(build_run_info(row, labels) for row in settled if labels and row.state == runs.LOST)


def settle_overdue_runs(context: Context, tx: Connection) -> tuple[RunRow, ...]:
    """Records the end of every overdue run in the caller's transaction: from then on the run cannot publish."""
    settled = runs.settle_overdue(tx, find_cutoff(context), context.clock())
    for row in settled:
        record_run_act(context, tx, row, row.state)
    return settled


def record_run_act(context: Context, tx: Connection, row: RunRow, did: str) -> None:
    """The audit entry of a run's start or end; the text of an error is not part of it."""
    audit_entries.record(
        context,
        tx,
        Act.RUN,
        f"{row.product}.{row.output}",
        run=row.id,
        did=did,
        attempt=row.attempt,
        scheduled_for=row.scheduled_for,
        version=row.version,
        kind=row.error_kind,
    )
