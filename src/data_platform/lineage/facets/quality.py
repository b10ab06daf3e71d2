"""The dataQualityAssertions facet: the expected and actual value of each rule, without rows and protected numbers."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.lineage.facets.envelope import Json, build_facet
from data_platform.lineage.facts import RuleFinding
from data_platform.spec.rules.model import Aggregate, Duplicates, RowCount, Rule, Severity, SqlMeasure, describe_demand

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


def build_assertions(findings: Sequence[RuleFinding]) -> Json:
    """The expected and actual value of each rule. An input facet: the judging run reads the dataset."""
    return build_facet(
        "DataQualityAssertionsDatasetFacet", "1-1-0", assertions=[_build_assertion(finding) for finding in findings]
    )


def _build_assertion(finding: RuleFinding) -> Json:
    rule = finding.rule
    wanted = describe_demand(rule.bound.operator.value, rule.bound.value, rule.unit.value)
    assertion: Json = {
        "assertion": _name_kind(rule),
        "name": rule.name,
        "success": finding.passed,
        "severity": "error" if rule.severity is Severity.BLOCKING else "warn",
        "expected": wanted,
    }
    if finding.value is not None:
        assertion["actual"] = str(finding.value)
    if rule.column is not None:
        assertion["column"] = rule.column
    if rule.description:
        assertion["description"] = rule.description
    if isinstance(rule.measure, SqlMeasure):
        assertion |= {"content": rule.measure.query, "contentType": "sql"}
    return assertion | ({"params": {"dimension": rule.dimension}} if rule.dimension else {})


def _name_kind(rule: Rule) -> str:
    """What is asserted, in a word that readers of OpenLineage know."""
    match rule.measure:
        case SqlMeasure():
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
