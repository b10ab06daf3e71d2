"""How many different values columns have."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def distinct_counts(files: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    """Approximate numbers of distinct values (HyperLogLog); a column at a time, so that memory holds a few pages."""
    rows = pl.scan_parquet(list(files), low_memory=True)
    return {column: _distinct(rows, column) for column in columns}


def _distinct(rows: pl.LazyFrame, column: str) -> int:
    return int(rows.select(pl.col(column).drop_nulls().approx_n_unique()).collect(engine="streaming").item())
