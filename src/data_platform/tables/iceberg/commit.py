"""Prepares the swap: new Iceberg metadata beside the old, invisible until the record's pointer names it.

Format: Iceberg v2, https://iceberg.apache.org/spec/#table-metadata-and-snapshots. Each version is one snapshot with a
manifest of added files, those of files that it keeps and, when it replaces rows, one that marks the replaced files as
deleted; the next snapshot drops that one. Why not pyiceberg's own commit: docs/adr/0002.
"""

from __future__ import annotations

import contextlib
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadataV2
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRef, SnapshotRefType
from pyiceberg.table.snapshots import MetadataLogEntry, Snapshot, SnapshotLogEntry
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER

from data_platform.spec.schema.types import FieldIds, TableSchema
from data_platform.tables.corruption import MetadataDamaged
from data_platform.tables.iceberg.metadata_files import CommitFiles, remove_metadata
from data_platform.tables.iceberg.partition_spec import build_partition_spec
from data_platform.tables.iceberg.read import load
from data_platform.tables.iceberg.schema import to_iceberg
from data_platform.tables.iceberg.snapshot import write_snapshot
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.staging.stage import Staged
from data_platform.tables.storage.errors import convert_storage_errors

KEPT_SNAPSHOTS = 50
TRY_BYTES = 4
"""A commit's id is its stage's, and this many random bytes as hex: a lost swap is prepared again with others."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PointerSwap:
    """The step that makes a version visible: `new` metadata replaces `old` (None for a first version).

    `files` are the metadata files written for it, by name in the metadata folder, each with its size.
    `damaged` is the damage of the last version's metadata, if the version is based on an earlier one because of it.
    """

    old: str | None
    new: str
    manifest_list: str
    snapshot_id: int
    version: int
    files: tuple[tuple[str, int], ...] = ()
    damaged: str | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What the new version consists of: the staged files, and of those of the version before the `kept` names."""

    staged: Staged
    schema: TableSchema
    ids: FieldIds
    last_column_id: int
    partition_by: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts about the product in the table's properties, from which a lost record can be rebuilt."""
    kept: frozenset[str] = frozenset()


def prepare(
    place: TablePlace,
    base: str | None,
    version: int,
    contents: Contents,
    now: datetime,
    earlier: Callable[[], Sequence[str]] = tuple,
) -> PointerSwap:
    """Writes manifests, manifest list and metadata of `version` on top of `base`, names relative to the table's folder.

    If `base` is damaged, the version is based on the first of the `earlier` ones, newest first, that can be read; one
    that keeps files is not.

    Raises StorageFailed. `discard` removes the files of a lost swap. All file names contain the stage, so that its
    lease protects them until the swap.
    """
    commit = contents.staged.stage_id + secrets.token_hex(TRY_BYTES)
    name = f"{version:05d}-{commit}.metadata.json"
    files = CommitFiles(place)
    try:
        with convert_storage_errors(f"cannot write the metadata of {place.product}.{place.output}"):
            old, damaged = find_base(place, base, contents, earlier)
            table = with_contract(old, contents, version)
            snapshot = write_snapshot(files, table, contents.staged, commit, version, now, kept=contents.kept)
            new = with_snapshot(table, snapshot, place, base, old.last_updated_ms)
            files.put(name, new.model_dump_json(exclude_none=True).encode())
            files.sync()
    except BaseException:
        files.remove()
        raise
    manifest_list = f"metadata/{get_name(snapshot.manifest_list)}"
    return PointerSwap(base, f"metadata/{name}", manifest_list, snapshot.snapshot_id, version, files.sizes, damaged)


def discard(place: TablePlace, swap: PointerSwap) -> None:
    """Removes the metadata of a lost swap; data files are kept for the next try."""
    remove_metadata(place, [name for name, _ in swap.files])


def find_missing(place: TablePlace, swap: PointerSwap, staged: Staged) -> str | None:
    """The first file of the version that is missing or has another size than written; None if all are present."""
    wanted = [(f"{place.metadata}/{name}", size) for name, size in swap.files]
    wanted += [(file.key, file.bytes) for file in staged.files]
    return next((place.locate(key) for key, size in wanted if not place.is_whole(key, size)), None)


