"""Text of dates, times and timestamps that Python cannot hold, as DuckDB reads it back: exactly what went in.

Years are those of ISO 8601: 0000 is 1 BC, -0043 is 44 BC, 12000 has five digits. The largest integers of a type are
DuckDB's `infinity` and `-infinity`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.engine.temporal_limits import DAY_SECONDS, UNITS, find_limits
from data_platform.spec.casting.conversion.leaves import iterate_leaves

_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # the Gregorian calendar repeats
_CYCLE_START = date(2000, 1, 1)
_CYCLE_OFFSET = (_CYCLE_START - date(1970, 1, 1)).days
_NANOSECONDS = 1000


def needs_text(array: pa.Array) -> bool:
    """Whether a date or time in the array, or nested in its values, is none of Python's."""
    return any(_is_out_of_range(leaf) or _is_too_fine(leaf) for leaf in iterate_leaves(array))


def is_out_of_range(array: pa.Array) -> bool:
    """Whether a date or time in the array, or nested in its values, is outside of Python's years or hours."""
    return any(map(_is_out_of_range, iterate_leaves(array)))


def read_with_text(array: pa.Array) -> list[Any]:
    """The values as Python objects, with the text of those dates and times that Python cannot hold."""
    return [_read_scalar(scalar) for scalar in array]


def _is_out_of_range(leaf: pa.Array) -> bool:
    limits = find_limits(leaf.type)
    if limits is None:
        return False
    bounds = pc.min_max(leaf.view(limits.storage))
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    return low is not None and (low < limits.least or high > limits.greatest)


def _is_too_fine(leaf: pa.Array) -> bool:
    if getattr(leaf.type, "unit", None) != "ns" or pa.types.is_duration(leaf.type):
        return False
    numbers = leaf.view(pa.int64())
    whole = pc.multiply(pc.divide(numbers, _NANOSECONDS), _NANOSECONDS)
    return bool(pc.any(pc.not_equal(numbers, whole)).as_py())


def _read_scalar(scalar: pa.Scalar) -> Any:
    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_struct(kind):
        return {field.name: _read_scalar(scalar[at]) for at, field in enumerate(kind)}
    if pa.types.is_map(kind):
        return [(_read_scalar(entry[0]), _read_scalar(entry[1])) for entry in scalar.values]
    if pa.types.is_nested(kind):
        return read_with_text(scalar.values)
    limits = find_limits(kind)
    if limits is None or not needs_text(pa.array([scalar.value], limits.storage).view(kind)):
        return scalar.as_py()
    return _format_moment(kind, scalar.value)


def _format_moment(kind: pa.DataType, number: int) -> str:
    greatest = 2 ** (kind.bit_width - 1) - 1
    if abs(number) == greatest and not pa.types.is_time(kind):
        return "infinity" if number > 0 else "-infinity"
    if pa.types.is_date(kind):
        return _format_day(number if pa.types.is_date32(kind) else number // (DAY_SECONDS * UNITS["ms"]))
    return _format_time(kind, number) if pa.types.is_time(kind) else _format_timestamp(kind, number)


def _format_time(kind: pa.DataType, number: int) -> str:
    seconds, parts = divmod(number, UNITS[kind.unit])
    digits = len(str(UNITS[kind.unit])) - 1
    fraction = f".{parts:0{digits}}" if parts else ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _format_timestamp(kind: pa.DataType, number: int) -> str:
    days, rest = divmod(number, DAY_SECONDS * UNITS[kind.unit])
    zone = "" if kind.tz is None else "Z"
    return f"{_format_day(days)}T{_format_time(kind, rest)}{zone}"


def _format_day(days: int) -> str:
    cycle, rest = divmod(days - _CYCLE_OFFSET, _CYCLE_DAYS)
    day = _CYCLE_START + timedelta(rest)
    year = day.year + cycle * _CYCLE_YEARS
    return f"{'-' if year < 0 else ''}{abs(year):04}-{day.month:02}-{day.day:02}"
