"""Values that a type of Arrow can carry, and no column: checked before anything else reads them.

A date or timestamp lies in the years 1 to 9999 (Python's range, and SQL's), so that infinity, the year 0 and years
before Christ are refused. A time is less than 24:00. Text is valid UTF-8.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.conversion.basics import Converter, OutOfRange, same
from data_platform.spec.types import DataType, Kind, Primitive

_EPOCH = dt.datetime(1970, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)
_YEARS = "lies outside the years 1 to 9999"
_DAYS = ((dt.date.min - _EPOCH.date()).days, (dt.date.max - _EPOCH.date()).days)
_MOMENTS = ((dt.datetime.min - _EPOCH) // _MICROSECOND, (dt.datetime.max - _EPOCH) // _MICROSECOND)
_DAY = (0, dt.timedelta(days=1) // _MICROSECOND - 1)

RANGES: dict[Kind, tuple[pa.DataType, tuple[int, int], str]] = {
    Kind.DATE: (pa.int32(), _DAYS, _YEARS),
    Kind.TIMESTAMP: (pa.int64(), _MOMENTS, _YEARS),
    Kind.TIMESTAMPTZ: (pa.int64(), _MOMENTS, _YEARS),
    Kind.TIME: (pa.int64(), _DAY, "is not a time of day from 00:00:00 to 23:59:59.999999"),
}
"""For each type that has one: the integers that its values are in memory, their least and greatest, and the reason."""


def range_check(kind: DataType) -> Converter:
    """The converter that hands an array of the column's type on, or raises OutOfRange."""
    if not isinstance(kind, Primitive) or kind.kind not in RANGES:
        return same
    integers, (least, greatest), reason = RANGES[kind.kind]

    def check(array: pa.Array) -> pa.Array:
        bounds = pc.min_max(array.view(integers))
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        if low is not None and (low < least or high > greatest):
            raise OutOfRange(reason)
        return array

    return check


def check_layout(array: pa.Array) -> pa.Array:
    """Raises OutOfRange for an array that breaks Arrow's own rules: text that is not UTF-8, offsets that lead nowhere."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        raise OutOfRange(_broken(str(error))) from None
    return array


def _broken(message: str) -> str:
    return "is not valid UTF-8 text" if "UTF8" in message else "is not a valid value of its Arrow type"
