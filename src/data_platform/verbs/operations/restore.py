"""restore: a home made from a backup, where there is none; it appears under its name when it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_platform.errors import BadInput, StorageFailed
from data_platform.keys.opening import open_keyring
from data_platform.keys.ring import NOT_IN_BACKUP
from data_platform.record.db.schema import REVISION
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.store import Record
from data_platform.settings import Home, load_settings, resolve_identity
from data_platform.settings.disk import replace_file
from data_platform.tables.archive import copy_file, create_atomically, read_list
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.core.record_opening import open_record
from data_platform.verbs.events.outcomes import MESH, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.operations.backup import RECORD
from data_platform.verbs.results import Restored


def restore_backup(folder: Path, place: Path) -> Restored:
    """Makes the home `place` of the backup in `folder`, every file compared with what the backup was written with.

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
        home = Home(draft)
        if load_settings(home).record_url is None:
            _record_restore(home, folder, facts)
    return Restored(str(place), len(files), sum(kept.bytes for kept in files.values()), bool(facts.get("keys")))


def _mark_missing_keys(home: Path, folder: Path) -> None:
    """Leaves a file that distinguishes keys left out of the backup from erased ones."""
    keys = home / "keys"
    with convert_storage_errors(f"cannot write {keys}"):
        keys.mkdir(mode=0o700, exist_ok=True)
        replace_file(keys / NOT_IN_BACKUP, f"restored from {folder}, a backup without keys\n".encode(), 0o600)


def _record_restore(home: Home, folder: Path, facts: Mapping[str, Any]) -> None:
    """Notes in the restored record who made it a home, and of which backup."""
    settings = load_settings(home)
    with open_record(home, settings) as record:
        mesh = Mesh(home, settings, record, open_keyring(home, settings))
        context = Context(mesh, Caller(resolve_identity()))
        with record.transaction() as tx:
            details = {"folder": str(folder), "of": str(facts.get("created_at")), "keys": bool(facts.get("keys"))}
            record_outcomes(context, tx, ActOutcome(EventKind.BACKUP_RESTORED, MESH, details))
