"""A file that is hashed while it is written, by SHA-256, which is fast with the processor's support."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

ALGORITHM = "sha256"


class HashedFile:
    """A new file that is written once, from its beginning to its end, with the digest of its content."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb")
        self._digest = hashlib.new(ALGORITHM, usedforsecurity=False)
        self.closed = False

    @property
    def digest(self) -> str:
        """The digest of everything written so far, as `ALGORITHM:HEX`."""
        return f"{ALGORITHM}:{self._digest.hexdigest()}"

    def write(self, data: bytes) -> int:
        """Appends the bytes."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Writes buffered bytes to the file."""
        self._file.flush()

    def tell(self) -> int:
        """The number of bytes written."""
        return self._file.tell()

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
        """Closes the file."""
        self.closed = True
        self._file.close()
