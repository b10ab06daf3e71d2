"""Numbers and rows that may be personal data are hidden, and counts of rows are not."""

from __future__ import annotations

import pytest

from data_platform.quality.protect import may_disclose, may_read_personal_data, strip_personal_value
from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules import expectations as ex
from data_platform.spec.rules.model import (
    Aggregate,
    ColumnNames,
    Duplicates,
    Measure,
    Query,
    RowCount,
    Rule,
    SqlMeasure,
    Wrong,
)

COUNTS = [
    "SELECT COUNT(*) FROM t WHERE salary < 0",
    "SELECT COUNT(*) FROM t AS x WHERE x.salary < 0 OR (x.id > 7 AND NOT x.salary IS NULL)",
    "SELECT COUNT(*) FROM t WHERE salary NOT BETWEEN 1 AND 9 AND regexp_matches(upper(salary), '^[0-9]+$')",
    "SELECT COUNT(*) FROM t WHERE salary IN (1, 2) AND TRY_CAST(salary AS INTEGER) IS NULL",
    "SELECT COUNT(salary) FROM t",
    "SELECT COUNT(*) - COUNT(salary) FROM t",
    "SELECT COUNT(DISTINCT salary) FROM t",
    "SELECT COUNT(*) - COUNT(DISTINCT (salary)) FROM t",
    "SELECT COUNT_IF(salary > 3) FROM t",
    "SELECT 100.0 * COUNT(*) FILTER (WHERE salary IS NULL) / COUNT(*) FROM t",
    "SELECT CASE WHEN COUNT(*) = 0 THEN 0 ELSE 1e2 * COUNT(salary) / COUNT(*) END FROM t",
    "SELECT SUM(CASE WHEN salary < 0 THEN 1 ELSE 0 END) FROM t",
    "SELECT SUM((salary < 0)::INT) FROM t",
    "SELECT COALESCE(SUM(CASE WHEN salary < 0 AND id > 3 THEN 1 END), 0) FROM t",
    "SELECT COUNT(*) FROM (SELECT salary AS s FROM t) WHERE s < 0",
    "SELECT COUNT(*) FROM (SELECT id, lower(salary) AS s FROM t WHERE id > 3) AS q WHERE q.s = 'x' AND id > 4",
    "SELECT COUNT(*) FROM (SELECT * FROM t WHERE id > 3) AS q WHERE q.salary = 'x'",
    "WITH a AS (SELECT salary s, id FROM t), b AS (SELECT s FROM a) SELECT COUNT(*) FROM b WHERE s < 0",
    "SELECT COUNT(*) FROM (SELECT salary FROM t GROUP BY salary HAVING COUNT(*) > 1)",
    "SELECT COUNT(*) FROM (SELECT salary, id, COUNT(*) AS n FROM t GROUP BY salary, id HAVING COUNT(*) > 1) g",
]
FREE = [
    "SELECT 7",
    "SELECT COUNT(*) FROM t",
    "SELECT MAX(id) FROM t",
    'SELECT COUNT(*) FROM t JOIN "p".u USING (id) WHERE u.name IS NULL',
    "SELECT COUNT(*) FROM t WHERE id NOT IN (SELECT id FROM t WHERE id > 3)",
    "SELECT MAX(a) FROM (SELECT id, COUNT(*) FROM t GROUP BY id) AS g(a, b)",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT COUNT(*) FROM t, r",
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
    # a value as a number of rows
    "SELECT COUNT(*) FROM t, range((SELECT MAX(salary) FROM t))",
    "SELECT COUNT(*) FROM range((SELECT MAX(salary) FROM t))",
    "SELECT COUNT(*) FROM t, generate_series(1, salary)",
    "SELECT COUNT(*) FROM t, LATERAL (SELECT unnest(range(t.salary)))",
    "SELECT COUNT(*) FROM (SELECT unnest(range(salary)) FROM t)",
    "SELECT COUNT(*) FROM (SELECT UNNEST(generate_series(1, salary)) AS n, id FROM t) WHERE n > 0",
    "SELECT COUNT(*) FROM (SELECT unnest(str_split(repeat('x,', salary), ',')) FROM t)",
    "SELECT COUNT(*) FROM (SELECT generate_subscripts(range(salary), 1) FROM t)",
    "SELECT COUNT(*) FROM (SELECT regexp_split_to_table(repeat('x,', salary), ',') FROM t)",
    "SELECT COUNT(*) FROM (SELECT json_each(salary) FROM t)",
    "SELECT COUNT(*) FROM t, json_each(to_json(range(salary)))",
    "SELECT COUNT(*) FROM t AS a ASOF JOIN t AS b ON a.salary >= b.id",
    "SELECT COUNT(*) FROM t ORDER BY salary",
    "SELECT DISTINCT COUNT(*) FROM t WHERE salary > 0",
    "SELECT COUNT(*) FROM (SELECT DISTINCT least(id, salary) FROM t)",
    "SELECT COUNT(*) FROM t WHERE salary > 0 HAVING COUNT(*) > 3",
    "SELECT COUNT(*) OVER () FROM t WHERE salary > 0 LIMIT 1",
    "SELECT COUNT(*) + id FROM t WHERE salary > 0 GROUP BY id",
    "SELECT COUNT(*) FROM (SELECT id FROM t LIMIT (SELECT MAX(salary) FROM t))",
    "SELECT COUNT(*) FROM (SELECT id FROM t, range(1000) OFFSET (SELECT MAX(salary) FROM t))",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r, t WHERE n < salary) SELECT COUNT(*) FROM r",
    "SELECT COUNT(*) FROM t WHERE id <= (SELECT MAX(salary) FROM t)",
    "SELECT COUNT(*) FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE u.salary >= t.id)",
    "SELECT COUNT(*) FROM t a, t b WHERE a.salary > b.id",
    "SELECT COUNT(*) FROM t a JOIN t b ON a.salary > b.id",
    "SELECT COUNT(*) FROM t WHERE id <= salary",
    "SELECT COUNT(*) FROM t AS x(id, n) WHERE n <= id",
    "SELECT COUNT(DISTINCT least(id, salary)) FROM t",
    "SELECT COUNT(CASE WHEN id <= salary THEN 1 END) FROM t",
    "SELECT SUM(CASE WHEN salary % 2 = 1 THEN 1 ELSE 0 END + CASE WHEN salary // 2 % 2 = 1 THEN 2 ELSE 0 END) FROM t",
    "SELECT COUNT(*) FILTER (WHERE salary % 2 = 1) + 2 * COUNT(*) FILTER (WHERE salary // 2 % 2 = 1) FROM t",
    "SELECT SUM(CASE WHEN salary < 0 THEN 2 ELSE 0 END) FROM t",
    "SELECT SUM(id) FROM t WHERE salary < 0",
    "SELECT MAX(id) FROM t WHERE salary < 0",
    "SELECT COUNT(*) FROM (SELECT id, row_number() OVER (ORDER BY salary) AS n FROM t) WHERE n < 3",
    "SELECT COUNT(*) FROM t QUALIFY row_number() OVER (ORDER BY salary) < 3",
    "SELECT length(string_agg(salary, '')) FROM t",
    "SELECT min_by(id, salary) FROM t",
    "SELECT CAST(list(salary)[1] AS INT) FROM t",
    "SELECT histogram(salary)[1] FROM t",
    "SELECT MAX(t).salary FROM t",
    "SELECT CAST(json_extract(to_json(t), '$.salary') AS INT) FROM t",
    "SELECT MAX(x.b) FROM (SELECT UNNEST(t) FROM t) AS x(a, b)",
    "SELECT #2 FROM t",
    "SELECT CAST(row(t).t.salary AS INT) FROM t",
    "SELECT MAX(v) FROM (SELECT * FROM t UNPIVOT (v FOR n IN (id, salary)))",
    "SELECT COUNT(*) FROM (PIVOT t ON id USING max(salary))",
    "SELECT MAX(a) FROM (SELECT id FROM t UNION ALL SELECT salary FROM t) AS u(a)",
    "SELECT MAX(a) FROM (FROM t) AS u(b, a)",
    "SELECT MAX(a) FROM (VALUES ((SELECT MAX(salary) FROM t))) AS u(a)",
    "SELECT COUNT(*) FROM t NATURAL JOIN (SELECT 5 AS salary, 1 AS id)",
    "SELECT COUNT(*) FROM t USING SAMPLE 10 WHERE salary < 0",
    "SELECT COUNT(*) FROM (SELECT salary FROM t GROUP BY salary HAVING COUNT(*) > MAX(id))",
    "SELECT COUNT(*) FROM (SELECT unnest(range(10)) FROM t GROUP BY salary)",
    "SELECT COUNT(*) FROM t GROUP BY ALL HAVING MAX(salary) > 3",
    "SELECT COUNT(*), salary FROM t",
    "not SQL at all",
]


