"""Data files are compared with their digests from time to time, so that damage is seen while a backup still helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from data_platform.engine.digests import Expected, damage
from data_platform.record import data_files, incidents
from data_platform.record.data_files import DamagedFile, DataFileRow
from data_platform.record.incidents import Stroke
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.policy_incidents import Settled
from data_platform.verbs.reach import reach

DATA_DAMAGED = "data damaged"
EVERY = timedelta(days=1)
"""How long a file that was checked is left alone."""
_BYTES = 256 << 20
"""What one tick reads, but for the file that exceeds it: a quarter of a second's work."""
_FILES = 1_000


def check_data_files(mesh: Mesh) -> int:
    """Compares the files that were checked longest ago with their digests, and records it; how many they are."""
    now = mesh.clock()
    with mesh.record.reading() as conn:
        due = data_files.due(conn, now - EVERY, _FILES)
    checked = [(file, damage(Expected(str(mesh.tables / file.path), file.bytes, file.digest))) for file in _part(due)]
    if checked:
        with mesh.record.transaction() as tx:
            for file, wrong in checked:
                data_files.record_check(tx, file.path, now, wrong)
    return len(checked)


def _part(due: Sequence[DataFileRow]) -> Iterator[DataFileRow]:
    left = _BYTES
    for file in due:
        if left <= 0:
            return
        left -= file.bytes
        yield file


def settle(mesh: Mesh, tx: Connection) -> Settled:
    """Makes the open incidents of damaged data those of the outputs that have damaged files now."""
    damaged = {(file.product, file.output): file for file in reversed(data_files.damaged(tx))}
    known = {
        (each.product, each.output): each.id
        for each in incidents.history(tx, open_only=True)
        if each.cause == DATA_DAMAGED
    }
    now, by, done = mesh.clock(), mesh.principal.name, Settled()
    strokes = [
        Stroke(*port, DATA_DAMAGED, _summary(file), reach(tx, *port, now).severity)
        for port, file in damaged.items()
        if port not in known
    ]
    over = [id for port, id in known.items() if port not in damaged]
    done.opened += incidents.hold(tx, strokes, now, by)
    done.resolved += incidents.resolve_these(tx, over, now, by, "its files are as they were published") if over else ()
    return done


def _summary(file: DamagedFile) -> str:
    return f"version {file.version}: {file.path} {file.damage}; restore it from a backup, or publish again"
