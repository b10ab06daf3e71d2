"""Parquet, a file or a folder of files, as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.errors import UnreadableData
from data_platform.spec.types import TableSchema
from data_platform.tables.intake.guard import guard_batches, readable
from data_platform.tables.intake.stream import BATCH_ROWS, Intake


def open_parquet(paths: Sequence[Path], named: Path) -> Intake:
    """The files as one table; `named` is what the caller handed in."""
    if not paths:
        raise UnreadableData(f"{named}: no .parquet file in this folder")
    with readable(named):
        schema = pq.ParquetFile(paths[0]).schema_arrow

    def batches() -> Iterator[pa.RecordBatch]:
        for path in paths:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                if file.schema_arrow != schema:
                    raise UnreadableData(f"{path}: its columns differ from those of {paths[0].name}")
                yield from file.iter_batches(BATCH_ROWS)

    return Intake(schema, guard_batches(batches(), named), parquet=paths[0] if len(paths) == 1 else None)


def open_parquet_file(path: Path, contract: TableSchema | None) -> Intake:
    """One file."""
    return open_parquet([path], path)
