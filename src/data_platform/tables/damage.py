"""Errors for damaged metadata files, which name the file and the damage."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import error as struct_error

from data_platform.errors import StorageFailed
from data_platform.tables.place import convert_storage_errors

UNREADABLE = (
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    SystemError,
    struct_error,
    zlib.error,
)
"""The errors that parsers of JSON and Avro raise for invalid documents: almost any."""
_DAMAGE = {
    errno.ENOENT: "is missing",
    errno.EISDIR: "is a folder",
    errno.ENOTDIR: "is missing",
    errno.EINVAL: "is no regular file",
    errno.ENXIO: "is no regular file",
    errno.EIO: "cannot be read: the disk fails",
}


class MetadataDamaged(StorageFailed):
    """A metadata file of a version is missing, cut, or differs from the record; `path` is the file."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the metadata file {path} {why}",
            hint="data-platform repair rewrites it from the record and the data files",
        )
        self.path = path
        self.why = why


@contextmanager
def guard_metadata(path: Path) -> Iterator[None]:
    """Converts the errors of reading and parsing the metadata file into MetadataDamaged or StorageFailed."""
    try:
        with convert_storage_errors(f"cannot read the metadata file {path}"), _convert_errors(path):
            yield
    except OSError as error:
        raise MetadataDamaged(path, f"cannot be read: {error}") from error
    except UNREADABLE as error:
        raise MetadataDamaged(path, f"is damaged: {_describe_size(path)}") from error


@contextmanager
def _convert_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = _DAMAGE.get(error.errno or 0)
        if why is None:
            raise
        raise MetadataDamaged(path, why) from error


def _describe_size(path: Path) -> str:
    try:
        size = path.stat().st_size
    except OSError:
        return "it cannot be looked at"
    return f"its {size:,} bytes are no such document" if size else "it is empty"
