"""What interrupted backups and restores have left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from sqlalchemy import Connection

from data_platform.cli.doctor.check import Check, State
from data_platform.record.audit_log.trail import list_backup_folders
from data_platform.tables.archive import find_interrupted

_BACKUPS = 50
"""How many of the newest backups are looked at for the folders that they were written to."""


def check_backups(home: Path, conn: Connection) -> Iterator[Check]:
    """Drafts beside the home and beside the newest backups whose processes are gone; nothing where there are none."""
    folders = {home.parent, *(Path(folder).parent for folder in list_backup_folders(conn, _BACKUPS))}
    for draft in (draft for folder in sorted(folders) for draft in find_interrupted(folder)):
        said = f"{draft} was left by a backup or restore that was interrupted"
        remedy = f"the next one into {draft.parent} removes it; or rm -r {quote(str(draft))}"
        yield Check("backups", State.WARNING, said, remedy)
