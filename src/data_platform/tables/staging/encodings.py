"""Chooses the encoding of each column by its first rows.

Whole numbers and times that only grow (ids, event times) or are close together (keys) are written as differences, which
takes half of the time and less space; columns with few repeated values have no dictionary, because the writer would
build and then discard it.
Encodings: https://parquet.apache.org/docs/file-format/data-pages/encodings/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE = 10_000
_REPEATS = 0.8
"""The share of distinct values in the sample, if values are drawn evenly from 20,000: above it, no dictionary."""
_CLOSE = 1 << 32
"""Values of 64 bits in a narrower range are written faster as differences than compressed as they are."""


def make_writer_options(rows: pa.Table, leaves: Iterable[str]) -> dict[str, Any]:
    """`use_dictionary` and `column_encoding` of a ParquetWriter, for `leaves` (all leaf paths of the schema)."""
    sample = rows.slice(0, SAMPLE)
    growing = {name for name in rows.schema.names if _is_growing(sample[name])}
    varied = {name for name in rows.schema.names if name not in growing and is_varied(sample[name])}
    differences = growing | {name for name in varied if _is_close(sample[name])}
    dictionary = [leaf for leaf in leaves if leaf not in growing and leaf not in varied]
    return {
        "use_dictionary": dictionary or False,
        "column_encoding": dict.fromkeys(differences, "DELTA_BINARY_PACKED") or None,
    }


def _is_growing(column: pa.ChunkedArray) -> bool:
    if not _has_differences(column.type) or column.null_count or len(column) < 2:
        return False
    values = column.combine_chunks().cast(pa.int64())
    return bool(pc.all(pc.greater_equal(values[1:], values[:-1])).as_py())


def _is_close(column: pa.ChunkedArray) -> bool:
    if not _has_differences(column.type):
        return False
    ends = pc.min_max(column.cast(pa.int64()))
    return bool(ends["min"].is_valid and ends["max"].as_py() - ends["min"].as_py() < _CLOSE)


def _has_differences(kind: pa.DataType) -> bool:
    return bool(pa.types.is_int64(kind) or pa.types.is_timestamp(kind))


def is_varied(column: pa.ChunkedArray) -> bool:
    """Whether a column's sample has few repeated values."""
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_boolean(kind) or pa.types.is_dictionary(kind) or len(column) < SAMPLE:
        return False
    return bool(pc.count_distinct(column).as_py() > _REPEATS * len(column))
