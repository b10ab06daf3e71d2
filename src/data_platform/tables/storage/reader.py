"""A stored file as a seekable Python file, for libraries that read parts of files."""

from __future__ import annotations

import io
from collections.abc import Iterator

from data_platform.tables.storage.port import Storage

_CHUNK = 4 * 1024 * 1024


class StoredFileReader(io.RawIOBase):
    """Reads ranges of a file. Each read asks the storage once: this is for few and large reads."""

    def __init__(self, storage: Storage, key: str) -> None:
        super().__init__()
        self._storage, self._key = storage, key
        self._size, self._at = storage.describe(key).size, 0

    def read(self, size: int | None = -1, /) -> bytes:
        """The next `size` bytes; all that are left without it."""
        content = self._storage.read(self._key, self._at, None if size is None or size < 0 else size)
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves to a position, as of any Python file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """The position."""
        return self._at

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True


def read_chunks(storage: Storage, key: str) -> Iterator[bytes]:
    """The whole content of a file, four megabytes at a time."""
    start = 0
    while chunk := storage.read(key, start, _CHUNK):
        yield chunk
        start += len(chunk)
