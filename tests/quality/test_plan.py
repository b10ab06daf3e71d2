"""How rules become SQL, run in DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.quality.plan import plan
from data_platform.spec.rules.expectations import (
    expect_column_values_to_be_unique,
    expect_column_values_to_not_be_null,
    expect_compound_columns_to_be_unique,
    expect_table_row_count_to_equal,
)
from data_platform.spec.rules.model import Aggregate, Bound, Duplicates, Operator, Rule, SqlMeasure, Unit
from tests.quality.audit import TABLE, audit, measured


def test_the_domain_teams_sql_stays_word_for_word() -> None:
    query = "SELECT COUNT(*)\n  FROM t -- all of them\nWHERE n<0"
    planned = plan(Rule("r", SqlMeasure(f"{query};")), TABLE)
    assert planned.value_sql == query
    assert planned.rows_sql == 'SELECT "t".* FROM t WHERE n < 0 LIMIT 20'
    assert plan(Rule("r", SqlMeasure("SELECT max(n) FROM t")), TABLE).rows_sql is None


def test_in_percent_the_domain_teams_count_is_a_share_of_the_rows() -> None:
    rule = Rule("r", SqlMeasure("SELECT COUNT(*) FROM t WHERE n < 0 -- wrong"), unit=Unit.PERCENT)
    assert measured(rule, {"n": [-1, 1, 2, 3]}) == 25
    assert measured(rule, {"n": []}) == 0
    nothing = Rule("r", SqlMeasure("SELECT max(n) FROM t"), unit=Unit.PERCENT)
    assert audit(nothing, {"n": pa.array([None], pa.int64())}).error


NAMES = ["select", "a.b", 'quo"te', "it's", "ชื่อ", "count", "times", "n", "t", " ", "a--b", "x;y"]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_a_column_can_have(name: str) -> None:
    data = pa.table({name: [1, 1, None], "other": [1, 1, 2]})
    assert measured(expect_column_values_to_not_be_null(name), data) == 1
    assert measured(expect_column_values_to_be_unique(name), data) == 2
    assert measured(expect_compound_columns_to_be_unique([name, "other"]), data) == 2
    (first, second) = audit(expect_compound_columns_to_be_unique([name, "other"]), data).rows
    assert first == second == {name: 1, "other": 1}


@pytest.mark.parametrize("table", ["select", "order by", 'a"b', "ตาราง"])
def test_every_name_a_table_can_have(table: str) -> None:
    planned = plan(expect_column_values_to_be_unique("n"), table)
    with duckdb.connect() as connection:
        connection.register("data", pa.table({"n": [1, 1]}))
        connection.execute('CREATE VIEW "' + table.replace('"', '""') + '" AS FROM data')
        assert connection.execute(planned.value_sql).fetchall() == [(2,)]
        assert len(connection.execute(str(planned.rows_sql)).fetchall()) == 2


KEYS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from("ab")), max_size=30)


@given(KEYS)
def test_duplicates_are_the_rows_beyond_the_first_of_equal_keys(keys: list[tuple[int | None, str | None]]) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in keys], pa.int64()), "b": pa.array([b for _, b in keys], pa.string())}
    )
    whole = [key for key in keys if None not in key]
    rule = Rule("r", Duplicates(("a", "b")))
    result = audit(rule, table)
    assert result.value == len(whole) - len(set(whole))
    assert all(whole.count((row["a"], row["b"])) > 1 for row in result.rows)  # type: ignore[arg-type]
    assert bool(result.rows) is bool(result.value)
    assert len(result.rows) <= 20


@given(st.lists(st.none() | st.integers(-5, 5), max_size=60))
def test_nulls_are_counted_and_shown_twenty_at_most(values: list[Any]) -> None:
    table = pa.table({"n": pa.array(values, pa.int64())})
    result = audit(expect_column_values_to_not_be_null("n"), table)
    assert result.value == values.count(None)
    assert result.rows == ({"n": None},) * min(20, values.count(None))
    assert result.passed is (None not in values)


def test_what_no_single_row_is_to_blame_for_shows_none() -> None:
    assert plan(expect_table_row_count_to_equal(3), TABLE).rows_sql is None
    assert plan(Rule("r", Aggregate("max(n)")), TABLE).rows_sql is None


def test_a_rule_that_wants_many_shows_no_row_when_there_are_few() -> None:
    many = Rule("r", SqlMeasure("SELECT count(*) FROM t WHERE n > 0"), Bound(Operator.GREATER_OR_EQUAL, 5))
    result = audit(many, {"n": [1, 2]})
    assert not result.passed
    assert result.rows == ()
