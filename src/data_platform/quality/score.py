"""The quality score of one judgement, 0–100: the share of its rules that passed, a blocking rule counting double.

Data that came with no rule scores 100 when it fits its contract; data that does not fit its contract scores 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_WEIGHT = {"blocking": 2, "warning": 1}


def score(outcome: str, results: Iterable[Mapping[str, Any]]) -> float:
    """The score of a judgement as the record keeps it: its outcome and one mapping a rule (severity, passed)."""
    weights = [(_WEIGHT[result["severity"]], bool(result["passed"])) for result in results]
    total = sum(weight for weight, _ in weights)
    if total == 0:
        return 0.0 if outcome == "refused" else 100.0
    return round(100 * sum(weight for weight, passed in weights if passed) / total, 1)


def mean(scores: Iterable[float]) -> float | None:
    """The mean of some scores, None of none."""
    known = list(scores)
    return round(sum(known) / len(known), 1) if known else None
