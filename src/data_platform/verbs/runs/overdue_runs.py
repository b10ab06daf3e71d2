"""Runs that are not heard from any more."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.record.operations import runs
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.runs import RunRow
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results.runs import RunInfo
from data_platform.verbs.runs.run_info import build_run_info, find_cutoff

_KINDS = {
    runs.RUNNING: EventKind.RUN_STARTED,
    runs.SUCCEEDED: EventKind.RUN_SUCCEEDED,
    runs.REFUSED: EventKind.RUN_REFUSED,
    runs.FAILED: EventKind.RUN_FAILED,
    runs.LOST: EventKind.RUN_LOST,
}


def record_lost_runs(context: Context) -> tuple[RunInfo, ...]:
    """Records the end of every overdue run, and returns the lost ones."""
    with context.record.transaction() as tx:
        settled = settle_overdue_runs(context, tx)
        record_outcomes(context, tx, *map(describe_run, settled))
        labels = OutputLabels(tx) if settled else None
    return tuple(build_run_info(row, labels) for row in settled if labels and row.state == runs.LOST)


def settle_overdue_runs(context: Context, tx: Connection) -> tuple[RunRow, ...]:
    """Saves the end of every overdue run, from which on the run cannot publish; the caller records the outcomes."""
    return runs.settle_overdue(tx, find_cutoff(context), context.clock())


def describe_run(row: RunRow) -> ActOutcome:
    """The start of a run, or its end; the text of an error is not part of it."""
    details = {
        "run": row.id,
        "attempt": row.attempt,
        "scheduled_for": row.scheduled_for,
        "version": row.version,
        "kind": row.error_kind,
    }
    return ActOutcome(_KINDS[row.state], Subject(row.product, row.output), details)
