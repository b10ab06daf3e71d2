"""Durations as ISO 8601 writes them, such as P1Y2M3DT4H5M6.5S; each part has its own sign, as in ISO 8601-2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

_MONTHS, _SECOND = 12, 10**9


def is_interval(value: Any) -> bool:
    """Whether the value is SQL's INTERVAL as Arrow hands it out: a tuple of months, days and nanoseconds."""
    return isinstance(value, tuple) and hasattr(value, "months") and hasattr(value, "nanoseconds")


def iso_interval(months: int, days: int, nanoseconds: int) -> str:
    """An interval of SQL: its parts are never turned into each other, because a month has no length."""
    date = _part(_whole(months, _MONTHS), "Y") + _part(_rest(months, _MONTHS), "M") + _part(days, "D")
    minutes, seconds = _whole(nanoseconds, 60 * _SECOND), _rest(nanoseconds, 60 * _SECOND)
    clock = _part(_whole(minutes, 60), "H") + _part(_rest(minutes, 60), "M") + _seconds(seconds)
    return f"P{date}" + (f"T{clock}" if clock else "") if date or clock else "PT0S"


def iso_duration(value: timedelta) -> str:
    """A span of days and seconds."""
    days = _whole(value // timedelta(microseconds=1), 86_400_000_000)
    rest = (value - timedelta(days=days)) // timedelta(microseconds=1)
    return iso_interval(0, days, rest * 1000)


def _whole(value: int, unit: int) -> int:
    """How many units are in the value, counted towards zero."""
    return value // unit if value >= 0 else -(-value // unit)


def _rest(value: int, unit: int) -> int:
    return value - _whole(value, unit) * unit


def _part(value: int, letter: str) -> str:
    return f"{value}{letter}" if value else ""


def _seconds(nanoseconds: int) -> str:
    if not nanoseconds:
        return ""
    whole, fraction = divmod(abs(nanoseconds), _SECOND)
    text = f"{whole}.{fraction:09d}".rstrip("0").rstrip(".")
    return f"{'-' if nanoseconds < 0 else ''}{text}S"
