"""Formats durations in ISO 8601, such as P1Y2M3DT4H5M6.5S; each part has its own sign, as in ISO 8601-2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

_MONTHS, _SECOND = 12, 10**9


def is_interval(value: Any) -> bool:
    """Whether the value is a SQL INTERVAL as Arrow returns it: a tuple of months, days and nanoseconds."""
    return isinstance(value, tuple) and hasattr(value, "months") and hasattr(value, "nanoseconds")


def format_interval(months: int, days: int, nanoseconds: int) -> str:
    """Formats a SQL interval. Its parts are not converted into each other, because months differ in length."""
    date = (
        _format_part(_count_whole(months, _MONTHS), "Y")
        + _format_part(_compute_rest(months, _MONTHS), "M")
        + _format_part(days, "D")
    )
    minutes, seconds = _count_whole(nanoseconds, 60 * _SECOND), _compute_rest(nanoseconds, 60 * _SECOND)
    clock = (
        _format_part(_count_whole(minutes, 60), "H")
        + _format_part(_compute_rest(minutes, 60), "M")
        + _format_seconds(seconds)
    )
    return f"P{date}" + (f"T{clock}" if clock else "") if date or clock else "PT0S"


def format_duration(value: timedelta) -> str:
    """Formats a duration of days and seconds."""
    days = _count_whole(value // timedelta(microseconds=1), 86_400_000_000)
    rest = (value - timedelta(days=days)) // timedelta(microseconds=1)
    return format_interval(0, days, rest * 1000)


def _count_whole(value: int, unit: int) -> int:
    """Returns the number of whole units in the value, rounded towards zero."""
    return value // unit if value >= 0 else -(-value // unit)


def _compute_rest(value: int, unit: int) -> int:
    return value - _count_whole(value, unit) * unit


def _format_part(value: int, letter: str) -> str:
    return f"{value}{letter}" if value else ""


def _format_seconds(nanoseconds: int) -> str:
    if not nanoseconds:
        return ""
    whole, fraction = divmod(abs(nanoseconds), _SECOND)
    text = f"{whole}.{fraction:09d}".rstrip("0").rstrip(".")
    return f"{'-' if nanoseconds < 0 else ''}{text}S"
