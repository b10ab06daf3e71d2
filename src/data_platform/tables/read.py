"""Which files a version consists of. Files are looked up beside the metadata that names them, so a
home may be moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import ManifestEntry, read_manifest_list

from data_platform.tables.place import TablePlace, storage_errors

FILES = PyArrowFileIO()


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """A data file that a snapshot still holds, and the partition spec it was written under."""

    spec_id: int
    entry: ManifestEntry


@lru_cache(maxsize=256)
def live_entries(place: TablePlace, manifest_list: str) -> tuple[LiveEntry, ...]:
    """The data files of the snapshot whose manifest list has that name; cached, because such a file never changes."""
    found: list[LiveEntry] = []
    path = place.metadata / manifest_list
    with storage_errors(f"cannot read version metadata {path}"):
        for manifest in read_manifest_list(FILES.new_input(str(path))):
            manifest[0] = str(place.metadata / Path(manifest.manifest_path).name)
            entries = manifest.fetch_manifest_entry(FILES, discard_deleted=True)
            found += [LiveEntry(manifest.partition_spec_id, entry) for entry in entries]
    return tuple(found)


def data_files(place: TablePlace, manifest_list: str) -> tuple[str, ...]:
    """The paths of a version's data files; `manifest_list` is relative to the table's folder."""
    entries = live_entries(place, Path(manifest_list).name)
    names = sorted(Path(live.entry.data_file.file_path).name for live in entries)
    return tuple(str(place.data / name) for name in names)
