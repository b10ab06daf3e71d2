"""Errors for damaged metadata files, which name the file and the damage."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from struct import error as struct_error

from pyiceberg.exceptions import ResolveError

from data_platform.errors import StorageFailed
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import Storage

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
    ResolveError,
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
    """A metadata file of a version is missing, cut, or differs from the record; `location` is the file."""

    def __init__(self, location: str, why: str) -> None:
        super().__init__(
            f"the metadata file {location} {why}",
            hint="data-platform repair rewrites it from the record and the data files",
        )
        self.location = location
        self.why = why


@contextmanager
def guard_metadata(storage: Storage, key: str) -> Iterator[None]:
    """Converts the errors of reading and parsing the metadata file into MetadataDamaged or StorageFailed."""
    location = locate(storage, key)
    try:
        with convert_storage_errors(f"cannot read the metadata file {location}"), _convert_errors(location):
            yield
    except OSError as error:
        raise MetadataDamaged(location, f"cannot be read: {error}") from error
    except UNREADABLE as error:
        raise MetadataDamaged(location, f"is damaged: {_describe_size(storage, key)}") from error


@contextmanager
def _convert_errors(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = _DAMAGE.get(error.errno or 0)
        if why is None:
            raise
        raise MetadataDamaged(location, why) from error


def _describe_size(storage: Storage, key: str) -> str:
    try:
        size = storage.describe(key).size
    except OSError:
        return "it cannot be looked at"
    except ValueError:
        return "its name leads out of the storage"
    return f"its {size:,} bytes are no such document" if size else "it is empty"
