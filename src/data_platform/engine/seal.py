"""Proves that sealed columns are sealed, from the file on disk and not from the writer's settings.

Without a key no chunk may decode, and the plaintext footer may have no bounds. The footer is read by DuckDB: pyarrow
aborts the process when it is asked for the statistics of a sealed column without its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.engine.connection import discard_database, open_connection
from data_platform.errors import StorageFailed

_BOUNDS = "stats_min, stats_max, stats_min_value, stats_max_value"


def find_seal_breaches(path: str, leaves: Sequence[str]) -> list[str]:
    """What is readable without a key in the Parquet file at `path`, of its `leaves` (dotted paths, sealed).

    Raises StorageFailed for a file that is missing or damaged.
    """
    try:
        return [*_find_readable(path, leaves), *_find_bounds(path, leaves)]
    except (OSError, pa.ArrowInvalid, duckdb.Error) as error:
        if isinstance(error, duckdb.InternalException | duckdb.FatalException):
            discard_database()
        what = f"{path} was removed or cut while the publish ran"
        raise StorageFailed(what, hint="see who removes files in the home, then publish again") from error


def _find_readable(path: str, leaves: Sequence[str]) -> Iterator[str]:
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for leaf in leaves:
                try:
                    file.read_row_group(group, columns=[leaf])
                except OSError:
                    continue
                yield f"{leaf} is readable without its key (row group {group})"


def _find_bounds(path: str, leaves: Sequence[str]) -> Iterator[str]:
    query = f"SELECT path_in_schema, {_BOUNDS} FROM parquet_metadata($path)"
    with open_connection() as connection:
        for name, *bounds in connection.execute(query, {"path": path}).fetchall():
            leaf = ".".join(part.strip() for part in name.split(", "))
            if leaf in leaves and any(bound is not None for bound in bounds):
                yield f"the footer has bounds of {leaf}"
