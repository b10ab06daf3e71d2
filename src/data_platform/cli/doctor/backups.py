"""Checks for files that interrupted backups and restores left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from sqlalchemy import Connection

from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.record.audit_log.trail import list_backup_folders
from data_platform.tables.archive import find_interrupted

_BACKUPS = 50
"""The number of most recent backups whose target folders are checked."""


def check_backups(home: Path, conn: Connection) -> Iterator[Diagnosis]:
    """Yields a warning for each draft of an ended process beside the home and beside recent backups."""
    folders = {home.parent, *(Path(folder).parent for folder in list_backup_folders(conn, _BACKUPS))}
    for draft in (draft for folder in sorted(folders) for draft in find_interrupted(folder)):
        said = f"{draft} was left by an interrupted backup or restore"
        remedy = f"the next one into {draft.parent} removes it; or rm -r {quote(str(draft))}"
        yield Diagnosis("backups", State.WARNING, said, remedy)
