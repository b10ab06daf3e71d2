"""Local files for pyiceberg: any characters in paths are allowed, and a pipe is refused instead of waited for."""

from __future__ import annotations

import io
from pathlib import Path

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from data_platform.settings.disk import read_regular

_MARK = 16
"""Bytes of the sync marker that ends an Avro file's header and each of its blocks."""


class LocalFile(InputFile, OutputFile):
    """A file at an absolute path."""

    def __len__(self) -> int:
        return Path(self.location).stat().st_size

    def exists(self) -> bool:
        """Whether it exists."""
        return Path(self.location).exists()

    def open(self, seekable: bool = True) -> InputStream:
        """The whole content, in memory; ValueError for an Avro file that was cut, which might read as a shorter one."""
        content = read_regular(Path(self.location))
        if content[-_MARK:] not in content[:-_MARK]:
            raise ValueError("it does not end with the mark that ends each block")
        return io.BytesIO(content)

    def create(self, overwrite: bool = False) -> OutputStream:
        """A new file; raises FileExistsError if the path exists, also with `overwrite`."""
        return Path(self.location).open("xb")

    def to_input_file(self) -> LocalFile:
        """Itself."""
        return self


class LocalFiles(FileIO):
    """The file system of this machine."""

    def new_input(self, location: str) -> LocalFile:
        """A file to read."""
        return LocalFile(location)

    def new_output(self, location: str) -> LocalFile:
        """A file to write."""
        return LocalFile(location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Removes a file."""
        Path(location if isinstance(location, str) else location.location).unlink()