def finding(measure: Measure, columns: tuple[str, ...] = ()) -> RuleResult:
    rule = Rule("r", measure, columns=columns)
    return strip_personal_value(RuleResult(rule, passed=False, value=7, rows=({"id": 1},)), {"salary"})


def value_of(measure: Measure, columns: tuple[str, ...] = ()) -> float | int | None:
    result = finding(measure, columns)
    assert (result.value is None) == (result.rows == ())
    return result.value


@pytest.mark.parametrize("query", COUNTS + FREE)
def test_counts_are_told(query: str) -> None:
    assert value_of(SqlMeasure(query)) == 7


@pytest.mark.parametrize("query", VALUES)
def test_values_are_kept_back(query: str) -> None:
    assert value_of(SqlMeasure(query)) is None


@pytest.mark.parametrize(("queries", "reads"), [(COUNTS, True), (FREE, False), (VALUES, True)])
def test_rules_of_other_products_are_judged_only_when_they_read_no_personal_data(
    queries: list[str], reads: bool
) -> None:
    assert {may_read_personal_data(Rule("r", SqlMeasure(query)), {"SALARY"}) for query in queries} == {reads}


def test_measures_of_ours_are_known_by_their_columns() -> None:
    assert value_of(Wrong('"salary" < 0'), ("salary",)) == 7
    assert value_of(Wrong('"salary" < "id"'), ("salary", "id")) is None
    assert value_of(Wrong('"name" < "id"'), ("name", "id")) == 7
    assert value_of(Duplicates(("salary", "id")), ("salary", "id")) == 7
    assert value_of(RowCount()) == 7
    assert value_of(Aggregate('max("salary")'), ("salary",)) is None
    assert value_of(Aggregate('max("salary")')) is None
    assert value_of(Aggregate('max("id")'), ("id",)) == 7
    assert value_of(Aggregate("CAST(typeof(any_value(\"salary\")) = 'x' AS INTEGER)"), ("salary",)) is None
    assert value_of(ColumnNames(("salary",), "set")) == 7
    assert value_of(Query('SELECT max("salary") FROM "this output"')) is None
    assert value_of(Query('SELECT max("id") FROM "this output"')) == 7
    assert value_of(Query('SELECT max("id") FROM "this output"', 'SELECT max("salary") FROM "this output"')) is None
    assert value_of(Query('SELECT count(*) FROM "this output" WHERE "salary" < 0')) == 7
    assert value_of(Query('SELECT count(*) FROM "this output"'), ("salary",)) == 7
    assert value_of(Query("SELECT max(x) FROM (SELECT * FROM t) AS u(x)")) is None


