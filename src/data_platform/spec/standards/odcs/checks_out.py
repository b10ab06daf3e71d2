"""Rules as ODCS writes them (3.2.0, Data Quality): sql, library, and expectations as `custom` of Great Expectations."""

from __future__ import annotations

from typing import Any

from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.measure_sql import build_column_names_sql, build_query_sql
from data_platform.spec.rules.metrics import ARGUMENTS, make_library_rule
from data_platform.spec.rules.model import (
    Aggregate,
    ColumnNames,
    Declared,
    Duplicates,
    PersonalData,
    Query,
    RowCount,
    Rule,
    Severity,
    SqlMeasure,
    Unchecked,
    Unit,
    Wrong,
)
from data_platform.spec.rules.predicates import quote_identifier
from data_platform.spec.standards.custom import write_custom_properties
from data_platform.spec.standards.overlay import apply_overlay
from data_platform.spec.text.names import NAME

ENGINE = "great-expectations"
NOT_RUN = "notRun"
"""The custom property of an exported check of type sql that does not run here; its value is the reason."""
SEVERITY = {Severity.BLOCKING: "error", Severity.WARNING: "warning"}


def convert_rule(rule: Rule, table: str) -> dict[str, Any]:
    """The rule over `table` as an ODCS check, with what the contract says of it beyond ours."""
    written: dict[str, Any] = {"name": rule.name, **_write_measure(rule, table)}
    described = {"dimension": rule.dimension, "description": rule.description, "severity": SEVERITY[rule.severity]}
    written |= {field: value for field, value in described.items() if value is not None}
    return dict(apply_overlay(written, rule.odcs))


def make_unique_rule(column: str) -> Rule:
    """The rule that a property's `unique: true` means."""
    return make_library_rule(f"unique({column})", "duplicateValues", column)


def is_unique(rule: Rule) -> bool:
    """Whether the rule equals that of `unique: true`."""
    return rule.column is not None and rule == make_unique_rule(rule.column)


def convert_unchecked(check: Unchecked) -> dict[str, Any]:
    """The check that cannot run here, as its contract had it; SQL is marked, because it might be taken for a rule."""
    if check.kind != "sql":
        return dict(check.check)
    marked = write_custom_properties({NOT_RUN: check.why})["customProperties"]
    return {**check.check, "customProperties": [*check.check.get("customProperties", ()), *marked]}


def find_column(rule: Rule) -> str | None:
    """The column of the check; None for the table."""
    listed = rule.declared is not None and "properties" in rule.declared.arguments
    return None if listed else rule.column


def is_expectation(declared: Declared | None) -> bool:
    """Whether a rule was declared as an expectation."""
    return declared is not None and declared.name in EXPECTATIONS


def _write_measure(rule: Rule, table: str) -> dict[str, Any]:
    declared = rule.declared
    if declared is not None and declared.name in EXPECTATIONS:
        call = {"type": declared.name, "kwargs": dict(declared.arguments)}
        return {"type": "custom", "engine": ENGINE, "implementation": call}
    if declared is not None and declared.name in ARGUMENTS:
        arguments = {"arguments": dict(declared.arguments)} if declared.arguments else {}
        return {"type": "library", "metric": declared.name, **arguments, **_write_demand(rule)}
    return {"type": "sql", "query": measure_sql(rule, table), **_write_demand(rule)}


def _write_demand(rule: Rule) -> dict[str, Any]:
    value = rule.bound.value
    demand: dict[str, Any] = {rule.bound.operator.value: list(value) if isinstance(value, tuple) else value}
    return {**demand, "unit": rule.unit.value} if rule.unit is Unit.PERCENT else demand


def measure_sql(rule: Rule, table: str) -> str:
    """One SELECT that gives the number that the rule measures; a share in percent where the rule's unit is that."""
    name = table if NAME.fullmatch(table) and "-" not in table else quote_identifier(table)
    match rule.measure:
        case SqlMeasure(query):
            return query
        case RowCount():
            return f"SELECT COUNT(*) FROM {name}"
        case Aggregate(expression):
            return f"SELECT {expression} FROM {name}"
        case ColumnNames() as measure:
            return build_column_names_sql(measure, name)
        case Query(query, whole):
            count = build_query_sql(query, name)
            return count if whole is None else _build_share(f"({count})", f"({build_query_sql(whole, name)})", rule)
        case Duplicates(columns):
            listed = ", ".join(map(quote_identifier, columns))
            present = " AND ".join(f"{quote_identifier(column)} IS NOT NULL" for column in columns)
            groups = f"SELECT COUNT(*) - 1 AS more FROM {name} WHERE {present} GROUP BY {listed}"
            return _build_share(
                f"(SELECT COALESCE(SUM(more), 0) FROM ({groups}))", f"(SELECT COUNT(*) FROM {name})", rule
            )
        case Wrong(predicate, among):
            of = f"COUNT(*) FILTER ({among})" if among else "COUNT(*)"
            return f"{_build_share(f'COUNT(*) FILTER ({predicate})', of, rule)} FROM {name}"
        case PersonalData():
            raise ValueError(f"{rule.name} is judged by a sample, and no contract declares it")


def _build_share(wrong: str, of: str, rule: Rule) -> str:
    return f"SELECT {wrong}" if rule.unit is Unit.ROWS else f"SELECT 100.0 * {wrong} / NULLIF({of}, 0)"
