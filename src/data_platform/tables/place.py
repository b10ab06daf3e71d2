"""Where the files of an output's table are in a storage.

    <product>/<output>/data/<stage>-<n>.parquet
    <product>/<output>/metadata/<commit>-m0.avro           the manifest of what a version added
    <product>/<output>/metadata/snap-<commit>.avro         the manifest list
    <product>/<output>/metadata/<version>-<commit>.metadata.json

Every file has a unique name and is never changed: only the record's pointer moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import Storage


@dataclass(frozen=True, slots=True)
class TablePlace:
    """The place of one output's table: the files whose keys begin with `key`."""

    storage: Storage
    product: str
    output: str

    @property
    def key(self) -> str:
        """The folder of the table."""
        return f"{self.product}/{self.output}"

    @property
    def data(self) -> str:
        """The folder of the data files."""
        return f"{self.key}/data"

    @property
    def metadata(self) -> str:
        """The folder of the Iceberg metadata."""
        return f"{self.key}/metadata"

    @property
    def uri(self) -> str:
        """The URI of the table."""
        return self.storage.build_uri(self.key)

    @property
    def location(self) -> str:
        """The place as Iceberg's `location` and answers name it: a path on a disk, else the URI."""
        return self.locate(self.key)

    def locate(self, key: str) -> str:
        """A file as Iceberg metadata, answers and messages name it."""
        return locate(self.storage, key)

    def is_whole(self, key: str, size: int) -> bool:
        """Whether the regular file is there with that size."""
        try:
            return self.storage.describe(key).size == size
        except OSError:
            return False


def get_name(location: str) -> str:
    """The name of a file, from its key, its path or its URI."""
    return location.rpartition("/")[2]
