"""The dataQualityAssertions facet: what each rule wanted and found, without rows and without protected numbers."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.lineage.facets.envelope import Json, facet
from data_platform.lineage.facts import Finding
from data_platform.spec.rules.model import Aggregate, Duplicates, RowCount, Rule, Severity, Sql, demand

_DECLARED = {
    "nullValues": "not_null",
    "missingValues": "not_null",
    "invalidValues": "accepted_values",
    "expect_column_values_to_not_be_null": "not_null",
    "expect_column_values_to_be_in_set": "accepted_values",
    "expect_column_values_to_be_between": "in_range",
}
"""The words of other tools' assertions for what was declared; an expectation without one keeps its own name."""

_CONSTRAINTS = {
    "not_null": "not_null",
    "enum": "accepted_values",
    "minimum": "in_range",
    "maximum": "in_range",
    "exclusiveMinimum": "in_range",
    "exclusiveMaximum": "in_range",
    "pattern": "matches_pattern",
    "uniqueItems": "unique_items",
}
"""The same for the constraints of a schema and the parts of a key, whose rules are named COLUMN.CONSTRAINT."""


def assertions(findings: Sequence[Finding]) -> Json:
    """What each rule wanted and found. An input facet: whoever judges a dataset reads it."""
    return facet("DataQualityAssertionsDatasetFacet", "1-1-0", assertions=[_assertion(each) for each in findings])


def _assertion(finding: Finding) -> Json:
    rule = finding.rule
    wanted = demand(rule.bound.operator.value, rule.bound.value, rule.unit.value)
    found: Json = {
        "assertion": _kind(rule),
        "name": rule.name,
        "success": finding.passed,
        "severity": "error" if rule.severity is Severity.BLOCKING else "warn",
        "expected": wanted,
    }
    if finding.value is not None:
        found["actual"] = str(finding.value)
    if rule.column is not None:
        found["column"] = rule.column
    if rule.description:
        found["description"] = rule.description
    if isinstance(rule.measure, Sql):
        found |= {"content": rule.measure.query, "contentType": "sql"}
    return found | ({"params": {"dimension": rule.dimension}} if rule.dimension else {})


def _kind(rule: Rule) -> str:
    """What is asserted, in a word that readers of OpenLineage know."""
    match rule.measure:
        case Sql():
            return "custom_sql"
        case Duplicates():
            return "unique"
        case RowCount():
            return "row_count"
    if rule.declared is not None:
        pattern = "matches_pattern" if "pattern" in rule.declared.arguments else None
        return pattern or _DECLARED.get(rule.declared.name, rule.declared.name)
    if rule.origin in ("schema", "primary_key"):
        constraint = rule.name.rpartition(".")[2]
        return _CONSTRAINTS.get(constraint, constraint)
    return "aggregate" if isinstance(rule.measure, Aggregate) else "condition"
