"""The digest of a file, or of a folder of files, that is published with a key."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from data_platform.errors import UnreadableData
from data_platform.spec.text.names import quote_text


def is_path(data: Any) -> bool:
    """Whether the data is named by its path."""
    return isinstance(data, str | Path)


def digest_path(path: str | Path) -> str:
    """The SHA-256, in hex, of the names and the bytes of the files; raises UnreadableData."""
    root = Path(path)
    digest = sha256()
    try:
        for file in _list_files(root):
            with file.open("rb") as opened:
                content = file_digest(opened, "sha256").digest()
            digest.update(sha256(str(file.relative_to(root)).encode(errors="surrogateescape")).digest() + content)
    except OSError as error:
        raise UnreadableData(f"{quote_text(str(root), 200)} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _list_files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
    else:
        yield from sorted(file for file in root.rglob("*") if file.is_file())
