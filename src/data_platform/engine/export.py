"""Converts rows to Python, pandas and polars values: exactly, or with an error that names the column and the row.

Arrow supports values that these do not: infinite dates, the year 0, a time of 24:00 (read as 00:00 by Python). Files of
older versions may contain them, and SQL can produce them. pandas turns integers beside nulls into floats, which changes
those beyond 2^53; they become nullable integers here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.engine.row import Row
from data_platform.engine.temporal_limits import find_limits
from data_platform.errors import FrameError, MissingExtra
from data_platform.spec.casting.conversion.leaves import iterate_leaves

if TYPE_CHECKING:
    import pandas
    import polars

_EXACT_IN_FLOAT = 2**53
_HINT = "to_arrow() keeps it, and so does parquet; in SQL, CAST(… AS VARCHAR) makes it text"


def require_library(name: str) -> None:
    """Raises MissingExtra where the optional library is not installed, so that no query runs in vain."""
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra(name, name) from error


def to_rows(table: pa.Table) -> list[Row]:
    """All rows; raises FrameError for a value that Python cannot hold."""
    if not table.num_columns:
        return [Row.from_values((), ())] * table.num_rows
    columns = to_python_columns(table)
    return [Row.from_values(table.column_names, values) for values in zip(*columns, strict=True)]


def to_python_columns(table: pa.Table | pa.RecordBatch) -> list[list[Any]]:
    """Each column as a list; raises FrameError for a value that Python cannot hold."""
    refuse_beyond_python(table)
    columns = []
    for name, column in zip(table.schema.names, table.columns, strict=True):
        try:
            columns.append(column.to_pylist())
        except (OverflowError, ValueError) as error:
            raise FrameError(f"column {name}: a value cannot be one of Python's: {error}", hint=_HINT) from error
    return columns


def to_pandas(table: pa.Table) -> pandas.DataFrame:
    """All rows as a pandas DataFrame, with every digit; raises FrameError for a value that Python cannot hold."""
    import pandas  # an optional library

    refuse_beyond_python(table)
    try:
        frame: pandas.DataFrame = table.to_pandas()
    except (OverflowError, ValueError, NotImplementedError, pa.ArrowException) as error:
        raise FrameError(f"the rows cannot be a frame of pandas: {error}", hint=_HINT) from error
    for place, column in enumerate(table.columns):
        if not _needs_exact_type(column):
            continue
        if pa.types.is_integer(column.type):
            frame.isetitem(place, column.to_pandas(types_mapper={column.type: pandas.Int64Dtype()}.get).array)
        else:
            frame.isetitem(place, pandas.Series(column.to_pylist(), dtype=object).array)
    return frame


def to_polars(table: pa.Table) -> polars.DataFrame:
    """All rows as a polars DataFrame; raises FrameError for a value that Python cannot hold."""
    import polars  # an optional library

    refuse_beyond_python(table)
    return polars.DataFrame(table)


def refuse_beyond_python(table: pa.Table | pa.RecordBatch) -> None:
    """Raises FrameError for the first date, time or timestamp of a column that Python cannot hold."""
    for name, column in zip(table.schema.names, table.columns, strict=True):
        before = 0
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            if reason := _find_reason(chunk):
                row = next(row for row in range(len(chunk)) if _find_reason(chunk.slice(row, 1)))
                what = f"column {name}: the value in row {before + row + 1:,} {reason}, which Python cannot hold"
                raise FrameError(what, hint=_HINT)
            before += len(chunk)


def _find_reason(array: pa.Array) -> str | None:
    return next((reason for leaf in iterate_leaves(array) if (reason := _check_limits(leaf))), None)


def _check_limits(leaf: pa.Array) -> str | None:
    limits = find_limits(leaf.type)
    if limits is None:
        return None
    bounds = pc.min_max(leaf.view(limits.storage))
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return limits.reason if low is not None and (low < limits.least or high > limits.greatest) else None


def _needs_exact_type(column: pa.ChunkedArray) -> bool:
    """Whether pandas would convert integers to floats and lose digits."""
    return any(_has_large_number(leaf) for chunk in column.chunks for leaf in iterate_leaves(chunk)) and (
        pa.types.is_nested(column.type) or column.null_count > 0
    )


def _has_large_number(leaf: pa.Array) -> bool:
    if not pa.types.is_integer(leaf.type) or leaf.type.bit_width < 64:
        return False
    bounds = pc.min_max(leaf)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return low is not None and max(-low, high) > _EXACT_IN_FLOAT
