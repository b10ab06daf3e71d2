"""One version as an Iceberg snapshot: the manifest of its files, the manifest of those it replaces, and their list.

Format: https://iceberg.apache.org/spec/#manifests and #snapshots. Files that a version replaces are listed once as
deleted, in the snapshot that deleted them, so that engines which expire snapshots know what to remove.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pyiceberg.manifest import ManifestEntry, ManifestFile, write_manifest, write_manifest_list
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadataV2
from pyiceberg.table.snapshots import Operation, Snapshot, Summary

from data_platform.tables.corruption import MetadataDamaged
from data_platform.tables.iceberg.data_file import make_added_entry
from data_platform.tables.iceberg.metadata_files import CommitFiles
from data_platform.tables.iceberg.read import LiveEntry, read_live_entries
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.staging.stage import Staged

_CODEC: Literal["deflate"] = "deflate"  # DuckDB refuses zstd manifests


def write_snapshot(
    files: CommitFiles,
    table: TableMetadataV2,
    staged: Staged,
    commit: str,
    version: int,
    now: datetime,
    snapshot_id: int | None = None,
) -> Snapshot:
    """Writes the Avro files of a version that replaces the content of `table`, all named after `commit`.

    Without a `snapshot_id` a new one is generated.
    """
    snapshot_id = secrets.randbits(62) if snapshot_id is None else snapshot_id
    parent = table.current_snapshot()
    replaced = _load_replaced(files.place, get_name(parent.manifest_list)) if parent else ()
    manifests = _write_manifests(files, table, staged, commit, snapshot_id, replaced)
    listing = files.new_avro(f"snap-{commit}.avro")
    parent_id = parent.snapshot_id if parent else None
    sequence = table.last_sequence_number + 1
    with write_manifest_list(2, listing, snapshot_id, parent_id, sequence, _CODEC) as writer:
        writer.add_manifests(manifests)
    return Snapshot(
        snapshot_id=snapshot_id,
        parent_snapshot_id=parent_id,
        sequence_number=sequence,
        timestamp_ms=max(int(now.timestamp() * 1000), table.last_updated_ms),
        manifest_list=listing.location,
        summary=_make_summary(staged, [live.entry for live in replaced], version),
        schema_id=table.current_schema_id,
    )


def _load_replaced(place: TablePlace, manifest_list: str) -> tuple[LiveEntry, ...]:
    """The data files of the version before; none if its metadata is damaged."""
    try:
        return read_live_entries(place, manifest_list)
    except MetadataDamaged:
        return ()


def _write_manifests(
    files: CommitFiles,
    table: TableMetadataV2,
    staged: Staged,
    commit: str,
    snapshot_id: int,
    replaced: Sequence[LiveEntry],
) -> list[ManifestFile]:
    specs, schema = table.specs(), table.schema()
    added = [make_added_entry(staged.place, file, table.spec(), schema, snapshot_id) for file in staged.files]
    manifests = [_write_manifest(files, f"{commit}-m0", table.spec(), schema, snapshot_id, added)]
    for spec_id in sorted({live.spec_id for live in replaced}):
        gone = [live.entry for live in replaced if live.spec_id == spec_id]
        manifests.append(
            _write_manifest(files, f"{commit}-d{spec_id}", specs[spec_id], schema, snapshot_id, gone, deleted=True)
        )
    return manifests


def _write_manifest(
    files: CommitFiles,
    name: str,
    spec: PartitionSpec,
    schema: Schema,
    snapshot_id: int,
    entries: Sequence[ManifestEntry],
    *,
    deleted: bool = False,
) -> ManifestFile:
    with write_manifest(2, spec, schema, files.new_avro(f"{name}.avro"), snapshot_id, _CODEC) as writer:
        for entry in entries:
            if deleted:
                writer.delete(entry)
            else:
                writer.add_entry(entry)
    return writer.to_manifest_file()


def _make_summary(staged: Staged, replaced: Sequence[ManifestEntry], version: int) -> Summary:
    """The summary; totals are those of this version, because each publish replaces the content."""
    files, rows, size = len(staged.files), staged.rows, staged.bytes
    changes = {
        "added-data-files": files,
        "added-records": rows,
        "added-files-size": size,
        "deleted-data-files": len(replaced),
        "deleted-records": sum(entry.data_file.record_count for entry in replaced),
        "removed-files-size": sum(entry.data_file.file_size_in_bytes for entry in replaced),
    }
    totals = {
        "total-data-files": files,
        "total-records": rows,
        "total-files-size": size,
        "total-delete-files": 0,
        "total-position-deletes": 0,
        "total-equality-deletes": 0,
        "data-platform.version": version,
    }
    counts = {name: count for name, count in changes.items() if count} | totals
    properties = {name: str(count) for name, count in counts.items()}
    return Summary(Operation.OVERWRITE if replaced else Operation.APPEND, **properties)
