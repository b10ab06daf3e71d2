"""Checks of an expectation's arguments; each returns the value, or raises ValueError."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from datetime import date, time
from decimal import Decimal
from typing import Any

from data_platform.spec.rules.model import DIMENSIONS, Bound, Operator, Severity, Unit
from data_platform.spec.rules.predicates import Scalar


def check_text(argument: str, value: object) -> str | None:
    """Text that is not empty, or None."""
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise ValueError(f"{argument} must be text, not {value!r}")


def check_column(name: object) -> str:
    """A column's name."""
    if not isinstance(name, str) or not name or "\x00" in name:
        raise ValueError(f"a column is named by text, not {name!r}")
    return name


def check_columns(names: object, least: int = 2) -> tuple[str, ...]:
    """Names of at least `least` different columns."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise ValueError(f"column_list must be a list of column names, not {names!r}")
    checked = tuple(check_column(name) for name in names)
    if len(checked) < least or len(set(checked)) < len(checked):
        raise ValueError(f"column_list must name at least {least} different columns, not {list(checked)}")
    return checked


def check_flag(argument: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{argument} must be true or false, not {value!r}")
    return value


def check_number(argument: str, value: object) -> int | float | None:
    """A finite number, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{argument} must be a number, not {value!r}")
    return value


def count(argument: str, value: object) -> int | None:
    """A whole number that is not negative, or None."""
    checked = check_number(argument, value)
    if checked is None:
        return None
    if checked < 0 or checked != int(checked):
        raise ValueError(f"{argument} must be a whole number from 0 up, not {value!r}")
    return int(checked)


def check_scalars(argument: str, values: object) -> tuple[Scalar, ...]:
    """The values of a set, nulls left out: at least one, all text, numbers, booleans, dates or times."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{argument} must be a list of values, not {values!r}")
    checked = tuple(dict.fromkeys(check_scalar(argument, value) for value in values if value is not None))
    if not checked:
        raise ValueError(f"{argument} must hold at least one value")
    return checked


def check_scalar(argument: str, value: object) -> Scalar:
    """Text, a finite number, a boolean, a date or a time."""
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise ValueError(f"{argument}: {value} is not a finite number")
    if isinstance(value, str | int | float | Decimal | date | time):
        return value
    raise ValueError(f"{argument}: {value!r} is not text, a number, a boolean, a date or a time")


def check_ends(low: object, high: object) -> tuple[Scalar | None, Scalar | None]:
    """min_value and max_value: at least one, of one kind, in order."""
    checked = tuple(
        None if end is None else check_scalar(name, end) for name, end in zip(_ENDS, (low, high), strict=True)
    )
    first, last = checked
    if first is None and last is None:
        raise ValueError("give min_value, max_value, or both")
    if first is not None and last is not None and not _is_ordered(first, last):
        raise ValueError(f"min_value {first!r} is above max_value {last!r}")
    return first, last


_ENDS = ("min_value", "max_value")


def _is_ordered(low: Scalar, high: Scalar) -> bool:
    try:
        return bool(low <= high)  # type: ignore[operator]
    except TypeError:
        raise ValueError(f"min_value {low!r} and max_value {high!r} cannot be compared") from None


def make_bound(
    low: int | float | None, high: int | float | None, *, strict_low: bool = False, strict_high: bool = False
) -> Bound:
    """The bound of a number that must lie from `low` to `high`; None leaves an end open, a strict one is out."""
    if low is not None and high is not None:
        if low > high:
            raise ValueError(f"min_value {low} is above max_value {high}")
        if strict_low or strict_high:
            raise ValueError("strict_min and strict_max want one end each here: write two expectations")
        return Bound(Operator.BETWEEN, (low, high))
    if low is not None:
        return Bound(Operator.GREATER if strict_low else Operator.GREATER_OR_EQUAL, low)
    if high is not None:
        return Bound(Operator.LESS if strict_high else Operator.LESS_OR_EQUAL, high)
    raise ValueError("give min_value, max_value, or both")


def make_share_bound(mostly: object) -> Bound:
    """At most this percentage may be wrong; computed in decimals, since 1 - 0.9 is not 0.1 in floats."""
    share = check_number("mostly", mostly)
    if share is None or not 0 <= share <= 1:
        raise ValueError(f"mostly is a share from 0 to 1, not {mostly!r}")
    return Bound(Operator.LESS_OR_EQUAL, float(100 - 100 * Decimal(str(share))))


def resolve_unit(mostly: object) -> Unit:
    """A rule with `mostly` counts in percent."""
    return Unit.ROWS if mostly is None else Unit.PERCENT


def parse_severity(value: object) -> Severity:
    """A severity by its name."""
    if value not in list(Severity):
        raise ValueError(f"severity is {' or '.join(Severity)}, not {value!r}")
    return Severity(str(value))


def check_dimension(value: object) -> str | None:
    """One of ODCS's seven dimensions, or None."""
    if value is not None and value not in DIMENSIONS:
        raise ValueError(f"dimension is one of {', '.join(DIMENSIONS)}, not {value!r}")
    return None if value is None else str(value)


def to_json(value: object) -> Any:
    """An argument as JSON can hold it: dates as ISO text, decimals as the number or text that is no other value."""
    match value:
        case None | bool() | str() | int() | float():
            return value
        case Decimal():
            return float(value) if Decimal(repr(float(value))) == value else str(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case Set():
            return sorted(map(to_json, value), key=repr)
        case Iterable():
            return [to_json(item) for item in value]
        case _:
            return str(value)
