"""The quality score, 0–100, so that it can be computed again by hand.

1. Every rule gets points. It passed: 100. It failed and single rows are to blame: half the share of the rows that are
   right, so that a broken promise always shows, and one wrong row in a million shows less than a thousand.
   It failed otherwise, or is in error: 0.
2. A dimension's score is the mean of its rules' points; a blocking rule counts twice, a warning once.
3. The score is the mean of the dimensions that have a rule; one that only warnings judge counts once, others twice.

Data that no rule judged has no score. Data that does not fit its contract scores 0, in validity.
Freshness is not in it: what was published keeps its score, while freshness passes with time (`calculate_timeliness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from data_platform.spec.rules.model import EXPECTED_BY

DIMENSIONS = ("completeness", "uniqueness", "validity", "consistency", "timeliness", "accuracy")

_ODCS: Mapping[str, str] = {"conformity": "validity", "coverage": "completeness"}

WEIGHTS: Mapping[str, int] = {"blocking": 2, "warning": 1}

CONTRACT = "contract"
"""The rule under which data that does not fit its contract failed."""


@dataclass(frozen=True, slots=True)
class RulePoints:
    """What one rule gave, 0–100."""

    rule: str
    points: float
    weight: int


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One dimension, 0–100: the mean of its rules by their weights."""

    dimension: str
    score: float
    weight: int
    rules: tuple[RulePoints, ...]

    @classmethod
    def from_rules(cls, dimension: str, rules: Sequence[RulePoints]) -> DimensionScore:
        """The dimension that these rules, at least one, judge."""
        mean_points = _calculate_weighted([(rule.points, rule.weight) for rule in rules])
        return cls(dimension, round(mean_points, 2), max(rule.weight for rule in rules), tuple(rules))


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one judgement, 0–100, and what it is made of; None when no rule judged."""

    value: float | None
    dimensions: tuple[DimensionScore, ...] = ()

    @classmethod
    def from_rules(cls, rules: Iterable[tuple[str, RulePoints]]) -> Score:
        """The score of rules, each with its dimension."""
        by: dict[str, list[RulePoints]] = {dimension: [] for dimension in DIMENSIONS}
        for dimension, rule in rules:
            by[dimension].append(rule)
        dimensions = tuple(DimensionScore.from_rules(dimension, rules) for dimension, rules in by.items() if rules)
        if not dimensions:
            return cls(None)
        return cls(
            round(_calculate_weighted([(dimension.score, dimension.weight) for dimension in dimensions]), 1), dimensions
        )

    def to_json(self) -> dict[str, Any]:
        """The dimensions in the form that the record stores with the score's value."""
        return {
            entry.dimension: {
                "score": entry.score,
                "weight": entry.weight,
                "rules": [{"rule": rule.rule, "points": rule.points, "weight": rule.weight} for rule in entry.rules],
            }
            for entry in self.dimensions
        }

    @classmethod
    def from_json(cls, value: float | None, stored: Mapping[str, Any]) -> Score:
        """The score from its recorded form."""
        return cls(
            value,
            tuple(
                DimensionScore(name, kept["score"], kept["weight"], tuple(RulePoints(**rule) for rule in kept["rules"]))
                for name, kept in stored.items()
            ),
        )


def to_dimension(word: str) -> str:
    """Our dimension for one of ODCS's seven words; accuracy for what is none of them."""
    dimension = _ODCS.get(word, word)
    return dimension if dimension in DIMENSIONS else "accuracy"


def calculate_points(*, passed: bool, wrong_share: float | None = None) -> float:
    """A rule's points; `wrong_share` (0–1) is given where it failed on single rows."""
    if passed:
        return 100.0
    return 0.0 if wrong_share is None else round(50 * (1 - min(max(wrong_share, 0.0), 1.0)), 2)


def score_recorded_results(outcome: str, results: Sequence[Mapping[str, Any]]) -> Score:
    """The score of a judgement that was recorded without one, from its rules' findings (severity, passed, …).

    How many rows were judged was not kept then: a failed rule that counts rows gives 0 points, one in percent its part.
    """
    if not results and outcome == "refused":
        return NO_FIT
    own = (result for result in results if not result.get("origin", "").startswith(EXPECTED_BY))
    return Score.from_rules((to_dimension(result.get("dimension") or ""), _score_result(result)) for result in own)


def _score_result(result: Mapping[str, Any]) -> RulePoints:
    value, blamed = result.get("value"), result.get("unit") == "percent" and result.get("rows")
    share = value / 100 if blamed and isinstance(value, int | float) else None
    given = calculate_points(passed=bool(result["passed"]), wrong_share=share)
    return RulePoints(result.get("rule", ""), given, WEIGHTS[result["severity"]])


def calculate_timeliness(age: timedelta, promised: timedelta) -> float:
    """How timely data of that age is, 0–100: 100 while the promise holds, then the promised part of its age."""
    return 100.0 if age <= promised else round(100 * (promised / age), 1)


def calculate_mean(scores: Iterable[float | None]) -> float | None:
    """The mean of those scores that there are, None of none."""
    present = [score for score in scores if score is not None]
    return round(sum(present) / len(present), 1) if present else None


def _calculate_weighted(parts: Sequence[tuple[float, int]]) -> float:
    return sum(value * weight for value, weight in parts) / sum(weight for _, weight in parts)


NO_FIT = Score.from_rules([("validity", RulePoints(CONTRACT, 0.0, WEIGHTS["blocking"]))])
"""The score of data that does not fit its contract: no rule could judge it."""
