"""restore: a home made from a backup, where there is none; it appears under its name when it is complete.

Keys that were erased after the backup are erased in the new home too, before it appears: those that a home or backup of
the same mesh lists, beside the backup, beside the new home, or where the caller says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data_platform.errors import BadInput, StorageFailed
from data_platform.keys.erasure_list import append_erasures, read_erasures
from data_platform.keys.opening import open_keyring
from data_platform.keys.ring import NOT_IN_BACKUP
from data_platform.record.db.schema import REVISION
from data_platform.record.operations import key_erasures
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.store import Record
from data_platform.settings import Home, load_settings, resolve_identity
from data_platform.settings.disk import read_regular, replace_file
from data_platform.settings.mesh_id import FILE as MESH_FILE
from data_platform.tables.archive import copy_file, create_atomically, read_list
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.encryption.erasures import finish_erasures
from data_platform.verbs.core.listed_erasures import record_listed_erasures
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.record_opening import open_record
from data_platform.verbs.events.outcomes import MESH, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.operations.backup import RECORD
from data_platform.verbs.results import Restored


def restore_backup(folder: Path, place: Path, erasures: Sequence[Path] = ()) -> Restored:
    """Makes the home `place` of the backup in `folder`, every file compared with what the backup was written with.

    `erasures` are further homes or backups of the same mesh, whose erasures are applied.

    Raises BadInput for what is no whole backup and for a home that already exists, StorageFailed for a damaged file.
    """
    folder, place = folder.expanduser().absolute(), place.absolute()
    facts, files = read_list(folder)
    if str(facts.get("revision", "")) > REVISION:
        raise BadInput(f"{folder} was written by release {facts.get('release')}, which is newer than this one")
    if RECORD not in files:
        raise BadInput(f"{folder} is no whole backup: it has no {RECORD}")
    with create_atomically(place) as draft:
        for name, kept in files.items():
            if not (folder / name).is_file():
                raise StorageFailed(f"the backup {folder} is damaged: {name} is missing", hint="use another backup")
            private = name.startswith("keys/") or name in (RECORD, "settings.toml")
            if copy_file(folder / name, draft / name, private=private) != kept:
                raise StorageFailed(f"the backup {folder} is damaged: {name} has changed", hint="use another backup")
        with Record.open(f"sqlite:///{draft / RECORD}", begin=False) as record:
            record.verify()
        if not facts.get("keys"):
            _mark_missing_keys(draft, folder)
        lists = _find_erasure_lists(str(facts.get("mesh")), folder, place, erasures)
        append_erasures(draft, [entry for path in sorted(lists) for entry in read_erasures(path)])
        home = Home(draft)
        erased = _finish_restore(home, folder, facts) if load_settings(home).record_url is None else 0
    size = sum(kept.bytes for kept in files.values())
    return Restored(str(place), len(files), size, bool(facts.get("keys")), erased, len(lists - {folder, draft}))


def _find_erasure_lists(mesh: str, folder: Path, place: Path, named: Sequence[Path]) -> set[Path]:
    """The homes and backups of the mesh, which list erasures; raises BadInput for a named place of another mesh."""
    places = [path.expanduser().absolute() for path in named]
    for path in places:
        if not _is_of_mesh(path, mesh):
            raise BadInput(f"{path} is no home or backup of the mesh {mesh}", hint="name one of the same mesh")
    for parent in {folder.parent, place.parent}:
        with convert_storage_errors(f"cannot read {parent}"):
            places += [path for path in sorted(parent.iterdir()) if _is_of_mesh(path, mesh)]
    return set(places)


def _is_of_mesh(place: Path, mesh: str) -> bool:
    try:
        return read_regular(place / MESH_FILE, length=100).strip() == mesh.encode()
    except OSError:
        return False


def _mark_missing_keys(home: Path, folder: Path) -> None:
    """Leaves a file that distinguishes keys left out of the backup from erased ones."""
    keys = home / "keys"
    with convert_storage_errors(f"cannot write {keys}"):
        keys.mkdir(mode=0o700, exist_ok=True)
        replace_file(keys / NOT_IN_BACKUP, f"restored from {folder}, a backup without keys\n".encode(), 0o600)


def _finish_restore(home: Home, folder: Path, facts: Mapping[str, Any]) -> int:
    """Erases keys again, and notes in the restored record who made it a home, and of which backup.

    Returns how many erasures the backup did not have.
    """
    settings = load_settings(home)
    with Record.open(f"sqlite:///{home.record_file}", begin=False) as record:
        erased = record_listed_erasures(home.path, record)
    with open_record(home, settings) as record:
        mesh = Mesh(home, settings, record, open_keyring(home, settings))
        context = Context(mesh, Caller(resolve_identity()))
        with record.reading() as conn:
            unfinished = key_erasures.list_unfinished(conn)
        finish_erasures(context, unfinished)
        with record.transaction() as tx:
            details = {
                "folder": str(folder),
                "of": str(facts.get("created_at")),
                "keys": bool(facts.get("keys")),
                "erased": erased,
            }
            record_outcomes(context, tx, ActOutcome(EventKind.BACKUP_RESTORED, MESH, details))
    return erased
