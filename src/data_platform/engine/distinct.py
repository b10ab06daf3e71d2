"""Counts distinct values of columns: exactly in small tables, estimated (HyperLogLog) in larger ones."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

EXACT_ROWS = 100_000


def count_distinct_values(files: Sequence[str], columns: Sequence[str], rows: int) -> dict[str, int]:
    """The number of distinct non-null values per column; `columns` need no key, `rows` is the total over all files.

    Memory use is one column of a small table, or DuckDB's streaming buffers for a large one.
    """
    if not columns:
        return {}
    if rows <= EXACT_ROWS:
        return {column: _count_exactly(files, column) for column in columns}
    # imported here: DuckDB takes 50 ms to load, and small tables do not need it
    from data_platform.engine.estimates import estimate_distinct_counts

    return estimate_distinct_counts(files, columns)


def _count_exactly(files: Sequence[str], column: str) -> int:
    parts: list[pa.ChunkedArray] = []
    for path in files:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            parts.append(file.read(columns=[column], use_threads=False).column(0))
    chunks = [chunk for part in parts for chunk in part.chunks]
    return int(pc.count_distinct(pa.chunked_array(chunks, type=parts[0].type), mode="only_valid").as_py())