def test_without_protected_columns_everything_is_told() -> None:
    result = RuleResult(Rule("r", SqlMeasure("SELECT MAX(salary) FROM t")), passed=True, value=7)
    assert strip_personal_value(result, set()) is result


def _numbers(column: str) -> list[Rule]:
    ranges = {"quantiles": [0.5], "value_ranges": [[0, 1]]}
    return [
        ex.expect_column_quantile_values_to_be_between(column, ranges),
        ex.expect_column_most_common_value_to_be_in_set(column, [1]),
        ex.expect_column_value_z_scores_to_be_less_than(column, 3, double_sided=True),
        ex.expect_column_values_to_not_be_outliers(column),
        ex.expect_column_values_to_be_increasing(column, order_by="place"),
        ex.expect_column_values_to_be_increasing("place", order_by=column),
        ex.expect_column_values_to_be_of_type(column, "int"),
        ex.unexpected_rows_expectation(f"FROM {{batch}} WHERE {column} > (SELECT avg({column}) FROM {{batch}})"),
    ]


@pytest.mark.parametrize("rule", _numbers("salary"), ids=lambda rule: rule.name)
def test_a_number_made_from_a_distribution_of_personal_values_is_kept_back(rule: Rule) -> None:
    result = RuleResult(rule, passed=False, value=7, rows=({"id": 1},))
    kept = strip_personal_value(result, {"SALARY"})
    assert (kept.value, kept.rows, kept.passed) == (None, (), False)
    assert may_read_personal_data(rule, {"Salary"})


def test_a_number_of_other_columns_is_told() -> None:
    for column in ("id", "x"):
        for rule in _numbers(column)[:-1]:
            assert may_disclose(rule, {"salary"}), rule.name
    other = ex.expect_table_row_count_to_equal_other_table("shop.orders")
    assert may_disclose(other, {"salary"})
