"""The score of a verdict: the dimension and the points of each of its rules."""

from __future__ import annotations

from data_platform.quality.dimensions import infer_dimension
from data_platform.quality.judge import has_wrong_rows
from data_platform.quality.score import WEIGHTS, RulePoints, Score, calculate_points
from data_platform.quality.verdict import RuleResult, Verdict
from data_platform.spec.rules.model import Duplicates, SqlMeasure, Unit, Wrong
from data_platform.spec.sql.rule_sql import build_failing_rows_sql


def score_verdict(verdict: Verdict, table: str) -> Score:
    """The score of an audit of the output `table`, of the rules that count in it."""
    return Score.from_rules(
        (infer_dimension(result.rule, table), _score_result(result, verdict.rows, table))
        for result in verdict.results
        if result.rule.is_scored
    )


def _score_result(result: RuleResult, rows: int | None, table: str) -> RulePoints:
    share = _calculate_wrong_share(result, rows) if _is_row_count(result, table) else None
    weight = WEIGHTS[result.rule.severity.value]
    return RulePoints(result.rule.name, calculate_points(passed=result.passed, wrong_share=share), weight)


def _is_row_count(result: RuleResult, table: str) -> bool:
    """Whether the number measured counts wrong rows of the table, and there are too many of them."""
    if not has_wrong_rows(result):
        return False
    match result.rule.measure:
        case Wrong() | Duplicates():
            return True
        case SqlMeasure(query):
            return build_failing_rows_sql(query, table) is not None
        case _:
            return False


def _calculate_wrong_share(result: RuleResult, rows: int | None) -> float | None:
    if result.value is None:
        return None
    if result.rule.unit is Unit.PERCENT:
        return result.value / 100
    return result.value / rows if rows else None
