"""Finds orphaned files: data files by their stage, metadata files by their commit, both from the file name.

Symlinks are not followed: their targets may belong to another mesh, and must not be removed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data_platform.tables.place import convert_storage_errors

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{32}")
_METADATA = re.compile(r"([0-9]+)-(?:[0-9a-f]{40}|[0-9a-f]{32})\.metadata\.json")
STAGE_LENGTH = 32


def find_commit(name: str) -> str | None:
    """The commit id in a metadata file's name; all files of one commit share it."""
    match = _COMMIT.search(name)
    return match[0] if match else None


def find_stage(path: Path) -> str | None:
    """The stage that wrote a file of a table; None for metadata of older releases."""
    if path.parent.name == "data":
        return path.name.split("-")[0]
    commit = find_commit(path.name)
    return commit[:STAGE_LENGTH] if commit and len(commit) > STAGE_LENGTH else None


def find_version(path: Path) -> int | None:
    """The version in the name of a table's metadata file; None for any other file."""
    match = _METADATA.fullmatch(path.name)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The regular files of all tables, and the symlinks that were not followed."""

    files: tuple[Path, ...]
    links: tuple[Path, ...]


def list_files(tables: Path) -> TableFiles:
    """The files in product/output/{data,metadata}/, without those that vanish meanwhile."""
    links: list[Path] = []
    if tables.is_symlink():
        return TableFiles((), (tables,))
    folders = [tables]
    for _ in range(3):
        folders = [inner for folder in folders for inner in _list_folders(folder, links)]
    return TableFiles(tuple(path for folder in folders for path in _list_regular(folder)), tuple(links))


def _list_folders(folder: Path, links: list[Path]) -> Iterator[Path]:
    for entry in _list_entries(folder):
        if entry.is_symlink():
            links.append(Path(entry.path))
        elif entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)


def _list_regular(folder: Path) -> Iterator[Path]:
    return (Path(entry.path) for entry in _list_entries(folder) if entry.is_file(follow_symlinks=False))


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)
    return []


def find_data_orphans(files: Iterable[Path], stages: Collection[str]) -> Iterator[Path]:
    """Data files of stages that have no lease and no version."""
    for path in files:
        if path.parent.name == "data" and path.suffix == ".parquet" and find_stage(path) not in stages:
            yield path


def find_metadata_orphans(
    files: Iterable[Path],
    commits: Collection[str | None],
    leased: Collection[str],
    is_leased: Callable[[Path], bool],
) -> Iterator[Path]:
    """Metadata of commits that belong to no version, and whose stage has no lease.

    Metadata of older releases does not contain its stage; it is kept while its table has any lease.
    """
    for path in files:
        commit = find_commit(path.name) if path.parent.name == "metadata" else None
        if commit is None or commit in commits:
            continue
        stage = find_stage(path)
        if stage not in leased and not (stage is None and is_leased(path.parent.parent)):
            yield path


def remove(paths: Iterable[Path]) -> None:
    """Removes the files; a missing one is no error."""
    for path in paths:
        with convert_storage_errors(f"cannot remove {path}"):
            path.unlink(missing_ok=True)
