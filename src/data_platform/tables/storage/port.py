"""The port to a storage of files, as small as an object store: no folders, no renaming, no appending.

A key names a file: `orders/t/data/a.parquet`. Every file is written under a new key, from its beginning to its end, and
then only read and deleted; only a repair replaces one. docs/adr/0033 says how each operation maps to S3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The size of a file in bytes, and when it was written, in seconds since 1970."""

    size: int
    modified: float


class NewFile(Protocol):
    """A file that is being written. It may be listed before it is closed; it is complete only afterwards."""

    def write(self, data: bytes, /) -> int:
        """Appends the bytes."""
        ...

    def close(self) -> None:
        """Completes the file, and waits until its content is durable; does nothing the second time."""
        ...

    def abandon(self) -> None:
        """Removes the file, closed or not; never fails, because gc removes what is left."""
        ...


class Storage(Protocol):
    """Files under keys. Threads may use a storage at once; it is hashable, and equal to a storage of the same files.

    Every method raises OSError with an errno: FileNotFoundError, FileExistsError, PermissionError, ENOSPC; EINVAL for
    something that is no regular file. A key that leads out of the storage is a ValueError (`require_inside`).
    """

    def build_uri(self, key: str = "") -> str:
        """The URI of the file, or of the place where keys begin with `key`: `file:///…`, `s3://bucket/prefix/…`."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The bytes of a file from `start` on, `length` at most; fewer, or none, at its end."""
        ...

    def create(self, key: str) -> NewFile:
        """A new file, to be written as a stream. Raises FileExistsError, at the latest when it is closed."""
        ...

    def put_if_absent(self, key: str, content: bytes) -> None:
        """Writes a small new file, and waits until its content is durable. Raises FileExistsError."""
        ...

    def replace(self, key: str, content: bytes) -> None:
        """Writes a small file, new or not, in one step: a reader gets either the old or the new content."""
        ...

    def sync(self, folder: str) -> None:
        """Waits until the names of the new files in `folder` are durable, as their content is already."""
        ...

    def describe(self, key: str) -> StoredFile:
        """The size and the time of a file."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in any order, without those of files that vanish meanwhile."""
        ...

    def delete(self, key: str) -> None:
        """Removes a file; a missing one is no error."""
        ...


def require_inside(key: str) -> str:
    """The key. Raises ValueError if it leads out of the storage, as a name in hostile metadata may."""
    if key.startswith("/") or "\0" in key or not {".", ".."}.isdisjoint(key.split("/")):
        raise ValueError(f"{key!a} leads out of the storage")
    return key


@runtime_checkable
class OnDisk(Protocol):
    """What a storage has besides if its files lie on a disk of this machine."""

    def get_path(self, key: str) -> Path:
        """The path of a file, or of the folder of the files whose keys begin with `key/`."""
        ...

    def list_links(self) -> Iterator[str]:
        """The keys at which there are symlinks; `list` follows none. The key "" is the storage itself."""
        ...
