"""SQL conditions that are true for a wrong row, in DuckDB's dialect, with names and values safely quoted.

A null makes every condition here null, and so passes, except for `is_null` and `is_missing`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal

Scalar = str | int | float | bool | Decimal | date | datetime | time
"""The types of values that a rule may compare a column with."""


def quote_identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    if not name or "\x00" in name:
        raise ValueError(f"{name!r} cannot be the name of a column")
    return '"' + name.replace('"', '""') + '"'


def format_literal(value: Scalar) -> str:
    """The value as a SQL literal; ValueError for NaN, infinity, NUL characters and other types."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return _format_text(value)
        case int() | float() | Decimal():
            return _format_number(value)
        case datetime():
            return ("TIMESTAMP " if value.tzinfo is None else "TIMESTAMPTZ ") + _format_text(value.isoformat(" "))
        case date():
            return "DATE " + _format_text(value.isoformat())
        case time():
            return "TIME " + _format_text(value.isoformat())
        case _:
            raise ValueError(f"{value!r} is not text, a number, a boolean, a date or a time")


def _format_text(value: str) -> str:
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"{value!r} holds a NUL character or half a surrogate pair")
    return "'" + value.replace("'", "''") + "'"


def _format_number(value: int | float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return str(value)


def format_literals(values: Iterable[Scalar]) -> str:
    """The values as a comma-separated list of SQL literals."""
    return ", ".join(map(format_literal, values))


def is_null(column: str) -> str:
    """The value is null."""
    return f"{quote_identifier(column)} IS NULL"


def is_not_null(column: str) -> str:
    """The value is not null."""
    return f"{quote_identifier(column)} IS NOT NULL"


def is_missing(column: str, placeholders: Sequence[Scalar]) -> str:
    """The value is null, or one of the texts or numbers that mean a missing value."""
    return f"{is_null(column)} OR {is_in_set(column, placeholders)}" if placeholders else is_null(column)


def is_in_set(column: str, values: Sequence[Scalar]) -> str:
    """The value is one of `values`."""
    return f"{quote_identifier(column)} IN ({format_literals(values)})"


def is_not_in_set(column: str, values: Sequence[Scalar]) -> str:
    """The value is none of `values`."""
    return f"{quote_identifier(column)} NOT IN ({format_literals(values)})"


def is_outside(
    expression: str,
    low: Scalar | None,
    high: Scalar | None,
    *,
    strict_low: bool = False,
    strict_high: bool = False,
) -> str:
    """The SQL expression is below `low` or above `high`; a strict end is itself outside, and so is NaN.

    NaN sorts above every number, so it must be named only where there is no upper end.
    """
    sides = []
    if low is not None:
        sides.append(f"{expression} {'<=' if strict_low else '<'} {format_literal(low)}")
    if high is not None:
        sides.append(f"{expression} {'>=' if strict_high else '>'} {format_literal(high)}")
    if not sides:
        raise ValueError("give a lower end, an upper end, or both")
    if high is None and isinstance(low, int | float | Decimal) and not isinstance(low, bool):
        sides.append(f"{expression} = CAST('NaN' AS DOUBLE)")
    return " OR ".join(sides)


def has_match(column: str, pattern: str) -> str:
    """The text has a match of the RE2 pattern somewhere; anchor with ^ and $ to match the whole."""
    return f"regexp_matches({quote_identifier(column)}, {format_literal(pattern)})"


def has_no_match(column: str, pattern: str) -> str:
    """The text has no match of the RE2 pattern."""
    return f"NOT {has_match(column, pattern)}"


def join_all(*conditions: str) -> str:
    """All of the conditions."""
    return " AND ".join(f"({condition})" for condition in conditions)


def join_any(*conditions: str) -> str:
    """Any of the conditions."""
    return " OR ".join(f"({condition})" for condition in conditions)
