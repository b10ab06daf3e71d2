"""The storage on a disk of this machine: a key is a path below one folder."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from data_platform.settings.disk import read_regular, replace_file, sync
from data_platform.tables.storage.port import StoredFile, require_inside


class LocalNewFile:
    """A new file on the disk. If it is `durable`, closing it flushes it to the disk (fsync)."""

    def __init__(self, path: Path, file: BinaryIO, *, durable: bool) -> None:
        self._path, self._file, self._durable = path, file, durable

    def write(self, data: bytes, /) -> int:
        """Appends the bytes."""
        return self._file.write(data)

    def close(self) -> None:
        """Completes the file."""
        if self._file.closed:
            return
        with self._file:
            self._file.flush()
            if self._durable:
                os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Removes the file."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """The files below the folder `root`, which is absolute; folders are made as files need them.

    A storage that is not `durable` holds what only this process reads: nothing is flushed to the disk.
    """

    root: Path
    durable: bool = True

    def get_path(self, key: str) -> Path:
        """The path of a file or folder."""
        return self.root / require_inside(key)

    def build_uri(self, key: str = "") -> str:
        """The `file:` URI, with its special characters escaped."""
        return self.get_path(key).as_uri()

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """The bytes of a regular file; a pipe is refused, not waited for."""
        return read_regular(self.get_path(key), start, length)

    def create(self, key: str) -> LocalNewFile:
        """A new file, in a new folder if need be."""
        path = self.get_path(key)
        return LocalNewFile(path, _open_new(path), durable=self.durable)

    def put_if_absent(self, key: str, content: bytes) -> None:
        """Writes a new file, and waits until its content is on disk."""
        file = self.create(key)
        try:
            file.write(content)
            file.close()
        except BaseException:
            file.abandon()
            raise

    def replace(self, key: str, content: bytes) -> None:
        """Writes a draft and renames it; a folder that is in the way is moved aside."""
        path = self.get_path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(path.lstat().st_mode):
                path.rename(path.with_name(f"{path.name}.{secrets.token_hex(4)}.damaged"))
        replace_file(path, content)

    def sync(self, folder: str) -> None:
        """Flushes the entries of the folder to the disk."""
        if self.durable:
            sync(self.get_path(folder))

    def describe(self, key: str) -> StoredFile:
        """The size and the time of a regular file."""
        path = self.get_path(key)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return StoredFile(status.st_size, status.st_mtime)

    def list(self, prefix: str = "") -> Iterator[str]:
        """The regular files, folder by folder; symlinks are not followed, because they may lead to another mesh."""
        folder, slash, name = prefix.rpartition("/")
        yield from self._walk(folder + slash, name)

    def list_links(self) -> Iterator[str]:
        """The symlinks below the root, or the root itself."""
        if self.root.is_symlink():
            yield ""
        yield from self._walk("", links=True)

    def delete(self, key: str) -> None:
        """Removes a file."""
        self.get_path(key).unlink(missing_ok=True)

    def _walk(self, folder: str, start: str = "", *, links: bool = False) -> Iterator[str]:
        """The files, or the symlinks, below the folder `a/b/`, in its entries whose names begin with `start`."""
        for entry in _list_entries(self.get_path(folder)):
            if not entry.name.startswith(start):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(f"{folder}{entry.name}/", links=links)
            elif entry.is_symlink() if links else entry.is_file(follow_symlinks=False):
                yield folder + entry.name


def _open_new(path: Path) -> BinaryIO:
    with suppress(FileNotFoundError):
        return path.open("xb")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)
    return []
