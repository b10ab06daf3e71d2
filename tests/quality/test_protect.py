"""Numbers that may be personal data are kept back, and counts are not."""

from __future__ import annotations

import pytest

from data_platform.quality.protect import without_personal_value
from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules import Aggregate, Rule, Sql, Wrong

COUNTS = [
    "SELECT COUNT(*) FROM t WHERE salary < 0",
    "SELECT COUNT(salary) FROM t",
    "SELECT COUNT(DISTINCT salary) FROM t",
    "SELECT 100.0 * COUNT(*) FILTER (WHERE salary IS NULL) / COUNT(*) FROM t",
    "SELECT SUM(CASE WHEN salary < 0 THEN 1 ELSE 0 END) FROM t",
    "SELECT COUNT(*) FROM (SELECT salary AS s FROM t) WHERE s < 0",
    "SELECT MAX(id) FROM t WHERE salary < 0",
    "SELECT 7",
]
VALUES = [
    "SELECT MAX(salary) FROM t",
    'SELECT "Salary" FROM t LIMIT 1',
    "SELECT 1 + AVG(t.salary) FROM t",
    "SELECT MAX(s) FROM (SELECT salary AS s FROM t)",
    "WITH x AS (FROM t) SELECT MAX(salary) FROM x",
    "SELECT MAX(b) FROM t AS q(a, b)",
    "SELECT (SELECT MIN(salary) FROM t)",
    "SELECT CASE WHEN id = 1 THEN salary END FROM t",
    "SELECT * FROM (SELECT salary FROM t)",
    "SELECT MAX(COLUMNS('sal.*')) FROM t",
]


def value_of(measure: Sql | Wrong | Aggregate, columns: tuple[str, ...] = ()) -> float | int | None:
    rule = Rule("r", measure, columns=columns)
    return without_personal_value(RuleResult(rule, passed=True, value=7), {"salary"}).value


@pytest.mark.parametrize("query", COUNTS)
def test_counts_are_told(query: str) -> None:
    assert value_of(Sql(query)) == 7


@pytest.mark.parametrize("query", VALUES)
def test_values_are_kept_back(query: str) -> None:
    assert value_of(Sql(query)) is None


def test_measures_of_ours_are_known_by_their_columns() -> None:
    assert value_of(Wrong('"salary" < 0'), ("salary",)) == 7
    assert value_of(Aggregate('max("salary")'), ("salary",)) is None
    assert value_of(Aggregate('max("id")'), ("id",)) == 7


def test_without_protected_columns_everything_is_told() -> None:
    result = RuleResult(Rule("r", Sql("SELECT MAX(salary) FROM t")), passed=True, value=7)
    assert without_personal_value(result, set()) is result
