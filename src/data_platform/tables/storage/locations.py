"""Where a file is, as others find it: a name for metadata and messages, and a path for engines that read this disk."""

from __future__ import annotations

from urllib.parse import unquote

from data_platform.errors import StorageFailed
from data_platform.tables.storage.port import OnDisk, Storage

_FILE = "file://"


def locate(storage: Storage, key: str = "") -> str:
    """The location as Iceberg metadata, answers and messages name it: the URI, but for a file on disk its path.

    Every release has written paths, and readers of Iceberg accept both. A key that leads out of the storage, as a
    damaged record may have one, is shown as it is.
    """
    try:
        uri = storage.build_uri(key)
    except ValueError:
        return f"{locate(storage)}/{key!a}"
    return unquote(uri.removeprefix(_FILE), errors="surrogateescape") if uri.startswith(_FILE) else uri


def find_path(storage: Storage, key: str) -> str:
    """The path of a file for an engine that opens files itself. Raises StorageFailed if it is not on this machine."""
    if isinstance(storage, OnDisk):
        return str(storage.get_path(key))
    raise StorageFailed(
        f"{locate(storage, key)} is not on a disk of this machine, and only such files can be queried",
        hint="copy the mesh to a home on a local disk",
    )


def list_links(storage: Storage) -> tuple[str, ...]:
    """The keys at which symlinks lead elsewhere; only a disk has any. The key "" is the storage itself."""
    return tuple(storage.list_links()) if isinstance(storage, OnDisk) else ()
