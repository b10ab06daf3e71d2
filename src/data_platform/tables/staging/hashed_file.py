"""A file that is hashed while it is written: by SHA-256, which costs no more than others where the processor has it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

ALGORITHM = "sha256"


class HashedFile:
    """A new file that is written once, from its beginning to its end, and knows the digest of what it was given."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb")
        self._digest = hashlib.new(ALGORITHM, usedforsecurity=False)
        self.closed = False

    @property
    def digest(self) -> str:
        """The digest of all that was written so far, as `ALGORITHM:HEX`."""
        return f"{ALGORITHM}:{self._digest.hexdigest()}"

    def write(self, data: bytes) -> int:
        """Appends the bytes."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hands on what is buffered."""
        self._file.flush()

    def tell(self) -> int:
        """How many bytes were written."""
        return self._file.tell()

    def readable(self) -> bool:
        """Never."""
        return False

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Never: what was written is hashed."""
        return False

    def close(self) -> None:
        """Ends the file."""
        self.closed = True
        self._file.close()
