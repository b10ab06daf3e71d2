"""Rules as the JSON that the record stores, without loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from data_platform.spec.rules.model import (
    Aggregate,
    Bound,
    ColumnNames,
    Declared,
    Duplicates,
    Measure,
    Operator,
    PersonalData,
    Query,
    RowCount,
    Rule,
    Severity,
    SqlMeasure,
    Unit,
    Wrong,
)

_MEASURES: Mapping[str, Callable[..., Measure]] = {
    "sql": SqlMeasure,
    "wrong": Wrong,
    "duplicates": Duplicates,
    "rowCount": RowCount,
    "aggregate": Aggregate,
    "columnNames": ColumnNames,
    "query": Query,
    "personalData": PersonalData,
}
_KINDS = {measure: kind for kind, measure in _MEASURES.items()}


def serialize_rule(rule: Rule) -> dict[str, Any]:
    """The rule as a JSON object."""
    value = rule.bound.value
    stored = {
        "name": rule.name,
        "measure": {"kind": _KINDS[type(rule.measure)], **_convert_tuples(asdict(rule.measure))},
        "bound": {rule.bound.operator.value: list(value) if isinstance(value, tuple) else value},
        "severity": rule.severity.value,
        "unit": rule.unit.value,
        "dimension": rule.dimension,
        "description": rule.description,
        "columns": list(rule.columns),
        "origin": rule.origin,
    }
    if rule.declared is not None:
        stored["declared"] = {"name": rule.declared.name, "arguments": dict(rule.declared.arguments)}
    if rule.odcs:
        stored["odcs"] = dict(rule.odcs)
    return stored


def restore_rule(stored: Mapping[str, Any]) -> Rule:
    """The rule that `serialize_rule` wrote."""
    ((operator, value),) = stored["bound"].items()
    bound = Bound(Operator(operator), tuple(value) if isinstance(value, list) else value)
    return Rule(
        name=stored["name"],
        measure=_measure(stored["measure"]),
        bound=bound,
        severity=Severity(stored["severity"]),
        unit=Unit(stored["unit"]),
        dimension=stored["dimension"],
        description=stored["description"],
        columns=tuple(stored["columns"]),
        origin=stored["origin"],
        declared=Declared(**stored["declared"]) if "declared" in stored else None,
        odcs=stored.get("odcs", {}),
    )


def _measure(stored: Mapping[str, Any]) -> Measure:
    arguments = {key: tuple(v) if isinstance(v, list) else v for key, v in stored.items() if key != "kind"}
    return _MEASURES[stored["kind"]](**arguments)


def _convert_tuples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in arguments.items()}
