"""How many different values columns have: counted exactly in small tables, estimated (HyperLogLog) in larger ones."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

EXACT_ROWS = 100_000


def distinct_counts(files: Sequence[str], columns: Sequence[str], rows: int) -> dict[str, int]:
    """The numbers of distinct values that are not null; `columns` are readable without a key, `rows` is over all files.

    Memory holds one column of a small table, or what DuckDB needs to read a large one as a stream.
    """
    if not columns:
        return {}
    if rows <= EXACT_ROWS:
        return {column: _exact(files, column) for column in columns}
    # DuckDB takes a twentieth of a second to load, which small tables need not pay
    from data_platform.engine.estimates import estimated_distinct_counts

    return estimated_distinct_counts(files, columns)


def _exact(files: Sequence[str], column: str) -> int:
    parts: list[pa.ChunkedArray] = []
    for path in files:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            parts.append(file.read(columns=[column], use_threads=False).column(0))
    chunks = [chunk for part in parts for chunk in part.chunks]
    return int(pc.count_distinct(pa.chunked_array(chunks, type=parts[0].type), mode="only_valid").as_py())
