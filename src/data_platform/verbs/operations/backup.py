"""backup: a copy of the whole mesh as it was at one moment, while others read and publish.

The record is copied first, in one moment of its own; then the files that its versions name, which are never changed or
removes any more. What is published meanwhile is not in the copy, nor in its record.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import BadInput
from data_platform.installing import VERSION
from data_platform.keys import erasure_list
from data_platform.keys.private_files import lock_folder
from data_platform.keys.ring import LOST, NOT_IN_BACKUP
from data_platform.record.catalog import data_files, redirects, versions
from data_platform.record.catalog.versions import VersionFiles as KeptVersion
from data_platform.record.db import mesh_id
from data_platform.record.db.schema import REVISION
from data_platform.record.operations import unrestored_files
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.store import Record
from data_platform.tables.archive import (
    ArchivedFile,
    copy_file,
    copy_stored_file,
    create_atomically,
    make_private,
    measure,
    write_list,
)
from data_platform.tables.orphans import find_commit, find_stage, is_data, is_metadata, list_files
from data_platform.tables.place import get_name
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import MESH, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import BackedUp

RECORD = "record.db"
_SMALL = ("settings.toml", "mesh.id", ".gitignore", erasure_list.FILE)


@dataclass(frozen=True, slots=True)
class Backup(Request[BackedUp]):
    """Copy the mesh into a new folder; without `keys` the copy holds no readable personal data."""

    folder: str | Path
    keys: bool = False


@dataclass
class _Copied:
    files: dict[str, ArchivedFile] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def write_backup(context: Context, request: Backup) -> BackedUp:
    """Writes the backup; it appears under its name when it is whole, each file read again and compared.

    Files that versions name and that are missing from the home are listed, and stop nothing. Raises BadInput for a
    folder that already exists, and for a record in Postgres; StorageFailed, RecordFailed.
    """
    folder = Path(request.folder).expanduser().absolute()
    home = context.home.path.resolve()
    if folder.resolve() == home or home in folder.resolve().parents:
        raise BadInput(f"{folder} lies in the home itself", hint="name a folder elsewhere, best on another disk")
    copied = _Copied()
    with create_atomically(folder) as draft:
        context.record.copy_to(draft / RECORD)
        _record_backup(context, folder, keys=request.keys)
        with Record.open(f"sqlite:///{draft / RECORD}") as record, record.reading() as conn:
            number = _copy_tables(context, conn, draft, copied)
            identity = mesh_id.find(conn)
        copied.files[RECORD] = measure(draft / RECORD)
        _copy_small(context, draft, copied, keys=request.keys)
        facts = {
            "mesh": identity,
            "created_at": context.clock().isoformat(),
            "release": VERSION,
            "revision": REVISION,
            "keys": request.keys,
        }
        write_list(draft, facts, copied.files)
        if request.keys:
            make_private(draft)
    size = sum(kept.bytes for kept in copied.files.values())
    return BackedUp(str(folder), len(copied.files), size, number, request.keys, tuple(copied.missing))


def _record_backup(context: Context, folder: Path, *, keys: bool) -> None:
    """Notes who copies the mesh, before its files are copied; a record that can only be read keeps nothing."""
    if not context.record.read_only:
        with context.record.transaction() as tx:
            details = {"folder": str(folder), "keys": keys}
            record_outcomes(context, tx, ActOutcome(EventKind.BACKUP_WRITTEN, MESH, details))


def _copy_tables(context: Context, conn: Connection, draft: Path, copied: _Copied) -> int:
    """Copies the files of every version that the record knows, and returns how many those are.

    The files that a rebuilt record does not explain are copied too: they may be data of lost versions.
    """
    kept = versions.list_files(conn)
    folders = {version.product: version.folder for version in redirects.list_all(conn)}
    stages = {version.stage_id for version in kept} | data_files.list_stage_ids(conn)
    commits = {find_commit(get_name(name)) for name in versions.list_metadata_names(conn)}
    unexplained = unrestored_files.list_all(conn)
    data: dict[str, int] = {}
    for key in list_files(context.storage):
        stage = find_stage(key)
        of_version = is_data(key) and stage in stages
        of_commit = is_metadata(key) and find_commit(get_name(key)) in commits
        if of_version or of_commit or key in unexplained:
            name = f"tables/{key}"
            copied.files[name] = copy_stored_file(context.storage, key, draft / name)
            if of_version and stage is not None:
                data[stage] = data.get(stage, 0) + 1
    data |= _count_recorded(conn, copied)
    for version in kept:
        copied.missing += _list_missing_files(version, folders.get(version.product, version.product), data, copied)
    return len(kept)


def _count_recorded(conn: Connection, copied: _Copied) -> dict[str, int]:
    """How many of the recorded files of each version were copied, by the stage that made the version."""
    counts: dict[str, int] = {}
    for stage, path in data_files.iterate_paths(conn):
        counts[stage] = counts.get(stage, 0) + (f"tables/{path}" in copied.files)
    return counts


def _list_missing_files(version: KeptVersion, folder: str, data: dict[str, int], copied: _Copied) -> list[str]:
    table = f"tables/{folder}/{version.output}"
    names = [f"{table}/{version.metadata_location}", f"{table}/{version.manifest_list}"]
    missing = [name for name in names if name not in copied.files]
    lost = version.files - data.get(version.stage_id, 0)
    if lost:
        missing.append(f"{table}/data/{version.stage_id}-*.parquet ({lost} of {version.files})")
    return missing


def _copy_small(context: Context, draft: Path, copied: _Copied, *, keys: bool) -> None:
    home = context.home.path
    for name in _SMALL:
        if (home / name).is_file():
            copied.files[name] = copy_file(home / name, draft / name, private=name != ".gitignore")
    if keys and (home / "keys").is_dir():
        _copy_keys(home / "keys", draft, copied)


def _copy_keys(folder: Path, draft: Path, copied: _Copied) -> None:
    """Copies the keys with the master key that wraps them: no rotation ends meanwhile, unless the home is read-only."""
    with ExitStack() as stack:
        with suppress(OSError):
            stack.enter_context(lock_folder(folder))
        for path in sorted(folder.glob("*")):
            if path.is_file() and (path.suffix == ".key" or path.name in (LOST, NOT_IN_BACKUP)):
                name = f"keys/{path.name}"
                copied.files[name] = copy_file(path, draft / name, private=True)
