"""Records of a read: its event, the columns that were read, and failures to read the files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection

from data_platform.engine.origin import OnFail, Reads
from data_platform.errors import RecordFailed
from data_platform.lineage.facets.envelope import Json
from data_platform.record.catalog import data_files
from data_platform.record.operations import usage
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.context import Context
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.outcomes import ActOutcome, Subject


def describe_read(context: Context, tx: Connection, product: str, output: str, version: int) -> ActOutcome:
    """A read of a version; the reader is the principal of the event, and in no message."""

    def build_body() -> list[Json]:
        return lineage_bodies.build_read_body(context, tx, product, output, version)

    return ActOutcome(EventKind.CONSUMED, Subject(product, output), {"version": version}, build_body)


def record_columns(context: Context, read_id: int | None) -> Callable[[Reads], None]:
    """Widens the recorded read by what an action reads; columns already recorded cost nothing."""
    recorded: set[str] = set()

    def record(reads: Reads) -> None:
        new = {column for columns in reads.values() for column in columns} - recorded
        if new and read_id is not None:
            with context.record.transaction() as tx:
                usage.widen(tx, read_id, sorted(new))
            recorded.update(new)

    return record


def record_failures(context: Context, read_id: int | None, stage_id: str) -> OnFail:
    """Notes that the data could not be read, and requests a check of its files.

    A record that fails too must not hide why.
    """

    def record(reason: str) -> None:
        if read_id is None:
            return
        with suppress(RecordFailed), context.record.transaction() as tx:
            usage.fail(tx, read_id, reason)
            data_files.request_check(tx, stage_id)

    return record
