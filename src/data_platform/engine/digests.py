"""Checks before a read, by their digests, that data files have the bytes that were published.

DuckDB does not check the checksums of Parquet pages, so a flipped bit would change values unnoticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from threading import Thread
from typing import BinaryIO

from data_platform.errors import StorageFailed

_CHUNK = 1 << 20
_LANES = 2


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A data file as it was when it was published: its size in bytes, and its digest as `ALGORITHM:HEX`."""

    path: str
    bytes: int
    digest: str


def verify(files: Iterable[PublishedFile]) -> None:
    """Raises StorageFailed for a missing file and for a file whose bytes differ from those that were published.

    A file is hashed once per process, and again after its size, change time or inode changes.
    """
    unread = [file for file in files if _verified.get(file.path) != (_read_stamp(file.path), file.digest)]
    stamps = [_read_stamp(file.path) for file in unread]
    reasons = _find_damages(unread)
    for file, stamp, reason in zip(unread, stamps, reasons, strict=True):
        if reason is not None:
            raise StorageFailed(f"the data cannot be read: {file.path} {reason}", hint=RESTORE_HINT)
        _verified[file.path] = stamp, file.digest


def clear_verified() -> None:
    """Makes the next read hash every file again."""
    _verified.clear()


def read_stamp(path: str | Path) -> str:
    """The file's size and times, which change with every write; empty if the file does not exist."""
    stamp = _read_stamp(str(path))
    return ":".join(map(str, stamp[2:]))


def _find_damages(files: Sequence[PublishedFile]) -> list[str | None]:
    """The damage of each file, or None; a second thread reads every other file."""
    reasons: list[str | None] = [None] * len(files)

    def read(start: int) -> None:
        for at in range(start, len(files), _LANES):
            reasons[at] = find_file_damage(files[at])

    others = [Thread(target=read, args=(start,)) for start in range(1, min(_LANES, len(files)))]
    for thread in others:
        thread.start()
    read(0)
    for thread in others:
        thread.join()
    return reasons


def find_file_damage(file: PublishedFile) -> str | None:
    """A description of the file's damage, from its bytes on disk; None if it is unchanged."""
    try:
        if not S_ISREG(Path(file.path).stat().st_mode):
            return "is not a regular file"
        with Path(file.path).open("rb") as source:
            size, digest = _read(source, file.digest.partition(":")[0])
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if size != file.bytes:
        return f"has {size:,} bytes, and had {file.bytes:,} when it was published"
    return None if digest == file.digest else "does not have the bytes that were published: it was damaged or changed"


RESTORE_HINT = (
    "restore a backup, or publish again; data-platform doctor names an earlier version that is whole, if there is one"
)
_verified: dict[str, tuple[tuple[int, ...], str]] = {}


def _read_stamp(path: str) -> tuple[int, ...]:
    try:
        status = Path(path).stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _read(source: BinaryIO, algorithm: str) -> tuple[int, str]:
    state = hashlib.new(algorithm, usedforsecurity=False)
    size = 0
    while chunk := source.read(_CHUNK):
        state.update(chunk)
        size += len(chunk)
    return size, f"{algorithm}:{state.hexdigest()}"
