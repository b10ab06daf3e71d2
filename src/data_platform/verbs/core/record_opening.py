"""Opening the record that belongs to a home, and no other one.

The home and its record carry the same identity. A home that has been a mesh's is never given a new record: its tables
and keys would have no owner. Homes and records without an identity, of older releases, are tied to each other once,
when the tables show that they belong together. Erasures that an older record does not have are recorded again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection

from data_platform.errors import RecordFailed
from data_platform.record.catalog import outputs, redirects
from data_platform.record.db import mesh_id
from data_platform.record.operations import leases
from data_platform.record.store import Record
from data_platform.settings import Home, Settings
from data_platform.settings.mesh_id import identity_file, read_mesh_id, write_mesh_id
from data_platform.tables.orphans import find_table, list_files
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.opening import open_storage
from data_platform.tables.storage.port import Storage
from data_platform.verbs.core.listed_erasures import record_listed_erasures

LOST = (
    "put the record back, or its [record] url into settings.toml; or data-platform restore a backup; "
    "without either, data-platform doctor --rebuild makes a record from the tables' metadata"
)


def open_record(home: Home, settings: Settings) -> Record:
    """The home's record, made where both are new, and upgraded where it is older.

    Raises RecordFailed for a record that is lost or another mesh's, RecordTooNew, and StorageFailed for a damaged
    identity.
    """
    in_home = read_mesh_id(home)
    record = Record.open(record_url(home, settings), begin=in_home is None and not is_in_use(home), lost=LOST)
    with ExitStack() as unless_fitting:
        unless_fitting.callback(record.close)
        _match(home, record, in_home)
        if not record.read_only:
            record_listed_erasures(home.path, record)
        unless_fitting.pop_all()
    return record


def record_url(home: Home, settings: Settings) -> str:
    """Where the record is, with its password; raises NotFound when a variable is not set."""
    return settings.record_url.resolve_uri() if settings.record_url else f"sqlite:///{home.record_file}"


def is_in_use(home: Home) -> bool:
    """Whether a mesh has left files in its tables or keys."""
    with suppress(OSError), os.scandir(home.path / "keys") as entries:
        if any(entry.name.endswith(".key") for entry in entries):
            return True
    return next(_list_table_files(open_storage(home)), None) is not None


def _list_table_files(storage: Storage) -> Iterator[str]:
    """Data and metadata in the home's tables; a folder of all tables that is a symlink counts as what it leads to."""
    with suppress(OSError):
        yield from list_files(storage)


def _match(home: Home, record: Record, in_home: str | None) -> None:
    with record.reading() as conn:
        in_record = mesh_id.find(conn)
        in_home = in_home or read_mesh_id(home)  # another process may have begun both meanwhile
        if in_home is not None and in_home == in_record:
            return
        if in_home is not None and in_record is not None:
            raise _explain_other_mesh(home, record, f"the home is marked as {in_home}, the record as {in_record}")
        misfit = _find_misfit(home, conn)
    if misfit is not None:
        raise _explain_other_mesh(home, record, misfit)
    if record.read_only:
        return
    with record.transaction() as tx:
        agreed = mesh_id.adopt(tx, in_home or uuid4().hex, datetime.now(UTC))
    write_mesh_id(home, agreed)
    if read_mesh_id(home) != agreed:  # another process has marked it meanwhile, for another record
        raise _explain_other_mesh(home, record, f"the record is marked as {agreed}, and the home is not")


def _explain_other_mesh(home: Home, record: Record, why: str) -> RecordFailed:
    what = f"the record {record.place} is not that of the home {home.path}: {why}"
    hint = f"name the right record: [record] url in {home.settings_file}; or the right home: DATA_PLATFORM_HOME"
    if record.url.startswith("sqlite:"):
        hint = f"put this home's own record back in its place; {identity_file(home).name} says which that is"
    return RecordFailed(what, hint=f"{hint}; a backup holds both: data-platform restore")


def _find_misfit(home: Home, conn: Connection) -> str | None:
    """Why record and tables cannot be one mesh's; None where they agree, or have no identity."""
    folders = {redirect.product: redirect.folder for redirect in redirects.list_all(conn)}
    storage = open_storage(home)
    pointers = outputs.list_pointers(conn)
    newest = [f"{folders.get(product, product)}/{name}/{pointer}" for product, name, pointer in pointers]
    if newest and not any(_exists(storage, key) for key in newest):
        return f"it names {len(newest)} outputs with data, and the home has the files of none of them"
    ports = {f"{folders.get(product, product)}/{name}" for product, name, _ in outputs.list_newest_versions(conn)}
    ports |= {f"{folders.get(product, product)}/{name}" for product, name in leases.list_leased_outputs(conn)}
    strange = None
    for key in _list_table_files(storage):
        if find_table(key) in ports:
            return None
        strange = strange or f"it knows nothing of {locate(storage, key)}"
    return strange


def _exists(storage: Storage, key: str) -> bool:
    with suppress(OSError):
        storage.describe(key)
        return True
    return False
