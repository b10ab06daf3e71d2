"""Rows leave exactly, or with a clear word: what Python, pandas and polars cannot hold is named by column and row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.engine import export
from data_platform.errors import FrameError
from tests.hypothesis_lanes import examples


def of(kind: pa.DataType, *values: int | None) -> pa.Array:
    """An array of the integers that its values are in memory."""
    return pa.array(values, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)


BEYOND = {
    "infinite date": of(pa.date32(), 0, 2**31 - 1),
    "year 0": of(pa.date32(), None, -719_163),
    "infinite timestamp": of(pa.timestamp("us"), 0, 2**63 - 1),
    "infinite instant": of(pa.timestamp("us", "UTC"), 0, -(2**63) + 1),
    "seconds": of(pa.timestamp("s"), 0, 253_402_300_800),
    "milliseconds": of(pa.date64(), 0, 253_402_300_800_000),
    "24:00": of(pa.time64("us"), 0, 86_400_000_000),
    "24:00 in seconds": of(pa.time32("s"), 0, 86_400),
}
SHAPES: dict[str, Callable[[pa.Array], pa.Array]] = {
    "plain": lambda array: array,
    "list": lambda array: pa.ListArray.from_arrays([0, 1, 2], array),
    "struct": lambda array: pa.StructArray.from_arrays([array], names=["a"]),
    "map": lambda array: pa.MapArray.from_arrays([0, 1, 2], pa.array(["x", "y"]), array),
    "list of structs": lambda array: pa.ListArray.from_arrays([0, 1, 2], pa.StructArray.from_arrays([array], ["a"])),
}
WAYS = {
    "rows": export.to_rows,
    "pandas": export.to_pandas,
    "polars": export.to_polars,
    "columns": export.to_python_columns,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", BEYOND)
def test_what_python_cannot_hold_is_named(case: str, shape: str, way: str) -> None:
    table = pa.table({"id": [1, 2], "v": SHAPES[shape](BEYOND[case])})
    with pytest.raises(FrameError, match=r"column v: the value in row 2 .*, which Python cannot hold") as refused:
        WAYS[way](table)
    assert "to_arrow() keeps it" in (refused.value.hint or "")
    if (shape, way) != ("map", "pandas"):  # pyarrow reads what a slice of maps hides
        WAYS[way](table[:1])


def test_the_row_is_counted_over_all_chunks() -> None:
    day = pa.array([dt.date(2026, 1, 1)])
    table = pa.table({"v": pa.chunked_array([day, day, of(pa.date32(), 0, 2**31 - 1)])})
    with pytest.raises(FrameError, match="row 4"):
        export.to_rows(table)


def test_whole_numbers_beside_nulls_keep_their_digits_in_pandas() -> None:
    large = 2**53 + 1
    frame = export.to_pandas(pa.table({"id": [large, None], "small": [1, None], "all": [large, 2]}))
    assert str(frame["id"].dtype) == "Int64" and frame["id"][0] == large and frame["id"][1] is pd.NA
    assert str(frame["small"].dtype) == "float64" and str(frame["all"].dtype) == "int64"
    nested = export.to_pandas(pa.table({"v": [[large, None]], "s": [{"a": [None, -large]}]}))
    assert list(nested["v"][0]) == [large, None] and list(nested["s"][0]["a"]) == [None, -large]


def test_two_columns_of_one_name_are_both_kept_in_pandas() -> None:
    large = 2**60 + 1
    table = pa.Table.from_arrays([pa.array([large, None]), pa.array(["x", "y"])], names=["a", "a"])
    frame = export.to_pandas(table)
    assert [frame.iloc[0, 0], frame.iloc[0, 1]] == [large, "x"]


VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
    pa.timestamp("us"): st.datetimes(),
    pa.string(): st.text(),
}


@given(st.sampled_from(list(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(st.none() | VALUES[kind]))))
@settings(max_examples=examples(150), deadline=None)
def test_what_python_can_hold_leaves_as_it_is(case: tuple[pa.DataType, list[Any]]) -> None:
    kind, values = case
    table = pa.table({"v": pa.array(values, kind), "l": pa.array([[value] for value in values], pa.list_(kind))})
    assert [row["v"] for row in export.to_rows(table)] == values
    assert [row["l"] for row in export.to_rows(table)] == [[value] for value in values]
    assert export.to_polars(table)["v"].to_list() == values
    result = [None if pd.isna(value) else value for value in export.to_pandas(table)["v"].tolist()]
    assert result == values
