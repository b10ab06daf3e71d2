"""The metadata files of tables, as pyiceberg reads and writes them in a storage."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from data_platform.tables.place import TablePlace
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import NewFile, Storage

_MARK = 16
"""Bytes of the sync marker that ends an Avro file's header and each of its blocks."""


class MetadataFile(InputFile, OutputFile):
    """An Avro file of a storage. Its `location` is the one that metadata names."""

    def __init__(self, storage: Storage, key: str) -> None:
        super().__init__(locate(storage, key))
        self.key = key
        self._storage = storage
        self._stream: _MeasuredStream | None = None

    def __len__(self) -> int:
        return self._stream.tell() if self._stream else self._storage.describe(self.key).size

    def exists(self) -> bool:
        """Whether it exists."""
        try:
            self._storage.describe(self.key)
        except FileNotFoundError:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:
        """The whole content, in memory; ValueError for an Avro file that was cut, which might read as a shorter one."""
        content = self._storage.read(self.key)
        if content[-_MARK:] not in content[:-_MARK]:
            raise ValueError("it does not end with the mark that ends each block")
        return io.BytesIO(content)

    def create(self, overwrite: bool = False) -> OutputStream:
        """A new file; raises FileExistsError if the key exists, also with `overwrite`."""
        self._stream = _MeasuredStream(self._storage.create(self.key))
        return self._stream

    def to_input_file(self) -> MetadataFile:
        """Itself."""
        return self


class _MeasuredStream:
    """A file that is being written, and its size."""

    def __init__(self, file: NewFile) -> None:
        self._file, self._size = file, 0

    def write(self, b: bytes) -> int:
        self._size += len(b)
        return self._file.write(b)

    def tell(self) -> int:
        return self._size

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> _MeasuredStream:
        return self

    def __exit__(
        self, exctype: type[BaseException] | None, excinst: BaseException | None, exctb: TracebackType | None
    ) -> None:
        self.close()


class MetadataIO(FileIO):
    """A storage whose files pyiceberg names by their keys."""

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage

    def new_input(self, location: str) -> MetadataFile:
        """A file to read."""
        return MetadataFile(self._storage, location)

    def new_output(self, location: str) -> MetadataFile:
        """A file to write."""
        return MetadataFile(self._storage, location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Removes a file."""
        self._storage.delete(location.key if isinstance(location, MetadataFile) else str(location))


class CommitFiles:
    """The metadata files that one commit writes into a table, by name; `remove` leaves none of them."""

    def __init__(self, place: TablePlace) -> None:
        self.place = place
        self._avro: dict[str, MetadataFile] = {}
        self._sizes: dict[str, int] = {}

    @property
    def sizes(self) -> tuple[tuple[str, int], ...]:
        """The written files by name, each with its size in bytes."""
        avro = {name: len(file) for name, file in self._avro.items()}
        return tuple(sorted((self._sizes | avro).items()))

    def new_avro(self, name: str) -> MetadataFile:
        """An Avro file for pyiceberg to write."""
        self._avro[name] = MetadataFile(self.place.storage, f"{self.place.metadata}/{name}")
        return self._avro[name]

    def put(self, name: str, content: bytes) -> None:
        """Writes a file."""
        self.place.storage.put_if_absent(f"{self.place.metadata}/{name}", content)
        self._sizes[name] = len(content)

    def sync(self) -> None:
        """Waits until the names of the files are durable, as their content is already."""
        self.place.storage.sync(self.place.metadata)

    def remove(self) -> None:
        """Removes what was written, complete or not."""
        remove_metadata(self.place, (*self._avro, *self._sizes))


def remove_metadata(place: TablePlace, names: Iterable[str]) -> None:
    """Removes metadata files that no version names, as far as the storage allows it; gc removes the rest."""
    for name in names:
        with suppress(OSError):
            place.storage.delete(f"{place.metadata}/{name}")
