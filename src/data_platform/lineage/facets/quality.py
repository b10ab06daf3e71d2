"""The dataQualityAssertions facet: what each rule wanted and found, without rows and without protected numbers."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.lineage.facets.envelope import Json, facet
from data_platform.lineage.facts import Finding
from data_platform.spec.rules import Severity, Sql, demand


def assertions(findings: Sequence[Finding]) -> Json:
    """What each rule wanted and found. An input facet: whoever judges a dataset reads it."""
    return facet("DataQualityAssertionsDatasetFacet", "1-1-0", assertions=[_assertion(each) for each in findings])


def _assertion(finding: Finding) -> Json:
    rule = finding.rule
    wanted = demand(rule.bound.operator.value, rule.bound.value, rule.unit.value)
    found: Json = {
        "assertion": "custom_sql" if isinstance(rule.measure, Sql) else type(rule.measure).__name__.lower(),
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
