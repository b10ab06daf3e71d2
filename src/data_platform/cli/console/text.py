"""Formats foreign text and values, so that they are safe and readable on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from data_platform.spec.text.durations import format_interval, is_interval
from data_platform.spec.text.hidden_characters import is_hidden

NOTHING = "–"


def clean(text: str) -> str:
    """Returns the text on one line, without hidden characters."""
    if text.isprintable():
        return text
    return "".join(" " if char in "\t\r\n" else "�" if is_hidden(char) else char for char in text)


def clean_lines(text: str) -> str:
    """Cleans the text, but keeps its lines."""
    return "\n".join(map(clean, text.split("\n")))


def format_value(value: Any) -> str:
    """Formats a value of a catalog answer, such as 12,345 or 2026-11-14 09:30:12 UTC."""
    if value is None or value == "" or value == ():
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return ", ".join(map(format_value, value))
    return clean(str(value))


def format_minute(moment: datetime) -> str:
    """Formats a timestamp to the minute, such as 2026-11-14 09:30 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def format_second(moment: datetime) -> str:
    """Formats a timestamp to the second, such as 2026-11-14 09:30:05 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def format_datum(value: Any) -> str:
    """Formats a value of user data without rounding, such as 12345 or NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{clean(str(key))}: {format_datum(item)}" for key, item in value.items()) + "}"
    if is_interval(value):
        return format_interval(*value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(format_datum, value)) + "]"
    return clean(str(value))


def format_count(count: int, noun: str, plural: str | None = None) -> str:
    """Formats a number with its noun: 1 row, 12 rows."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def format_size(count: int) -> str:
    """Formats a number of bytes in the best unit, such as 1.5 MB."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
