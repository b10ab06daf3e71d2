"""Distinct values are counted exactly in a small table, and closely in a large one, whatever its row groups."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.staging.distinct import EXACT_ROWS, DistinctCounter
from tests.hypothesis_lanes import examples

SCHEMA = TableSchema(
    (
        SchemaColumn("a b", Primitive(Kind.LONG)),
        SchemaColumn('"text"', Primitive(Kind.STRING)),
        SchemaColumn("email", Primitive(Kind.STRING), tags=("pii",)),
        SchemaColumn("price", Primitive(Kind.DOUBLE)),
    )
)


def make_group(values: list[int | None]) -> pa.Table:
    texts = pa.array([None if value is None else f"text {value}" for value in values], pa.string())
    prices = pa.array(values, pa.float64())
    return pa.table({"a b": pa.array(values, pa.int64()), '"text"': texts, "email": texts, "price": prices})


@given(st.lists(st.none() | st.integers(0, 9), max_size=50))
@settings(max_examples=examples(50), deadline=None)
def test_a_small_table_is_counted_exactly(values: list[int | None]) -> None:
    counter = DistinctCounter(SCHEMA)
    counter.add(make_group(values))
    count = len({value for value in values if value is not None})
    assert counter.finish() == {"a b": count, '"text"': count}


def test_no_rows_have_no_values() -> None:
    assert DistinctCounter(SCHEMA).finish() == {"a b": 0, '"text"': 0}


@pytest.mark.parametrize("groups", [1, 2, 7])
def test_a_large_table_is_estimated_over_all_its_groups(groups: int) -> None:
    counter, rows = DistinctCounter(SCHEMA), 2 * EXACT_ROWS // groups
    for number in range(groups):  # each group repeats half of the one before
        begin = number * rows // 2
        counter.add(make_group([*range(begin, begin + rows - 1), None]))
    distinct = (groups - 1) * (rows // 2) + rows - 1
    assert counter.finish() == {name: pytest.approx(distinct, rel=0.06) for name in ("a b", '"text"')}


def test_many_small_groups_of_few_values_are_few_values() -> None:
    counter = DistinctCounter(SCHEMA)
    for _ in range(40):
        counter.add(make_group([1, 2, 3, None]))
    assert counter.finish() == {"a b": 3, '"text"': 3}


def test_a_table_of_personal_data_alone_has_no_counts() -> None:
    counter = DistinctCounter(TableSchema((SchemaColumn("email", Primitive(Kind.STRING), tags=("pii",)),)))
    for _ in range(2):
        counter.add(pa.table({"email": ["a@b"]}))
    assert counter.finish() == {}
