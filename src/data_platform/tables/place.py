"""The folders of an output's files; files are written completely, and disk errors become StorageFailed.

    <root>/<product>/<output>/data/<stage>-<n>.parquet
    <root>/<product>/<output>/metadata/<commit>-m0.avro           the manifest of what a version added
    <root>/<product>/<output>/metadata/snap-<commit>.avro         the manifest list
    <root>/<product>/<output>/metadata/<version>-<commit>.metadata.json

Every file has a unique name and is never changed: only the record's pointer moves.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_platform.errors import StorageFailed


@contextmanager
def convert_storage_errors(doing: str) -> Iterator[None]:
    """Converts errors of the disk into StorageFailed, with the action `doing` and a hint."""
    try:
        yield
    except OSError as error:
        if error.errno is None and "No space left" not in str(error):
            raise
        raise StorageFailed(f"{doing}: {error.strerror or error}", hint=_suggest_remedy(error)) from error


def _suggest_remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return "free some space and publish again; nothing of this publish is visible"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "give this user write permission, or choose another home with DATA_PLATFORM_HOME"
    return "nothing of this publish is visible; repair the disk and publish again"


@dataclass(frozen=True, slots=True)
class TablePlace:
    """The folder of one output's table."""

    root: Path
    product: str
    output: str

    @property
    def location(self) -> Path:
        """The table's folder, which is Iceberg's `location`."""
        return self.root / self.product / self.output

    @property
    def data(self) -> Path:
        """The folder of the data files."""
        return self.location / "data"

    @property
    def metadata(self) -> Path:
        """The folder of the Iceberg metadata."""
        return self.location / "metadata"

    def prepare(self) -> None:
        """Creates the folders."""
        with convert_storage_errors(f"cannot make the folder of {self.product}.{self.output} in {self.root}"):
            self.data.mkdir(parents=True, exist_ok=True)
            self.metadata.mkdir(parents=True, exist_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a new file and waits until it is on disk (fsync)."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
