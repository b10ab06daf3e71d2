"""The files of a version. They are looked up beside the metadata that names them, so a home may be moved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from pyiceberg.manifest import ManifestEntry, ManifestFile, read_manifest_list
from pyiceberg.table.metadata import TableMetadataV2

from data_platform.tables.corruption import MetadataDamaged, guard_metadata
from data_platform.tables.iceberg.metadata_files import MetadataFile, MetadataIO
from data_platform.tables.orphans import find_commit, find_stage
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.storage.port import require_inside


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """A data file of a snapshot, the id of its partition spec, and the manifest that lists it."""

    spec_id: int
    entry: ManifestEntry
    manifest: ManifestFile

    @property
    def name(self) -> str:
        """The name of the data file."""
        return get_name(self.entry.data_file.file_path)


@dataclass(frozen=True, slots=True)
class Extent:
    """The recorded extent of a version, to compare with its metadata: the number of its files and rows, and the files.

    Where the files are not recorded, `keys` is None, and all are of the version's own stage.
    """

    stage_id: str
    files: int
    rows: int
    keys: frozenset[str] | None = None

    def is_made_of(self, keys: Collection[str], rows: int) -> bool:
        """Whether these files, of so many rows in all, are those of the version."""
        if (len(set(keys)), rows) != (self.files, self.rows):
            return False
        return set(map(find_stage, keys)) == {self.stage_id} if self.keys is None else self.keys == set(keys)


@lru_cache(maxsize=256)
def read_live_entries(place: TablePlace, manifest_list: str) -> tuple[LiveEntry, ...]:
    """The data files of the snapshot whose manifest list has that name; cached, because such a file never changes.

    Raises MetadataDamaged. A manifest that was cut may have fewer entries than it was written with: see `data_files`.
    """
    entries: list[LiveEntry] = []
    key = f"{place.metadata}/{manifest_list}"
    with guard_metadata(place.storage, key):
        manifests = list(read_manifest_list(MetadataFile(place.storage, key)))
    for manifest in manifests:
        entries += _read_manifest(place, key, manifest)
    return tuple(entries)


def _read_manifest(place: TablePlace, named_by: str, manifest: ManifestFile) -> list[LiveEntry]:
    with guard_metadata(place.storage, named_by):
        key = require_inside(f"{place.metadata}/{get_name(manifest.manifest_path)}")
        spec_id = int(manifest.partition_spec_id)
    with guard_metadata(place.storage, key):
        manifest[0] = key
        content = manifest.fetch_manifest_entry(MetadataIO(place.storage), discard_deleted=True)
        entries = [LiveEntry(spec_id, entry, manifest) for entry in content]
        manifest[0] = place.locate(key)
        for live in entries:
            file = live.entry.data_file
            name = require_inside(get_name(file.file_path))
            if not (name and file.record_count >= 0 and file.file_size_in_bytes >= 0):
                raise ValueError("a file without a name or a size")
    return entries


def list_data_files(place: TablePlace, manifest_list: str, extent: Extent | None = None) -> tuple[str, ...]:
    """The keys of a version's data files; `manifest_list` is relative to the table's folder.

    Raises MetadataDamaged for unreadable metadata, or if it differs from `extent`.
    """
    name = get_name(manifest_list)
    entries = read_live_entries(place, name)
    keys = tuple(sorted(f"{place.data}/{get_name(live.entry.data_file.file_path)}" for live in entries))
    if extent is not None:
        rows = sum(live.entry.data_file.record_count for live in entries)
        if not extent.is_made_of(keys, rows):
            read_live_entries.cache_clear()
            why = f"names {len(keys)} files of {rows} rows, and the version has {extent.files} of {extent.rows}"
            location = place.locate(f"{place.metadata}/{name}")
            raise MetadataDamaged(location, f"or a manifest that it lists is damaged: it {why}")
    return keys


def load(place: TablePlace, metadata_location: str) -> TableMetadataV2:
    """The table's metadata at one of its versions. Raises MetadataDamaged."""
    key = f"{place.key}/{metadata_location}"
    with guard_metadata(place.storage, key):
        table = TableMetadataV2.model_validate_json(place.storage.read(key))
        snapshot = table.current_snapshot()
        if snapshot is None or _get_commit(snapshot.manifest_list) != find_commit(get_name(key)):
            raise ValueError("its snapshot is another version's")
    return table


def _get_commit(manifest_list: str) -> str | None:
    return find_commit(require_inside(get_name(manifest_list)))
