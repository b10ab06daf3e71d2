"""A map has each key once, at any depth, whatever handed it over."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.schema.types import DataType, ListOf, MapOf, SchemaColumn, Struct
from tests.casting import LONG, TEXT, cast, mismatch

MAP = MapOf(TEXT, LONG)
ARROW_MAP = pa.map_(pa.string(), pa.int64())
TWICE = [("a", 1), ("b", 2), ("a", 3)]
CASES: dict[str, tuple[DataType, pa.DataType, object]] = {
    "map": (MAP, ARROW_MAP, TWICE),
    "of another layout": (MAP, pa.map_(pa.large_string(), pa.int32()), TWICE),
    "with keys that are numbers": (MapOf(LONG, LONG), pa.map_(pa.int32(), pa.int64()), [(1, 1), (1, 1)]),
    "in a list": (ListOf(MAP), pa.list_(ARROW_MAP), [[("a", 1)], TWICE]),
    "in a struct": (Struct((SchemaColumn("m", MAP),)), pa.struct([("m", ARROW_MAP)]), {"m": TWICE}),
    "in a map": (MapOf(TEXT, MAP), pa.map_(pa.string(), ARROW_MAP), [("x", TWICE)]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_key_that_is_there_twice_is_refused_with_its_row(case: str) -> None:
    kind, layout, value = CASES[case]
    message = mismatch(kind, pa.array([None, value], layout)).message
    assert "in row 2 does not fit" in message
    assert message.endswith("it has the same key twice")


def test_the_same_key_in_other_rows_is_taken_and_what_nulls_and_slices_hide_is_not_judged() -> None:
    whole = pa.array([TWICE, [("a", 1)], None, [("a", 2)], TWICE], ARROW_MAP)
    assert cast(MAP, whole.slice(1, 3)) == [[("a", 1)], None, [("a", 2)]]
    hidden = pa.MapArray.from_arrays(
        pa.array([0, 3], pa.int32()), ["a", "b", "a"], pa.array([1, 2, 3], pa.int64()), mask=pa.array([True])
    )
    assert cast(MAP, hidden) == [None]


@given(st.lists(st.none() | st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=3)))
def test_maps_with_distinct_keys_pass_and_no_others(maps: list[list[tuple[str, int]] | None]) -> None:
    array = pa.array(maps, ARROW_MAP)
    if all(pairs is None or len(dict(pairs)) == len(pairs) for pairs in maps):
        assert cast(MAP, array) == maps
    else:
        assert mismatch(MAP, array).message.endswith("it has the same key twice")
