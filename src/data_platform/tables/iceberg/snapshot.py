"""One version as an Iceberg snapshot: the manifests of the files that it adds, keeps and replaces, and their list.

Format: https://iceberg.apache.org/spec/#manifests and #snapshots. Files that a version replaces are listed once as
deleted, in the snapshot that deleted them, so that engines which expire snapshots know what to remove.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Collection, Sequence
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

MOST_MANIFESTS = 16
"""So many manifests of versions before a version lists at most."""
_FILE_PATH = 1
"""The place of `file_path` among the fields of a data file."""
_CODEC: Literal["deflate"] = "deflate"  # DuckDB refuses zstd manifests


def write_snapshot(
    files: CommitFiles,
    table: TableMetadataV2,
    staged: Staged,
    commit: str,
    version: int,
    now: datetime,
    snapshot_id: int | None = None,
    kept: Collection[str] = (),
) -> Snapshot:
    """Writes the Avro files of a version that adds the staged files to the files `kept` of `table`, named by `commit`.

    Without a `snapshot_id` a new one is generated.
    """
    snapshot_id = secrets.randbits(62) if snapshot_id is None else snapshot_id
    parent = table.current_snapshot()
    before = _load_before(files.place, get_name(parent.manifest_list), kept) if parent else ()
    manifests = _write_manifests(files, table, staged, commit, snapshot_id, before, kept)
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
        summary=_make_summary(staged, before, kept, version),
        schema_id=table.current_schema_id,
    )


def _load_before(place: TablePlace, manifest_list: str, kept: Collection[str]) -> tuple[LiveEntry, ...]:
    """The data files of the version before; none if its metadata is damaged, and none of them is kept."""
    try:
        return read_live_entries(place, manifest_list)
    except MetadataDamaged:
        if kept:
            raise
        return ()


def _write_manifests(
    files: CommitFiles,
    table: TableMetadataV2,
    staged: Staged,
    commit: str,
    snapshot_id: int,
    before: Sequence[LiveEntry],
    kept: Collection[str],
) -> list[ManifestFile]:
    """The manifest of added files, and those of the files before: a manifest of which all are kept stays as it is.

    From MOST_MANIFESTS on, the others are written into one.
    """
    specs, schema = table.specs(), table.schema()
    added = [make_added_entry(staged.place, file, table.spec(), schema, snapshot_id) for file in staged.files]
    manifests = [_write_manifest(files, f"{commit}-m0", table.spec(), schema, snapshot_id, added)]
    unchanged = _list_unchanged(files.place, before, kept)
    manifests += unchanged
    paths = {manifest.manifest_path for manifest in unchanged}
    rest = [live for live in before if live.manifest.manifest_path not in paths]
    for spec_id in sorted({live.spec_id for live in rest}):
        name, of_spec = f"{commit}-d{spec_id}", [live for live in rest if live.spec_id == spec_id]
        manifests.append(_rewrite_manifest(files, name, specs[spec_id], schema, snapshot_id, of_spec, kept))
    return manifests


def _list_unchanged(place: TablePlace, before: Sequence[LiveEntry], kept: Collection[str]) -> list[ManifestFile]:
    """The manifests that the next version lists again, unless they are too many, or name files of another place."""
    manifests = {live.manifest.manifest_path: live.manifest for live in before}
    changed = {
        live.manifest.manifest_path
        for live in before
        if live.name not in kept or live.entry.data_file.file_path != place.locate(f"{place.data}/{live.name}")
    }
    unchanged = [manifest for path, manifest in manifests.items() if path not in changed]
    return unchanged if len(unchanged) < MOST_MANIFESTS else []


def _rewrite_manifest(
    files: CommitFiles,
    name: str,
    spec: PartitionSpec,
    schema: Schema,
    snapshot_id: int,
    entries: Sequence[LiveEntry],
    kept: Collection[str],
) -> ManifestFile:
    """A manifest of files of the version before: the kept ones as existing, the others as deleted."""
    place = files.place
    with write_manifest(2, spec, schema, files.new_avro(f"{name}.avro"), snapshot_id, _CODEC) as writer:
        for live in entries:
            if live.name in kept:
                writer.existing(_move_entry(place, live))
            else:
                writer.delete(live.entry)
    return writer.to_manifest_file()


def _move_entry(place: TablePlace, live: LiveEntry) -> ManifestEntry:
    """The entry with the path that its file has now: a home may be moved."""
    path = place.locate(f"{place.data}/{live.name}")
    if live.entry.data_file.file_path == path:
        return live.entry
    entry = copy.deepcopy(live.entry)
    entry.data_file[_FILE_PATH] = path
    return entry


def _write_manifest(
    files: CommitFiles,
    name: str,
    spec: PartitionSpec,
    schema: Schema,
    snapshot_id: int,
    entries: Sequence[ManifestEntry],
) -> ManifestFile:
    with write_manifest(2, spec, schema, files.new_avro(f"{name}.avro"), snapshot_id, _CODEC) as writer:
        for entry in entries:
            writer.add_entry(entry)
    return writer.to_manifest_file()


def _make_summary(staged: Staged, before: Sequence[LiveEntry], kept: Collection[str], version: int) -> Summary:
    """The changes to the version before, and the totals of this one."""
    replaced = [live.entry.data_file for live in before if live.name not in kept]
    still = [live.entry.data_file for live in before if live.name in kept]
    changes = {
        "added-data-files": len(staged.files),
        "added-records": staged.rows,
        "added-files-size": staged.bytes,
        "deleted-data-files": len(replaced),
        "deleted-records": sum(file.record_count for file in replaced),
        "removed-files-size": sum(file.file_size_in_bytes for file in replaced),
    }
    totals = {
        "total-data-files": len(staged.files) + len(still),
        "total-records": staged.rows + sum(file.record_count for file in still),
        "total-files-size": staged.bytes + sum(file.file_size_in_bytes for file in still),
        "total-delete-files": 0,
        "total-position-deletes": 0,
        "total-equality-deletes": 0,
        "data-platform.version": version,
    }
    counts = {name: count for name, count in changes.items() if count} | totals
    properties = {name: str(count) for name, count in counts.items()}
    return Summary(Operation.OVERWRITE if replaced else Operation.APPEND, **properties)
