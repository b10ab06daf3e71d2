"""What a pipeline reads that is not yet a data product: a table of a source that settings.toml declares."""

from __future__ import annotations

import pyarrow as pa

from data_platform.pipelines.files import read_file
from data_platform.pipelines.postgres import read_table
from data_platform.settings import PostgresSource, Settings


def read_source(settings: Settings, name: str, table: str) -> pa.Table:
    """The whole table, in memory, as it is now; `table` is a name (in Postgres also `schema.table`), never SQL.

    It stays in memory because a source may hold personal data, and no copy of it may lie on disk in clear.

    Raises NotFound for an unknown source or table, BadInput when the source's settings or variables are wrong,
    UnreadableData when a value or file cannot be read, SourceFailed when the source does not answer, MissingExtra.
    """
    source = settings.find_source(name)
    return read_table(source, table) if isinstance(source, PostgresSource) else read_file(source, table)
