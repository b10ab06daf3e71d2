"""Converts DuckDB's Python values to values that JSON supports."""

from __future__ import annotations

import math
from decimal import Decimal

MAX_TEXT = 500
"""The characters of a text that are shown."""


def to_number(value: object) -> int | float | None:
    """The value as a finite number, or None when it is none; a boolean is none."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal() if value.is_finite():
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return None


def describe_kind(value: object) -> str:
    """The kind of a value as text that does not quote it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "a boolean"
        case str():
            return "text"
        case int() | float() | Decimal():
            return "no finite number"
        case _:
            return f"a {type(value).__name__}"


def to_json_value(value: object) -> object:
    """The value as JSON can carry it; NaN and infinity become text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def build_display_sql(name: str, kind: str) -> str:
    """The SQL that shows a column of DuckDB type `kind`: numbers and booleans as they are, the rest as short text."""
    if kind in _CARRIED:
        return name
    text = f"CAST({name} AS VARCHAR)"
    return f"CASE WHEN length({text}) > {MAX_TEXT} THEN left({text}, {MAX_TEXT - 1}) || '…' ELSE {text} END"


_CARRIED = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
    | {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"}
)
