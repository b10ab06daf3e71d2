"""A storage in memory that behaves as an object store does: no folders, no paths, and nothing to see before a close."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from urllib.parse import quote

from data_platform.tables.storage.port import StoredFile, require_inside


class MemoryStorage:
    """Objects by key, listed in pages."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._clock = 0.0
        self._times: dict[str, float] = {}

    def build_uri(self, key: str = "") -> str:
        """As of an object store."""
        return f"memory://bucket/prefix/{quote(require_inside(key))}".rstrip("/")

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """A range GET."""
        content = self._get(key)
        return content[start:] if length is None else content[start : start + length]

    def create(self, key: str) -> MemoryNewFile:
        """A multipart upload, which is refused when it is completed."""
        return MemoryNewFile(self, require_inside(key))

    def put_if_absent(self, key: str, content: bytes) -> None:
        """A PUT with If-None-Match: *."""
        if require_inside(key) in self._objects:
            raise FileExistsError(errno.EEXIST, "it exists", key)
        self.replace(key, content)

    def replace(self, key: str, content: bytes) -> None:
        """A PUT."""
        self._clock += 1
        self._objects[require_inside(key)], self._times[key] = bytes(content), self._clock

    def sync(self, folder: str) -> None:
        """Nothing: a PUT that was answered is durable."""

    def describe(self, key: str) -> StoredFile:
        """A HEAD."""
        return StoredFile(len(self._get(key)), self._times[key])

    def list(self, prefix: str = "") -> Iterator[str]:
        """Pages of two keys, each after the last of the page before."""
        last = ""
        while page := sorted(key for key in self._objects if key.startswith(prefix) and key > last)[:2]:
            yield from page
            last = page[-1]

    def delete(self, key: str) -> None:
        """A DELETE."""
        self._objects.pop(require_inside(key), None)

    def _get(self, key: str) -> bytes:
        if require_inside(key) not in self._objects:
            raise FileNotFoundError(errno.ENOENT, "there is none", key)
        return self._objects[key]


class MemoryNewFile:
    """Parts that become an object when they are complete."""

    def __init__(self, storage: MemoryStorage, key: str) -> None:
        self._storage, self._key, self._parts = storage, key, bytearray()
        self._is_open = True

    def write(self, data: bytes, /) -> int:
        """Uploads a part."""
        self._parts += data
        return len(data)

    def close(self) -> None:
        """Completes the upload, if the key is free."""
        if self._is_open:
            self._is_open = False
            self._storage.put_if_absent(self._key, bytes(self._parts))

    def abandon(self) -> None:
        """Aborts the upload, or deletes the object."""
        if not self._is_open:
            self._storage.delete(self._key)
        self._is_open = False
