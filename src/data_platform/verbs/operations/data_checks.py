"""Compares data files with their digests from time to time, so that damage is found while a backup has them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from data_platform.record.catalog import data_files
from data_platform.record.catalog.data_files import DamagedDataFile, DataFileRow
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import IncidentCause
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.incidents.blast_radius import find_severity
from data_platform.verbs.incidents.causes import DATA_DAMAGED
from data_platform.verbs.operations.data_comparison import check_file, has_changed, record_checks

EVERY = timedelta(days=1)
"""How long a file that was checked is left alone."""
_BYTES = 256 << 20
"""What one tick reads, but for the file that exceeds it: a quarter of a second's work."""
_FILES = 1_000
_SECONDS = 1.0
"""How long one tick looks for files that changed."""


def check_data_files(context: Context) -> int:
    """Compares files with their digests, and records it; how many they are.

    Those whose size or times changed since they were checked come first, then those that were checked longest ago.
    """
    now = context.clock()
    with context.record.reading() as conn:
        changed = {file.path: file for file in _find_changed_files(context, conn)}
        due = [file for file in data_files.list_due(conn, now - EVERY, _FILES) if file.path not in changed]
    checks = [check_file(context, file) for file in _take_part([*changed.values(), *due])]
    record_checks(context, checks, now)
    return len(checks)


def _find_changed_files(context: Context, conn: Connection) -> Iterator[DataFileRow]:
    """Files that are to be checked at once: all files are looked at, from another one each minute, for a second."""
    count = data_files.count_all(conn)
    start = int(context.clock().timestamp() // 60 * 997) % count if count else 0
    deadline = time.monotonic() + _SECONDS
    for file in data_files.iterate_from(conn, start):
        if has_changed(context, file):
            yield file
        if time.monotonic() > deadline:
            return


def _take_part(due: Sequence[DataFileRow]) -> Iterator[DataFileRow]:
    left = _BYTES
    for file in due:
        if left <= 0:
            return
        left -= file.bytes
        yield file


def update_incidents(context: Context, tx: Connection) -> IncidentChanges:
    """Makes the open incidents of damaged data those of the outputs that have damaged files now."""
    damaged = {(file.product, file.output): file for file in reversed(data_files.list_damaged(tx))}
    open_ids = {
        (incident.product, incident.output): incident.id
        for incident in incidents.list_history(tx, open_only=True)
        if incident.cause == DATA_DAMAGED
    }
    now, by, done = context.clock(), context.principal.name, IncidentChanges()
    causes = [
        IncidentCause(*port, DATA_DAMAGED, _describe_damage(file), find_severity(tx, *port, now))
        for port, file in damaged.items()
        if port not in open_ids
    ]
    over = [id for port, id in open_ids.items() if port not in damaged]
    done.opened += incidents.open_if_absent(tx, causes, now, by)
    done.resolved += incidents.resolve_by_id(tx, over, now, by, "its files are as they were published") if over else ()
    return done


def _describe_damage(file: DamagedDataFile) -> str:
    return f"version {file.version}: {file.path} {file.damage}; restore a backup, or publish again"
