"""Whether data files still have the bytes that were published, judged by their digests before they are believed.

DuckDB reads over the checksums of Parquet's pages, so a flipped bit would give other values.
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
class Expected:
    """A data file as it was when it was published: its size in bytes, and its digest as `ALGORITHM:HEX`."""

    path: str
    bytes: int
    digest: str


def verify(files: Iterable[Expected]) -> None:
    """Raises StorageFailed for a file whose bytes are not those that were published, and for one that is gone.

    A file is read once a process: until its size, its time of change or its place on the disk is another.
    """
    unread = [file for file in files if _verified.get(file.path) != (_stamp(file.path), file.digest)]
    stamps = [_stamp(file.path) for file in unread]
    reasons = _damages(unread)
    for file, stamp, reason in zip(unread, stamps, reasons, strict=True):
        if reason is not None:
            raise StorageFailed(f"the data cannot be read: {file.path} {reason}", hint=MEND)
        _verified[file.path] = stamp, file.digest


def forget() -> None:
    """Lets every file be compared anew."""
    _verified.clear()


def stamp_of(path: str | Path) -> str:
    """The file's size and times, which differ after it is written to; empty where there is none."""
    stamp = _stamp(str(path))
    return ":".join(map(str, stamp[2:]))


def _damages(files: Sequence[Expected]) -> list[str | None]:
    """What is wrong with each file; a second thread reads every other one."""
    reasons: list[str | None] = [None] * len(files)

    def read(start: int) -> None:
        for at in range(start, len(files), _LANES):
            reasons[at] = damage(files[at])

    others = [Thread(target=read, args=(start,)) for start in range(1, min(_LANES, len(files)))]
    for thread in others:
        thread.start()
    read(0)
    for thread in others:
        thread.join()
    return reasons


def damage(file: Expected) -> str | None:
    """What is wrong with the file, read now in any case; None where it is as it was published."""
    try:
        if not S_ISREG(Path(file.path).stat().st_mode):
            return "is no regular file"
        with Path(file.path).open("rb") as source:
            size, digest = _read(source, file.digest.partition(":")[0])
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if size != file.bytes:
        return f"has {size:,} bytes, and had {file.bytes:,} when it was published"
    return None if digest == file.digest else "does not have the bytes that were published: it was damaged or changed"


MEND = (
    "restore a backup, or publish again; data-platform doctor names an earlier version that is whole, if there is one"
)
_verified: dict[str, tuple[tuple[int, ...], str]] = {}


def _stamp(path: str) -> tuple[int, ...]:
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
