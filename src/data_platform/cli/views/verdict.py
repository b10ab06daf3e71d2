"""Converts a verdict to the JSON that `publish` and `run` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.quality.verdict import Verdict


def build_verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Returns the verdict as a dict with the result of each rule, named as in RuleStatus."""
    return {
        "outcome": verdict.outcome.value,
        "rules": [
            {
                "rule": result.rule.name,
                "severity": result.rule.severity.value,
                "passed": result.passed,
                "value": result.value,
                "operator": result.rule.bound.operator.value,
                "threshold": result.rule.bound.value,
                "unit": result.rule.unit.value,
                "error": result.error,
                "note": result.note,
            }
            for result in verdict.results
        ],
    }
