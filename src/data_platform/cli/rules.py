"""Rules and their findings in words, and as the JSON that `publish`, `run` and `quality` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.quality.verdict import Verdict

SIGNS = {
    "mustBe": "=",
    "mustNotBe": "≠",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": "≥",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "≤",
    "mustBeBetween": "between",
    "mustNotBeBetween": "not between",
}


def threshold_words(operator: str, threshold: Any) -> str:
    """What a rule demands, such as ≤ 0 or between 1 and 9."""
    bound = " and ".join(map(str, threshold)) if isinstance(threshold, tuple | list) else str(threshold)
    return f"{SIGNS.get(operator, operator)} {bound}"


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict with each rule's finding, in the words of RuleStatus."""
    return {
        "outcome": verdict.outcome.value,
        "rules": [
            {
                "rule": result.rule.name,
                "severity": result.rule.severity.value,
                "passed": result.passed,
                "value": result.value,
                "threshold": f"{result.rule.bound.operator} {result.rule.bound.value}",
                "error": result.error,
            }
            for result in verdict.results
        ],
    }
