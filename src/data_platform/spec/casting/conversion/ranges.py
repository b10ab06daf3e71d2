"""Values that an Arrow type can contain and a column cannot: checked before anything else reads them.

A date or timestamp lies in the years 1 to 9999 (Python's range, and SQL's), so that infinity, the year 0 and years
before Christ are refused. A time is less than 24:00. Text is valid UTF-8.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import BrokenLayout, Converter, OutOfRange, keep_as_is
from data_platform.spec.schema.types import DataType, Kind, Primitive

_EPOCH = dt.datetime(1970, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)
_YEARS = "lies outside the years 1 to 9999"
_HOURS = "is not a time of day from 00:00:00 to 23:59:59.999999"
_DAYS = ((dt.date.min - _EPOCH.date()).days, (dt.date.max - _EPOCH.date()).days)
_MOMENTS = ((dt.datetime.min - _EPOCH) // _MICROSECOND, (dt.datetime.max - _EPOCH) // _MICROSECOND)
_DAY = (0, dt.timedelta(days=1) // _MICROSECOND - 1)

RANGES: dict[Kind, tuple[pa.DataType, tuple[int, int], str]] = {
    Kind.DATE: (pa.int32(), _DAYS, _YEARS),
    Kind.TIMESTAMP: (pa.int64(), _MOMENTS, _YEARS),
    Kind.TIMESTAMPTZ: (pa.int64(), _MOMENTS, _YEARS),
    Kind.TIME: (pa.int64(), _DAY, _HOURS),
}
"""For each type that has one: the integers that its values are in memory, their least and greatest, and the reason."""


def make_range_check(kind: DataType) -> Converter:
    """A converter that returns an array of the column's type unchanged, or raises OutOfRange."""
    if not isinstance(kind, Primitive) or kind.kind not in RANGES:
        return keep_as_is
    integers, (least, greatest), reason = RANGES[kind.kind]

    def check(array: pa.Array) -> pa.Array:
        bounds = pc.min_max(array.view(integers))
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        if low is not None and (low < least or high > greatest):
            raise OutOfRange(reason)
        return array

    return check


def check_layout(array: pa.Array) -> pa.Array:
    """Raises OutOfRange for invalid arrays: text that is not UTF-8, offsets out of bounds."""
    error = _find_layout_error(array)
    if error and pa.types.is_nested(array.type) and _has_offsets_in_bounds(array):
        # Arrow looks at all of a slice's children: a copy has only those of its own rows
        error = _find_layout_error(array.take(pa.array(range(len(array)), pa.int64())))
    if error:
        raise _describe_broken(error)
    return array


def _find_layout_error(array: pa.Array) -> str | None:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        return str(error)
    return None


def _has_offsets_in_bounds(array: pa.Array) -> bool:
    """Whether every offset, at any depth, leads to a child, so that the array can be copied."""
    kind = array.type
    if pa.types.is_struct(kind):
        return all(_has_offsets_in_bounds(array.field(number)) for number in range(kind.num_fields))
    if pa.types.is_map(kind):
        children = [array.keys, array.items]
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        children = [array.values]
    else:
        return not pa.types.is_nested(kind)
    offsets = array.offsets
    ordered = pc.all(pc.greater_equal(offsets.slice(1), offsets.slice(0, len(array)))).as_py() is not False
    inside = len(array) == 0 or (offsets[0].as_py() >= 0 and offsets[-1].as_py() <= len(children[0]))
    return ordered and inside and all(map(_has_offsets_in_bounds, children))


def _describe_broken(message: str) -> OutOfRange:
    """Arrow's message without the values that it quotes."""
    if "UTF8" in message:
        return OutOfRange("is not valid UTF-8 text")
    if "acceptable range" in message:
        return OutOfRange(_HOURS)
    if "precision" in message:
        return OutOfRange("has more digits than that")
    return BrokenLayout("is not a valid value of its Arrow type")
