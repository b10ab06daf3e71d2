"""The dates, times and timestamps of Arrow that Python's types can hold."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

DAY_SECONDS = 86_400
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of a unit are a second."""
_FIRST_SECOND, _END_SECOND = -62_135_596_800, 253_402_300_800  # of the years 1 and 10000
_HOURS = "is no time of day before 24:00"
_YEARS = "lies outside the years 1 to 9999"


class TemporalLimits(NamedTuple):
    """The storage type, the least and greatest value that Python supports, and a description of other values."""

    storage: pa.DataType
    least: int
    greatest: int
    reason: str


def find_limits(kind: pa.DataType) -> TemporalLimits | None:
    """The limits of a type; None where it is no date, time or timestamp."""
    if pa.types.is_date32(kind):
        return TemporalLimits(pa.int32(), _FIRST_SECOND // DAY_SECONDS, _END_SECOND // DAY_SECONDS - 1, _YEARS)
    if pa.types.is_date64(kind):
        return TemporalLimits(pa.int64(), _FIRST_SECOND * 1000, _END_SECOND * 1000 - 1, _YEARS)
    if pa.types.is_timestamp(kind):
        unit = UNITS[kind.unit]
        return TemporalLimits(pa.int64(), _FIRST_SECOND * unit, _END_SECOND * unit - 1, _YEARS)
    if pa.types.is_time(kind):
        storage = pa.int32() if pa.types.is_time32(kind) else pa.int64()
        return TemporalLimits(storage, 0, DAY_SECONDS * UNITS[kind.unit] - 1, _HOURS)
    return None
