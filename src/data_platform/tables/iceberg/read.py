"""The files of a version. They are looked up beside the metadata that names them, so a home may be moved."""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyiceberg.manifest import ManifestEntry, ManifestFile, read_manifest_list
from pyiceberg.table.metadata import TableMetadataV2

from data_platform.errors import StorageFailed
from data_platform.settings.disk import read_regular
from data_platform.tables.damage import MetadataDamaged, guard_metadata
from data_platform.tables.iceberg.local_files import LocalFiles
from data_platform.tables.orphans import find_commit, find_stage
from data_platform.tables.place import TablePlace

FILES = LocalFiles()


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """A data file of a snapshot, and the id of the partition spec that it was written with."""

    spec_id: int
    entry: ManifestEntry


@dataclass(frozen=True, slots=True)
class Extent:
    """The recorded extent of a version, to compare with its metadata: its stage, and the number of files and rows."""

    stage_id: str
    files: int
    rows: int


@lru_cache(maxsize=256)
def read_live_entries(place: TablePlace, manifest_list: str) -> tuple[LiveEntry, ...]:
    """The data files of the snapshot whose manifest list has that name; cached, because such a file never changes.

    Raises MetadataDamaged. A manifest that was cut may have fewer entries than it was written with: see `data_files`.
    """
    entries: list[LiveEntry] = []
    path = place.metadata / manifest_list
    with guard_metadata(path):
        manifests = list(read_manifest_list(FILES.new_input(str(path))))
    for manifest in manifests:
        entries += _read_manifest(place, path, manifest)
    return tuple(entries)


def _read_manifest(place: TablePlace, named_by: Path, manifest: ManifestFile) -> list[LiveEntry]:
    with guard_metadata(named_by):
        path = place.metadata / Path(manifest.manifest_path).name
        spec_id = int(manifest.partition_spec_id)
    with guard_metadata(path):
        manifest[0] = str(path)
        entries = [LiveEntry(spec_id, entry) for entry in manifest.fetch_manifest_entry(FILES, discard_deleted=True)]
        for live in entries:
            file = live.entry.data_file
            if not (Path(file.file_path).name and file.record_count >= 0 and file.file_size_in_bytes >= 0):
                raise ValueError("a file without a name or a size")
    return entries


def list_data_files(place: TablePlace, manifest_list: str, extent: Extent | None = None) -> tuple[str, ...]:
    """The paths of a version's data files; `manifest_list` is relative to the table's folder.

    Raises MetadataDamaged for unreadable metadata, or if it differs from `extent`.
    """
    name = Path(manifest_list).name
    entries = read_live_entries(place, name)
    names = sorted(Path(live.entry.data_file.file_path).name for live in entries)
    paths = tuple(place.data / name for name in names)
    if extent is not None:
        rows = sum(live.entry.data_file.record_count for live in entries)
        stages = {find_stage(path) for path in paths}
        if (len(set(paths)), rows, stages) != (extent.files, extent.rows, {extent.stage_id}):
            read_live_entries.cache_clear()
            why = f"names {len(paths)} files of {rows} rows, and the version has {extent.files} of {extent.rows}"
            raise MetadataDamaged(place.metadata / name, f"or a manifest that it lists is damaged: it {why}")
    for path in paths:
        _require_regular(path)
    return tuple(map(str, paths))


def _require_regular(path: Path) -> None:
    """Raises StorageFailed for a pipe, which would block a reader; a missing file is reported by its reader."""
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise StorageFailed(f"the data file {path} is no regular file", hint="take it from a backup")


def load(place: TablePlace, metadata_location: str) -> TableMetadataV2:
    """The table's metadata at one of its versions. Raises MetadataDamaged."""
    path = place.location / metadata_location
    with guard_metadata(path):
        table = TableMetadataV2.model_validate_json(read_regular(path))
        snapshot = table.current_snapshot()
        if snapshot is None or find_commit(Path(snapshot.manifest_list).name) != find_commit(path.name):
            raise ValueError("its snapshot is another version's")
    return table
