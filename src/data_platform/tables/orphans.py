"""Finds orphaned files: data files by their stage, metadata files by their commit, both from the file name.

Symlinks are not followed: their targets may belong to another mesh, and must not be removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.locations import list_links, locate
from data_platform.tables.storage.port import Storage

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{32}")
_METADATA = re.compile(r"([0-9]+)-(?:[0-9a-f]{40}|[0-9a-f]{32})\.metadata\.json")
STAGE_LENGTH = 32


def find_commit(name: str) -> str | None:
    """The commit id in a metadata file's name; all files of one commit share it."""
    match = _COMMIT.search(name)
    return match[0] if match else None


def find_stage(key: str) -> str | None:
    """The stage that wrote a file of a table; None for metadata of older releases."""
    name = get_name(key)
    if is_data(key):
        return name.split("-")[0]
    commit = find_commit(name)
    return commit[:STAGE_LENGTH] if commit and len(commit) > STAGE_LENGTH else None


def find_version(key: str) -> int | None:
    """The version in the name of a table's metadata file; None for any other file."""
    match = _METADATA.fullmatch(get_name(key))
    return int(match[1]) if match else None


def find_table(key: str) -> str:
    """The table of a file, as `product/output`."""
    return key.rsplit("/", 2)[0]


def is_data(key: str) -> bool:
    """Whether the file is in a table's folder of data."""
    return _get_folder(key) == "data"


def is_metadata(key: str) -> bool:
    """Whether the file is in a table's folder of metadata."""
    return _get_folder(key) == "metadata"


def _get_folder(key: str) -> str:
    return get_name(key.rpartition("/")[0])


def list_files(storage: Storage) -> Iterator[str]:
    """The files in product/output/{data,metadata}/, without those that vanish meanwhile."""
    return (key for key in storage.list() if key.count("/") == 3)


def list_folder_links(storage: Storage) -> tuple[str, ...]:
    """The symlinks in place of a folder of a table, or above; "" in place of all tables."""
    links = list_links(storage)
    return ("",) if "" in links else tuple(key for key in links if key.count("/") < 3)


def find_data_orphans(keys: Iterable[str], stages: Collection[str]) -> Iterator[str]:
    """Data files of stages that have no lease and no version."""
    for key in keys:
        if is_data(key) and key.endswith(".parquet") and find_stage(key) not in stages:
            yield key


def find_metadata_orphans(
    keys: Iterable[str],
    commits: Collection[str | None],
    leased: Collection[str],
    is_leased: Callable[[str], bool],
) -> Iterator[str]:
    """Metadata of commits that belong to no version, and whose stage has no lease.

    Metadata of older releases does not contain its stage; it is kept while its table has any lease.
    """
    for key in keys:
        commit = find_commit(get_name(key)) if is_metadata(key) else None
        if commit is None or commit in commits:
            continue
        stage = find_stage(key)
        if stage not in leased and not (stage is None and is_leased(find_table(key))):
            yield key


def remove(storage: Storage, keys: Iterable[str]) -> None:
    """Removes the files; a missing one is no error."""
    for key in keys:
        with convert_storage_errors(f"cannot remove {locate(storage, key)}"):
            storage.delete(key)


def remove_stage(place: TablePlace, stage_id: str) -> None:
    """Removes the data and the metadata of a stage."""
    data = place.storage.list(f"{place.data}/{stage_id}-")
    metadata = (key for key in place.storage.list(f"{place.metadata}/") if find_stage(key) == stage_id)
    remove(place.storage, (*data, *metadata))
