"""A file that is hashed while it is written, by SHA-256, which is fast with the processor's support."""

from __future__ import annotations

import hashlib

from data_platform.tables.storage.port import NewFile

ALGORITHM = "sha256"


class HashedFile:
    """A new file that is written once, from its beginning to its end, with the digest of its content."""

    def __init__(self, file: NewFile) -> None:
        self._file = file
        self._digest = hashlib.new(ALGORITHM, usedforsecurity=False)
        self._size = 0
        self.closed = False

    @property
    def digest(self) -> str:
        """The digest of everything written so far, as `ALGORITHM:HEX`."""
        return f"{ALGORITHM}:{self._digest.hexdigest()}"

    def write(self, data: bytes) -> int:
        """Appends the bytes."""
        self._digest.update(data)
        self._size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Does nothing: the file is complete only when it is closed."""

    def tell(self) -> int:
        """The number of bytes written."""
        return self._size

    def readable(self) -> bool:
        """False."""
        return False

    def writable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """False: written bytes are already hashed."""
        return False

    def close(self) -> None:
        """Completes the file, and waits until it is durable."""
        self.closed = True
        self._file.close()

    def abandon(self) -> None:
        """Removes the file."""
        self.closed = True
        self._file.abandon()
