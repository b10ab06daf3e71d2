"""Which files belong to nothing: data files by their stage, metadata files by their commit, both told by the name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from data_platform.tables.place import storage_errors

_COMMIT = re.compile(r"[0-9a-f]{32}")


def commit_of(name: str) -> str | None:
    """The id in a metadata file's name: all files of one commit share it."""
    found = _COMMIT.search(name)
    return found[0] if found else None


def data_orphans(files: Iterable[Path], stages: Collection[str]) -> Iterator[Path]:
    """Data files of stages that are neither leased nor a version's."""
    for path in files:
        if path.parent.name == "data" and path.suffix == ".parquet" and path.name.split("-")[0] not in stages:
            yield path


def metadata_orphans(files: Iterable[Path], commits: Collection[str | None], before: float) -> Iterator[Path]:
    """Metadata of commits that no version names, last touched before that moment (seconds since 1970).

    The age spares the metadata that a running promote has prepared and not yet swapped in.
    """
    for path in files:
        commit = commit_of(path.name) if path.parent.name == "metadata" else None
        if commit is not None and commit not in commits and _touched(path) < before:
            yield path


def remove(paths: Iterable[Path]) -> None:
    """Removes the files; one that is gone already is no error."""
    for path in paths:
        with storage_errors(f"cannot remove {path}"):
            path.unlink(missing_ok=True)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
