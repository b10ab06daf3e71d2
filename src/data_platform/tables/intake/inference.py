"""The types of columns that came as text: each the first type that takes all its values and writes them back the same.

So `007` stays text, because the number 7 is not how it was written, and a column is a date only when every value is.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_DATE, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?"
_NUMBER = r"-?(0|[1-9]\d*)"
_TYPES = (
    (_NUMBER, pa.int64()),
    (rf"{_NUMBER}(\.\d+)?([eE][+-]?\d+)?", pa.float64()),
    (r"(?i:true|false)", pa.bool_()),
    (_DATE, pa.date32()),
    (rf"{_DATE}[T ]{_TIME}", pa.timestamp("us")),
    (rf"{_DATE}[T ]{_TIME}(Z|[+-]\d\d(:?\d\d)?)", pa.timestamp("us", "UTC")),
)


def with_inferred_types(table: pa.Table) -> pa.Table:
    """The table with each text column in its type; one of nulls alone has none, so it becomes Arrow's null."""
    columns = [_typed(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _typed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column))])
    for pattern, kind in _TYPES:
        if pc.all(pc.match_substring_regex(column, f"^({pattern})$")).as_py():
            try:
                return column.cast(kind)
            except pa.ArrowInvalid:  # such as a number too large, or the 30th of February
                continue
    return column
