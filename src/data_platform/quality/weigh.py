"""The score of a verdict: which dimension each of its rules measures, and what it gave."""

from __future__ import annotations

from data_platform.quality.dimensions import dimension_of
from data_platform.quality.judge import has_wrong_rows
from data_platform.quality.score import WEIGHTS, RulePoints, Score, points
from data_platform.quality.verdict import RuleResult, Verdict
from data_platform.spec.rules.model import Duplicates, Sql, Unit, Wrong
from data_platform.spec.sql.rule_sql import failing_rows_sql


def score_of(verdict: Verdict, table: str) -> Score:
    """The score of what an audit of the output `table` found; what consumers expect beside its contract is no part."""
    return Score.of(
        (dimension_of(result.rule, table), _points(result, verdict.rows, table))
        for result in verdict.results
        if result.rule.expected_by is None
    )


def _points(result: RuleResult, rows: int | None, table: str) -> RulePoints:
    share = _wrong_share(result, rows) if _counts_rows(result, table) else None
    weight = WEIGHTS[result.rule.severity.value]
    return RulePoints(result.rule.name, points(passed=result.passed, wrong_share=share), weight)


def _counts_rows(result: RuleResult, table: str) -> bool:
    """Whether the number measured counts wrong rows of the table, and there are too many of them."""
    if not has_wrong_rows(result):
        return False
    match result.rule.measure:
        case Wrong() | Duplicates():
            return True
        case Sql(query):
            return failing_rows_sql(query, table) is not None
        case _:
            return False


def _wrong_share(result: RuleResult, rows: int | None) -> float | None:
    if result.value is None:
        return None
    if result.rule.unit is Unit.PERCENT:
        return result.value / 100
    return result.value / rows if rows else None
