"""The five library metrics of ODCS 3.2.0 (section Data Quality, Library) as typed rules.

Choices where the standard leaves them open: between includes both ends; null is always missing, and never invalid;
`duplicateValues` counts the rows beyond the first of equal values, rows with a null among them passed over; a
pattern is an RE2 expression that matches anywhere in the text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.model import (
    AT_MOST_NONE,
    DIMENSIONS,
    Bound,
    Declared,
    Duplicates,
    Measure,
    Operator,
    RowCount,
    Rule,
    Severity,
    Unit,
    Wrong,
)
from data_platform.spec.rules.predicates import Scalar, format_literal
from data_platform.spec.rules.regexes import check_regex

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "nullValues": (),
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
    "rowCount": (),
}
"""The metrics and the `arguments` each takes."""

_BETWEEN = (Operator.BETWEEN, Operator.NOT_BETWEEN)


def make_library_rule(
    name: str,
    metric: str,
    column: str | None = None,
    arguments: Mapping[str, object] | None = None,
    *,
    bound: Bound = AT_MOST_NONE,
    severity: Severity = Severity.BLOCKING,
    unit: Unit = Unit.ROWS,
    dimension: str | None = None,
    description: str | None = None,
) -> Rule:
    """The rule that a library metric makes; ValueError says what is wrong with metric, arguments or bound."""
    given = dict(arguments or {})
    _judge(metric, column, given)
    _judge_bound(bound)
    if metric == "rowCount" and unit is Unit.PERCENT:
        raise ValueError("rowCount counts rows: percent has no meaning for it")
    if dimension is not None and dimension not in DIMENSIONS:
        raise ValueError(f"dimension is one of {', '.join(DIMENSIONS)}, not {dimension!r}")
    columns = _check_columns(metric, column, given)
    return Rule(
        name=name,
        measure=_measure(metric, columns, given),
        bound=bound,
        severity=severity,
        unit=unit,
        dimension=dimension,
        description=description,
        columns=columns,
        declared=Declared(metric, given),
    )


def _judge(metric: str, column: str | None, given: Mapping[str, object]) -> None:
    if metric not in ARGUMENTS:
        near = get_close_matches(metric, ARGUMENTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the metrics are {', '.join(ARGUMENTS)}"
        raise ValueError(f"there is no metric {metric!r}: {hint}")
    accepted = ARGUMENTS[metric]
    for argument in given:
        if argument not in accepted:
            raise ValueError(f"{metric} takes {' and '.join(accepted) or 'no arguments'}, not {argument!r}")
    if metric == "rowCount" and column is not None:
        raise ValueError(f"rowCount is about the whole table, not the column {column!r}")
    if column is not None and "properties" in given:
        raise ValueError(f"duplicateValues is declared at the column {column!r}: leave `properties` out")


def _check_columns(metric: str, column: str | None, given: Mapping[str, object]) -> tuple[str, ...]:
    if metric == "rowCount":
        return ()
    if column is not None:
        return (column,)
    if metric != "duplicateValues":
        raise ValueError(f"{metric} needs a column")
    names = given.get("properties")
    if not isinstance(names, list | tuple) or not names:
        raise ValueError("duplicateValues needs a column, or a list of columns in arguments.properties")
    if any(not isinstance(name, str) or not name for name in names) or len(set(names)) < len(names):
        raise ValueError(f"arguments.properties must name different columns, not {names!r}")
    return tuple(names)


def _measure(metric: str, columns: tuple[str, ...], given: Mapping[str, object]) -> Measure:
    match metric:
        case "nullValues":
            return Wrong(sql.is_null(columns[0]))
        case "missingValues":
            return Wrong(sql.is_missing(columns[0], _check_values("missingValues", given.get("missingValues", ()))))
        case "invalidValues":
            return Wrong(_build_invalid(columns[0], given))
        case "duplicateValues":
            return Duplicates(columns)
        case _:
            return RowCount()


def _build_invalid(column: str, given: Mapping[str, object]) -> str:
    conditions = []
    if "validValues" in given:
        valid = _check_values("validValues", given["validValues"])
        conditions.append(sql.is_not_in_set(column, valid) if valid else sql.is_not_null(column))
    if "pattern" in given:
        conditions.append(sql.has_no_match(column, check_regex(given["pattern"])))
    if not conditions:
        raise ValueError("invalidValues needs arguments.validValues or arguments.pattern")
    return conditions[0] if len(conditions) == 1 else sql.join_any(*conditions)


def _check_values(argument: str, values: object) -> tuple[Scalar, ...]:
    """The list's values without nulls, which need not be listed."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise ValueError(f"arguments.{argument} must be a list, not {values!r}")
    present = tuple(value for value in values if value is not None)
    for value in present:
        format_literal(value)
    return present


def _judge_bound(bound: Bound) -> None:
    ends = bound.value if isinstance(bound.value, tuple) else (bound.value,)
    if any(isinstance(end, bool) or not math.isfinite(end) for end in ends):
        raise ValueError(f"{bound.operator} needs numbers, not {bound.value!r}")
    if (bound.operator in _BETWEEN) is not (len(ends) == 2):
        raise ValueError(f"{bound.operator} needs {'two numbers' if bound.operator in _BETWEEN else 'one number'}")
    if len(ends) == 2 and ends[0] > ends[1]:
        raise ValueError(f"{bound.operator} needs the smaller number first, not {list(ends)}")
