"""The verdict on a publish as the record keeps it."""

from __future__ import annotations

from typing import Any

from data_platform.quality.score import Score
from data_platform.quality.verdict import RuleResult, Verdict
from data_platform.record.governance.judgements import AuditRow
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.publish_target import Target


def build_judgement(
    context: Context, target: Target, verdict: Verdict | None, score: Score, version: int | None = None
) -> AuditRow:
    """The judgement as the record keeps it, with the score that today's formula gives; no verdict is a refusal."""
    return AuditRow(
        id=0,
        product=target.product.name,
        output=target.name,
        version=version,
        outcome=verdict.outcome.value if verdict else "refused",
        results=[_convert_result(result) for result in verdict.results] if verdict else [],
        error=None,
        at=context.clock(),
        by=context.principal.name,
        score=score.value,
        dimensions=score.to_json(),
    )


def _convert_result(result: RuleResult) -> dict[str, Any]:
    """A rule's finding as the record keeps it; failing rows are masked already."""
    rule = result.rule
    return {
        "rule": rule.name,
        "passed": result.passed,
        "value": result.value,
        "operator": rule.bound.operator.value,
        "threshold": rule.bound.value,
        "unit": rule.unit.value,
        "severity": rule.severity.value,
        "dimension": rule.dimension,
        "column": rule.column,
        "origin": rule.origin,
        "error": result.error,
        "rows": [dict(row) for row in result.rows],
        **({"note": result.note} if result.note is not None else {}),
    }
