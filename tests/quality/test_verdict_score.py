"""Which dimension a rule measures, and how many points its finding gives."""

from __future__ import annotations

import pytest

from data_platform.quality.dimensions import infer_dimension
from data_platform.quality.judge import judge
from data_platform.quality.verdict import Verdict
from data_platform.quality.verdict_score import score_verdict
from data_platform.spec.rules.expectations import (
    expect_column_max_to_be_between,
    expect_column_values_to_be_in_set,
    expect_column_values_to_not_be_null,
    expect_table_row_count_to_be_between,
)
from data_platform.spec.rules.metrics import make_library_rule
from data_platform.spec.rules.model import Bound, Operator, Rule, Severity, SqlMeasure, Unit


def sql(query: str, **words: object) -> Rule:
    return Rule("r", SqlMeasure(query), **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "dimension"),
    [
        ("SELECT COUNT(*) FROM orders_fact WHERE order_id IS NULL", "completeness"),
        ("SELECT COUNT(*) FROM orders_fact WHERE (a IS NULL OR b IS NULL) AND c IS NULL", "completeness"),
        ("SELECT COUNT(*) FROM orders_fact WHERE total_amount < 0", "accuracy"),
        ("SELECT COUNT(*) FROM orders_fact WHERE a IS NULL AND b > 0", "accuracy"),
        ("SELECT COUNT(*) - COUNT(DISTINCT id) FROM orders_fact", "uniqueness"),
        ("SELECT COUNT(*) FROM (SELECT id FROM orders_fact GROUP BY id HAVING COUNT(*) > 1)", "uniqueness"),
        ('SELECT COUNT(*) FROM orders_fact o ANTI JOIN "customers".dim d ON o.c = d.c', "consistency"),
        ("SELECT epoch(now() - max(created_at)) FROM ORDERS_FACT", "timeliness"),
        ("WITH bad AS (SELECT * FROM orders_fact WHERE id < 0) SELECT COUNT(*) FROM bad", "accuracy"),
        ("SELECT COUNT(*) AS n FROM orders_fact", "completeness"),
        ("SELECT avg(total) FROM orders_fact", "accuracy"),
        ("SELEC nonsense ((", "accuracy"),
    ],
)
def test_sql_is_placed_by_what_it_asks(query: str, dimension: str) -> None:
    assert infer_dimension(sql(query), "orders_fact") == dimension
    assert infer_dimension(sql(query, dimension="conformity"), "orders_fact") == "validity", "what is written counts"


@pytest.mark.parametrize(
    ("rule", "dimension"),
    [
        (make_library_rule("r", "nullValues", "a"), "completeness"),
        (make_library_rule("r", "missingValues", "a", {"missingValues": ["", "n/a"]}), "completeness"),
        (make_library_rule("r", "invalidValues", "a", {"validValues": [1]}), "validity"),
        (make_library_rule("r", "duplicateValues", "a"), "uniqueness"),
        (make_library_rule("r", "rowCount"), "completeness"),
        (expect_column_values_to_not_be_null("a"), "completeness"),
        (expect_column_values_to_be_in_set("a", ["x"]), "validity"),
        (expect_column_max_to_be_between("a", max_value=3), "validity"),
        (expect_table_row_count_to_be_between(min_value=1), "completeness"),
    ],
)
def test_typed_rules_are_placed_by_what_they_measure(rule: Rule, dimension: str) -> None:
    assert infer_dimension(rule, "t") == dimension


def given(rule: Rule, value: object = None, rows: int | None = 200, error: str | None = None) -> float:
    """The points of one finding."""
    score = score_verdict(Verdict((judge(rule, value, whole=rows, error=error),), rows), "t")
    return score.dimensions[0].rules[0].points


def test_counted_rows_are_a_share_of_those_judged() -> None:
    counting = sql("SELECT COUNT(*) FROM t WHERE a < 0")
    assert given(counting, 0) == 100
    assert given(counting, 2) == 49.5
    assert given(make_library_rule("r", "nullValues", "a"), 200) == 0
    assert given(make_library_rule("r", "duplicateValues", "a"), 100) == 25
    assert given(make_library_rule("r", "nullValues", "a", unit=Unit.PERCENT), 20) == 45
    assert given(counting, 2, rows=None) == 0


def test_what_counts_no_wrong_rows_gives_all_or_nothing() -> None:
    assert given(sql("SELECT avg(a) FROM t", bound=Bound(Operator.LESS, 5)), 7) == 0
    assert given(sql("SELECT COUNT(*) FROM t WHERE a > 0", bound=Bound(Operator.GREATER, 5)), 3) == 0
    assert given(expect_table_row_count_to_be_between(max_value=3), 5) == 0
    assert given(expect_column_max_to_be_between("a", max_value=3), 5) == 0
    assert given(sql("SELECT COUNT(*) FROM t WHERE a < 0"), None, error="stopped after 30 s") == 0


def test_a_warning_counts_once_a_blocking_rule_twice() -> None:
    blocking, warning = Rule("b", SqlMeasure("SELECT 0")), Rule("w", SqlMeasure("SELECT 1"), severity=Severity.WARNING)
    score = score_verdict(Verdict((judge(blocking, 0), judge(warning, 1)), 10), "t")
    assert [(rule.rule, rule.weight) for rule in score.dimensions[0].rules] == [("b", 2), ("w", 1)]
    assert score.value == 66.7
