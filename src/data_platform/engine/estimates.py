"""Estimates by DuckDB over data files, with bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from sqlglot import exp

from data_platform.engine.connection import open_connection
from data_platform.engine.paths import build_parquet_scan
from data_platform.errors import StorageFailed


def estimate_distinct_counts(files: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    """The approximate number of distinct non-null values per column; raises FileNotFoundError for a missing file."""
    counts = (f"approx_count_distinct({exp.to_identifier(name, quoted=True).sql('duckdb')})" for name in columns)
    try:
        with open_connection() as cursor:
            row = cursor.execute(f"SELECT {', '.join(counts)} FROM {build_parquet_scan(files)}").fetchone() or ()
    except duckdb.IOException as error:
        missing = next((path for path in files if not Path(path).exists()), None)
        if missing is None:
            raise StorageFailed(f"staged data cannot be read: {' '.join(str(error).split())}") from error
        raise FileNotFoundError(missing) from error
    return dict(zip(columns, map(int, row), strict=True))