def find_base(
    place: TablePlace, base: str | None, contents: Contents, earlier: Callable[[], Sequence[str]]
) -> tuple[TableMetadataV2, str | None]:
    """The table at `base`, or else at the newest readable one of the `earlier` versions; and the damage of `base`."""
    if base is None:
        return _make_empty(place, contents), None
    try:
        return load(place, base), None
    except MetadataDamaged as error:
        if contents.kept:
            raise
        damage = error.message
    for location in earlier():
        with contextlib.suppress(MetadataDamaged):
            return load(place, location), damage
    return _make_empty(place, contents), damage


def _make_empty(place: TablePlace, contents: Contents) -> TableMetadataV2:
    schema = to_iceberg(contents.schema, contents.ids, schema_id=0)
    spec = build_partition_spec(contents.ids, contents.partition_by)
    return TableMetadataV2(
        table_uuid=uuid.uuid4(),
        location=place.location,
        last_updated_ms=0,
        last_column_id=contents.last_column_id,
        schemas=[schema],
        current_schema_id=0,
        partition_specs=[spec],
        default_spec_id=0,
        last_partition_id=max(999, spec.last_assigned_field_id),
        sort_orders=[UNSORTED_SORT_ORDER],
        default_sort_order_id=0,
        properties={
            "write.parquet.compression-codec": "zstd",
            "schema.name-mapping.default": schema.name_mapping.model_dump_json(),
        },
    )


def with_contract(table: TableMetadataV2, contents: Contents, version: int) -> TableMetadataV2:
    """The table before `version`, with the schema and partitions of its contract, each added if it is new."""
    schema = _find_schema(table.schemas, to_iceberg(contents.schema, contents.ids, _find_next_schema(table)))
    spec = build_partition_spec(contents.ids, contents.partition_by, table.partition_specs)
    sealed = {f"write.metadata.metrics.column.{name}": "none" for name in contents.schema.masked}
    return table.model_copy(
        update={
            "schemas": _append_new(table.schemas, schema),
            "current_schema_id": schema.schema_id,
            "last_sequence_number": max(table.last_sequence_number, version - 1),
            "last_column_id": max(table.last_column_id, contents.last_column_id),
            "partition_specs": _append_new(table.partition_specs, spec),
            "default_spec_id": spec.spec_id,
            "last_partition_id": max(table.last_partition_id or 999, spec.last_assigned_field_id),
            "properties": {
                **table.properties,
                **sealed,
                **{f"data-platform.{name}": value for name, value in contents.facts.items()},
                "schema.name-mapping.default": schema.name_mapping.model_dump_json(),
            },
        }
    )


def _find_next_schema(table: TableMetadataV2) -> int:
    return 1 + max(schema.schema_id for schema in table.schemas)


def _find_schema(schemas: Sequence[Schema], wanted: Schema) -> Schema:
    return next((schema for schema in schemas if schema.fields == wanted.fields), wanted)


def _append_new(items: list[_T], item: _T) -> list[_T]:
    return items if item in items else [*items, item]


def with_snapshot(
    table: TableMetadataV2, snapshot: Snapshot, place: TablePlace, base: str | None, last_updated_ms: int
) -> TableMetadataV2:
    """The table with the new snapshot as head of main; the last KEPT_SNAPSHOTS are kept, also in the logs."""
    kept = [*table.snapshots, snapshot][-KEPT_SNAPSHOTS:]
    log = [
        *table.snapshot_log,
        SnapshotLogEntry(snapshot_id=snapshot.snapshot_id, timestamp_ms=snapshot.timestamp_ms),
    ]
    before = list(table.metadata_log)
    if base:
        before.append(MetadataLogEntry(metadata_file=f"{place.location}/{base}", timestamp_ms=last_updated_ms))
    return table.model_copy(
        update={
            "location": place.location,
            "last_updated_ms": snapshot.timestamp_ms,
            "last_sequence_number": snapshot.sequence_number,
            "current_snapshot_id": snapshot.snapshot_id,
            "snapshots": kept,
            "snapshot_log": log[-len(kept) :],
            "metadata_log": before[-KEPT_SNAPSHOTS:],
            "refs": {MAIN_BRANCH: _make_branch(snapshot)},
        }
    )


def _make_branch(snapshot: Snapshot) -> SnapshotRef:
    return SnapshotRef.model_validate({"snapshot-id": snapshot.snapshot_id, "type": SnapshotRefType.BRANCH})
