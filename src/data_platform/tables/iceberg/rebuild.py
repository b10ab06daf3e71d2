"""Checks the metadata of a version against the record, and rebuilds it from the record and the data files.

Rebuilt metadata keeps its file names, because the record refers to them: the manifests are written beside the old
ones, and the manifest list and the table's metadata are each replaced in one step.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.errors import StorageFailed
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.corruption import MetadataDamaged
from data_platform.tables.iceberg.commit import Contents, find_base, with_contract, with_snapshot
from data_platform.tables.iceberg.metadata_files import CommitFiles
from data_platform.tables.iceberg.read import Extent, list_data_files, load, read_live_entries
from data_platform.tables.iceberg.snapshot import write_snapshot
from data_platform.tables.orphans import find_commit
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.staging.floats import list_float_leaves
from data_platform.tables.staging.stage import Staged, StagedFile, list_row_group_offsets
from data_platform.tables.staging.statistics import LeafStatistics, read_footer_statistics
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import Storage, require_inside
from data_platform.tables.storage.reader import StoredFileReader


@dataclass(frozen=True, slots=True)
class RecordedVersion:
    """The recorded facts about a version."""

    version: int
    stage_id: str
    snapshot_id: int
    metadata_location: str
    manifest_list: str
    rows: int
    bytes: int
    files: int
    published_at: datetime
    keys: frozenset[str] | None = None
    """Its data files; None where they are not recorded, and all are of its own stage."""

    @property
    def extent(self) -> Extent:
        """The extent that its metadata must have."""
        return Extent(self.stage_id, self.files, self.rows, self.keys)


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that differs from the record; `is_data`: it is a data file, which cannot be rebuilt."""

    path: str
    why: str
    is_data: bool = False


def find_damage(place: TablePlace, version: RecordedVersion, data: Sequence[Damage] | None = None) -> list[Damage]:
    """The damage of the files of a version: metadata is read and compared; `data` is the known damage of data files.

    If `data` is None, the sizes of the data files are compared.
    """
    damage = [*(_find_data_damage(place, version) if data is None else data)]
    read_live_entries.cache_clear()
    try:
        if load(place, version.metadata_location).current_snapshot_id != version.snapshot_id:
            why = "is damaged: its snapshot is another one than the record says"
            raise MetadataDamaged(place.locate(f"{place.key}/{version.metadata_location}"), why)
    except MetadataDamaged as error:
        damage.append(Damage(error.location, error.why))
    try:
        list_data_files(place, version.manifest_list, version.extent)
    except MetadataDamaged as error:
        damage.append(Damage(error.location, error.why))
    return damage


def _find_data_damage(place: TablePlace, version: RecordedVersion) -> Iterator[Damage]:
    files = list_data_keys(place, version)
    if len(files) != version.files:
        name = place.locate(f"{place.data}/*.parquet" if version.keys else f"{place.data}/{version.stage_id}-*.parquet")
        yield Damage(name, f"{len(files)} of {version.files} data files are there", is_data=True)
    elif (size := sum(place.storage.describe(key).size for key in files)) != version.bytes:
        names = ", ".join(map(place.locate, files[:3]))
        yield Damage(names, f"the data has {size:,} bytes, and was written with {version.bytes:,}", is_data=True)


def list_data_keys(place: TablePlace, version: RecordedVersion) -> list[str]:
    """The data files of the version that are there, by name."""
    named = place.storage.list(f"{place.data}/" if version.keys else f"{place.data}/{version.stage_id}-")
    return sorted(key for key in named if (key in version.keys if version.keys else key.endswith(".parquet")))


def read_data(
    place: TablePlace, stage_id: str, keys: Iterable[str], schema: TableSchema, partition_by: tuple[str, ...]
) -> Staged:
    """The data files of the version that a stage made, from their footers. Raises StorageFailed."""
    files = [_read_staged_file(place.storage, key, schema, partition_by) for key in keys]
    return Staged(place, stage_id, tuple(files))


def _read_staged_file(storage: Storage, key: str, schema: TableSchema, partition_by: tuple[str, ...]) -> StagedFile:
    try:
        size = storage.describe(key).size
        with pq.ParquetFile(StoredFileReader(storage, key)) as file:
            footer = file.metadata
            partition: tuple[Any, ...] = ()
            if partition_by:
                first = file.read_row_group(0, columns=list(partition_by)).slice(0, 1).to_pylist()
                partition = tuple(first[0][name] for name in partition_by) if first else (None,) * len(partition_by)
            leaves = _drop_float_bounds(read_footer_statistics(footer, schema.masked), schema)
            offsets = list_row_group_offsets(footer, schema.masked)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        what = f"the data file {locate(storage, key)} is damaged: {error}"
        raise StorageFailed(what, hint="take it from a backup") from error
    return StagedFile(key, footer.num_rows, size, partition, leaves, offsets, "", {})


def _drop_float_bounds(leaves: dict[str, LeafStatistics], schema: TableSchema) -> dict[str, LeafStatistics]:
    """Drops float bounds: a footer does not say whether there are NaN values, which its bounds ignore."""
    floats = set(list_float_leaves(schema))
    return {path: replace(leaf, lower=None, upper=None) if path in floats else leaf for path, leaf in leaves.items()}


def _resolve_recorded(place: TablePlace, name: str) -> str:
    try:
        return require_inside(f"{place.key}/{name}")
    except ValueError as error:
        hint = "restore the record from a backup, or data-platform doctor --rebuild"
        raise StorageFailed(f"the record of {place.product}.{place.output} is damaged: {error}", hint=hint) from error


def rebuild(place: TablePlace, version: RecordedVersion, contents: Contents, earlier: Sequence[str]) -> None:
    """Rewrites the metadata of a version, on top of the newest readable one of the `earlier` versions.

    `contents` has the staged files from `read_data`; raises StorageFailed if they differ from the record, or if the
    record names files outside of the storage.
    """
    staged = contents.staged
    final, metadata = (_resolve_recorded(place, name) for name in (version.manifest_list, version.metadata_location))
    if (staged.rows, staged.bytes, len(staged.files)) != (version.rows, version.bytes, version.files):
        raise StorageFailed(
            f"version {version.version} of {place.product}.{place.output} cannot be rewritten: its data files have "
            f"{staged.rows} rows in {len(staged.files)} files, and were written with {version.rows} in {version.files}",
            hint="take them from a backup",
        )
    commit = find_commit(get_name(version.metadata_location)) or version.stage_id
    with convert_storage_errors(f"cannot write the metadata of {place.product}.{place.output}"):
        base = earlier[0] if earlier else None
        old, _ = find_base(place, base, contents, lambda: earlier[1:])
        table = with_contract(old, contents, version.version)
        part, now = f"{commit}-{secrets.token_hex(4)}", version.published_at
        snapshot = write_snapshot(CommitFiles(place), table, staged, part, version.version, now, version.snapshot_id)
        draft = f"{place.metadata}/{get_name(snapshot.manifest_list)}"
        storage = place.storage
        storage.replace(final, storage.read(draft))
        storage.delete(draft)
        snapshot = snapshot.model_copy(update={"manifest_list": place.locate(final)})
        new = with_snapshot(table, snapshot, place, base, old.last_updated_ms)
        storage.replace(metadata, new.model_dump_json(exclude_none=True).encode())
    read_live_entries.cache_clear()
