"""Rows on their way in, whatever they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

BATCH_ROWS = 131_072
FILES = "a file is .parquet, .csv, .json or .jsonl (text may be packed: .gz), or a folder of .parquet"
ACCEPTED = f"hand in a table (pyarrow, polars, pandas, DuckDB), dicts (a list or an iterator), or a path; {FILES}"


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Intake:
    """Rows on their way in; `untyped` says that the source could not tell a date from text."""

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    untyped: bool = False
    parquet: Path | None = None
    close: Callable[[], None] = _nothing
    """Lets go of what the rows come from, also when they were not all drawn."""
