"""Seals the reads of the mesh in the audit log, many in one entry."""

from __future__ import annotations

import time

from data_platform.record.audit_log import log, reads
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.outcomes import READS
from data_platform.verbs.events.recorder import build_deed

_PAUSES = (0.02, 0.08, 0.2)
"""Seconds to wait for the transactions of others to end before reads are sealed the next time."""


def seal_reads(context: Context) -> int:
    """Seals the reads since the last time in batches, and returns how many they were.

    It does not block: reads below which another transaction may still write one are left for the next time. No event
    is recorded: the reads are events themselves.
    """
    with context.record.reading() as conn:
        mark = reads.mark(conn)
    if not _is_over(context, mark):
        return 0
    sealed = 0
    while True:
        with context.record.reading() as conn:
            batch = reads.make_batch(conn, mark.id)
        if batch is None:
            return sealed
        with context.record.transaction() as tx:
            log.wait_for_others(tx)
            if reads.find_last_sealed(tx) == batch.after:  # or else another tick was quicker
                log.append(tx, build_deed(context, Act.READS, READS, batch.details))
                sealed += batch.count


def _is_over(context: Context, mark: reads.Mark) -> bool:
    for pause in (0, *_PAUSES):
        time.sleep(pause)
        with context.record.reading() as conn:
            if reads.is_final(conn, mark):
                return True
    return False
