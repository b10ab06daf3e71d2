"""What DuckDB gives as Python values, as what JSON can carry."""

from __future__ import annotations

import math
from decimal import Decimal

MAX_TEXT = 500
MAX_ITEMS = 20
MAX_DEPTH = 5


def number_of(value: object) -> int | float | None:
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


def kind_of(value: object) -> str:
    """What a value is, in words that do not quote it."""
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


def shown(value: object, depth: int = 0) -> object:
    """The value for people to see: what JSON has stays, the rest becomes text, the long is cut."""
    match value:
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str():
            return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…"
        case list() | tuple() if depth < MAX_DEPTH:
            return [shown(item, depth + 1) for item in value[:MAX_ITEMS]]
        case dict() if depth < MAX_DEPTH:
            items = list(value.items())[:MAX_ITEMS]
            return {str(name)[:MAX_TEXT]: shown(item, depth + 1) for name, item in items}
        case bytes():
            return shown(value[:MAX_TEXT].hex())
        case _:
            return shown(str(value))
