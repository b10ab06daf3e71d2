"""Expectations about columns, types, order and queries: what they take, and over which data."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from data_platform.spec.rules import expectations as ex
from data_platform.spec.rules.json_form import restore_rule, serialize_rule
from data_platform.spec.rules.measure_sql import query_problems
from data_platform.spec.rules.model import Query, Rule
from tests.quality.audit import audit, measured
from tests.spec.rules.test_expectations import CASES, ranges


def test_a_table_has_no_order_of_its_own() -> None:
    for build in (ex.expect_column_values_to_be_increasing, ex.expect_column_values_to_be_decreasing):
        with pytest.raises(ValueError, match="give order_by: COLUMN"):
            build("n")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM t", "reads {batch}"),
        ("DELETE FROM {batch}", "begins with 'DELETE'"),
        ("SELECT 1 FROM {batch}; SELECT 2 FROM {batch}", "2 statements"),
        ("SELECT * FROM {batch}) AS a, (SELECT 1", "cannot be read"),
        ("SELECT * FROM {batch}, read_csv('x.csv')", "read_csv"),
        ("SELECT * FROM {batch} JOIN other USING (id)", "reads other, which the rule cannot see"),
        ("SELECT getenv('HOME') FROM {batch}", "getenv"),
        ("SELECT * FROM {batch} WHERE {", "cannot be read"),
    ],
)
def test_a_query_for_unexpected_rows_is_one_select_over_the_batch(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^unexpected_rows_expectation: ") as refused:
        ex.unexpected_rows_expectation(query)
    assert message in str(refused.value)


@pytest.mark.parametrize("rule", [rule for rule, _ in CASES if isinstance(rule.measure, Query)], ids=str)
def test_our_queries_pass_the_guard_of_rules(rule: Rule) -> None:
    assert query_problems(rule, [("shop", "orders")]) == []
    assert restore_rule(serialize_rule(rule)) == rule


@pytest.mark.parametrize("name", ["v", "n", "x", "place", "before", "mean", "low", "deviation", "this output", 'a"b'])
def test_a_column_may_have_any_name(name: str) -> None:
    data = {name: [1, 2, 2, 90], "order by": [1, 3, 2, 4]}
    rules = [
        ex.expect_column_most_common_value_to_be_in_set(name, [2]),
        ex.expect_column_value_z_scores_to_be_less_than(name, 1.5, double_sided=True),
        ex.expect_column_values_to_not_be_outliers(name, multiplier=4),
        ex.expect_column_values_to_not_be_outliers(name, "std", 2),
        ex.expect_column_values_to_be_increasing(name, order_by="order by"),
        ex.expect_column_values_to_be_increasing("order by", strictly=True, order_by=name),
        ex.expect_column_quantile_values_to_be_between(name, ranges([0.5], [[2, 2]])),
        ex.expect_column_type_to_be(name, "int64"),
    ]
    assert [measured(rule, data) for rule in rules] == [0, 0, 0, 0, 0, 0, 0, 0]
    assert all(query_problems(rule, []) == [] for rule in rules)


def test_equal_values_are_no_outliers_and_have_no_scores() -> None:
    data = {"n": [0.1] * 7}
    assert measured(ex.expect_column_value_z_scores_to_be_less_than("n", 0.5, double_sided=True), data) == 0
    for method in ("iqr", "std"):
        assert measured(ex.expect_column_values_to_not_be_outliers("n", method, 0), data) == 0


def test_values_without_a_place_are_out_of_order_and_equal_places_stand_in_the_best_order() -> None:
    data = {"n": [1, 3, 2, 4, None], "at": [1, 2, 2, None, None]}
    assert measured(ex.expect_column_values_to_be_increasing("n", order_by="at"), data) == 1
    assert measured(ex.expect_column_values_to_be_increasing("n", order_by="at"), {"n": [], "at": []}) == 0


TYPES: list[tuple[pa.DataType, list[str], list[str]]] = [
    (pa.bool_(), ["bool", "BOOLEAN", "BooleanType"], ["int", "str"]),
    (pa.int32(), ["int", "INT", "INTEGER", "int32", "IntegerType", "Integer"], ["int64", "BIGINT", "LongType"]),
    (pa.int64(), ["int", "int64", "Int64", "BIGINT", "LongType", "long", "Integer"], ["INT", "INTEGER", "int32"]),
    (pa.float32(), ["float", "FloatType", "REAL"], ["double", "float64", "int"]),
    (pa.float64(), ["float", "DOUBLE", "double", "float64", "DoubleType"], ["float32", "DECIMAL"]),
    (pa.date32(), ["DATE", "date", "DateType"], ["TIMESTAMP", "str"]),
    (pa.time64("us"), ["TIME", "time"], ["TIMESTAMP"]),
    (pa.timestamp("us"), ["TIMESTAMP", "datetime64[ns]", "TimestampNTZType"], ["DATE", "TIMESTAMPTZ"]),
    (pa.timestamp("us", "UTC"), ["TIMESTAMP", "TimestampType", "TIMESTAMPTZ"], ["datetime64", "DATE"]),
    (pa.string(), ["str", "string", "VARCHAR", "TEXT", "StringType"], ["bytes", "DATE"]),
    (pa.binary(), ["bytes", "BLOB", "BinaryType"], ["str"]),
    (pa.decimal128(10, 2), ["DECIMAL", "NUMERIC", "DECIMAL(10, 2)", "DecimalType(10,2)"], ["DECIMAL(10,3)", "float"]),
    (pa.list_(pa.string()), ["list", "ArrayType", "ARRAY"], ["str", "dict"]),
    (pa.list_(pa.struct({"a": pa.string()})), ["list"], ["dict", "StructType"]),
    (pa.map_(pa.string(), pa.list_(pa.int64())), ["dict", "MapType"], ["list", "StructType"]),
    (pa.struct({"a": pa.list_(pa.int64())}), ["dict", "StructType"], ["list", "MapType"]),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), TYPES, ids=[str(kind) for kind, *_ in TYPES])
@pytest.mark.parametrize("rows", [0, 2])
def test_a_type_is_that_of_the_column_even_without_values(
    kind: pa.DataType, right: list[str], wrong: list[str], rows: int
) -> None:
    data = pa.table({"c": pa.nulls(rows, kind)})
    for name in right:
        assert audit(ex.expect_column_values_to_be_of_type("c", name), data).passed, name
    for name in wrong:
        assert not audit(ex.expect_column_values_to_be_of_type("c", name), data).passed, name
    assert audit(ex.expect_column_values_to_be_in_type_list("c", [*wrong, right[0]]), data).passed
    assert not audit(ex.expect_column_values_to_be_in_type_list("c", wrong), data).passed


DOCUMENTS = [
    '{"a":1}',
    '{"a":1,}',
    "[1, ]",
    "[]",
    "{",
    "",
    "1",
    "NaN",
    '"a,]"',
    r'["\",]"]',
    r'"\\",',
    "null",
    "'a'",
    " 1 ",
]


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_json_is_what_python_reads() -> None:
    data = pa.table({"c": [*DOCUMENTS, None]})
    wrong = [text for text in DOCUMENTS if not is_json(text)]
    result = audit(ex.expect_column_values_to_be_json_parseable("c"), data)
    assert [row["c"] for row in result.rows] == wrong


def test_names_of_columns_are_compared_as_they_are_written() -> None:
    data = pa.table({"A b": [1], "it's": [2], 'q"': [3]})
    for build in (ex.expect_table_columns_to_match_ordered_list, ex.expect_table_columns_to_match_set):
        assert audit(build(["A b", "it's", 'q"']), data).passed
        assert not audit(build(["a b", "it's", 'q"']), data).passed
    assert not audit(ex.expect_table_columns_to_match_ordered_list(["it's", "A b", 'q"']), data).passed


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("%Y", ["2026", "0001"], ["1", "20260", "x"]),
        ("%Y-%m-%d", ["2026-01-02", "2026-1-2"], ["26-01-02", "1-01-02", "2026-13-01", "2026-01-02 "]),
        ("%d.%m.%y %H:%M", ["02.01.26 10:00"], ["02.01.2026 10:00", "02.01.6 10:00", "02x01x26 10:00"]),
    ],
)
def test_a_year_has_all_its_digits(form: str, right: list[str], wrong: list[str]) -> None:
    result = audit(ex.expect_column_values_to_match_strftime_format("c", form), {"c": right + wrong})
    assert [row["c"] for row in result.rows] == wrong


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT * FROM {batch} WHERE",
            "the SQL cannot be read: line 1, column 27 near 'WHERE'; write one",
        ),
        ("SELECT * FORM {batch}", "near '{batch}'; write one SELECT"),
        (
            "SELECT * FROM {batch} WHERE a = 'x",
            "cannot be read; look for a quote or comment that is not closed",
        ),
        ("SELECT * FROM {batch} WHERE (a > 1", "unexpected_rows_query: the SQL cannot be read"),
        ("DELETE FROM {batch}", "is one SELECT, and this begins with 'DELETE'; write SELECT"),
    ],
)
def test_a_query_that_cannot_be_read_is_told_as_it_was_written(query: str, message: str) -> None:
    with pytest.raises(ValueError, match="unexpected_rows_expectation: ") as refused:
        ex.unexpected_rows_expectation(query)
    assert message in str(refused.value)
    assert "this output" not in str(refused.value)
