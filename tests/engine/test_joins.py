from __future__ import annotations

import pytest

from data_platform.errors import FrameError
from data_platform.functions import col, lit
from data_platform.functions import sum as sum_

LEFT = {"k": [1, 2, 3, None], "x": ["l1", "l2", "l3", "l0"]}
RIGHT = {"k": [2, 3, 3, None, 4], "y": ["r2", "r3a", "r3b", "r0", "r4"]}


@pytest.fixture
def left(published):
    return published("left", LEFT)


@pytest.fixture
def right(published):
    return published("right", RIGHT)


def rows(frame):
    return sorted(frame.collect(), key=lambda row: tuple((value is not None, str(value)) for value in row))


@pytest.mark.parametrize("how", ["inner", "INNER"])
def test_a_join_on_a_name_keeps_one_key_column(left, right, how):
    joined = left.join(right, "k", how)
    assert joined.columns == ["k", "x", "y"]
    assert rows(joined) == [(2, "l2", "r2"), (3, "l3", "r3a"), (3, "l3", "r3b")]


@pytest.mark.parametrize("how", ["left", "leftouter", "left_outer"])
def test_left(left, right, how):
    assert rows(left.join(right, ["k"], how)) == [
        (None, "l0", None),
        (1, "l1", None),
        (2, "l2", "r2"),
        (3, "l3", "r3a"),
        (3, "l3", "r3b"),
    ]


@pytest.mark.parametrize("how", ["right", "rightouter", "right_outer"])
def test_right_takes_the_key_from_the_right(left, right, how):
    assert rows(left.join(right, "k", how)) == [
        (None, None, "r0"),
        (2, "l2", "r2"),
        (3, "l3", "r3a"),
        (3, "l3", "r3b"),
        (4, None, "r4"),
    ]


@pytest.mark.parametrize("how", ["full", "outer", "fullouter", "full_outer"])
def test_full_takes_the_key_from_whichever_side_has_it(left, right, how):
    joined = left.join(right, "k", how)
    assert [row.k for row in rows(joined)] == [None, None, 1, 2, 3, 3, 4]
    assert joined.filter("k = 4").collect() == [(4, None, "r4")]
    assert joined.groupBy("k").count().filter("k = 3").collect() == [(3, 2)]


@pytest.mark.parametrize(
    ("how", "ids"), [("semi", [2, 3]), ("left_semi", [2, 3]), ("anti", [None, 1]), ("leftanti", [None, 1])]
)
def test_semi_and_anti_keep_the_left_columns_only(left, right, how, ids):
    assert [row.k for row in rows(left.join(right, "k", how))] == ids
    by_condition = left.join(right, left.k == right.k, how)
    assert by_condition.columns == ["k", "x"]
    assert [row.k for row in rows(by_condition)] == ids
    assert f"{'SEMI' if 'semi' in how else 'ANTI'} JOIN" in left.join(right, "k", how).sql("spark")


def test_a_condition_keeps_both_sides_and_may_be_an_inequality(left, right):
    joined = left.join(right, [left.k == right.k, right.y != "r3a"])
    assert joined.columns == ["k", "x", "k", "y"]
    assert rows(joined) == [(2, "l2", 2, "r2"), (3, "l3", 3, "r3b")]
    assert left.join(right, left.k < right.k).count() == 8
    assert rows(left.join(right, left.k == right.k, "full"))[0] == (None, None, None, "r0")


def test_a_join_without_a_key_points_to_cross_join(left, right):
    for mistaken in (
        lambda: left.join(right),
        lambda: left.join(right, []),
        lambda: left.join(right, left.k == 1),
        lambda: left.join(right, lit(True)),
    ):
        with pytest.raises(FrameError, match="crossJoin"):
            mistaken()
    assert left.crossJoin(right).count() == 20
    assert left.crossJoin(right).columns == ["k", "x", "k", "y"]


def test_mistakes_say_what_and_where(left, right):
    with pytest.raises(FrameError, match="no column 'x' on the right side of the join"):
        left.join(right, "x")
    with pytest.raises(FrameError, match="there is no join 'inside'"):
        left.join(right, "k", "inside")
    with pytest.raises(FrameError, match="names or conditions, not both"):
        left.join(right, ["k", left.k == right.k])
    with pytest.raises(FrameError, match="Table is not a DataFrame"):
        left.join(right.to_arrow(), "k")


def test_filters_and_aggregates_on_either_side_of_outer_joins_stay_there(left, right):
    some = left.filter("k < 3")
    assert rows(some.join(right.filter("y <> 'r2'"), "k", "left")) == [(1, "l1", None), (2, "l2", None)]
    assert len(rows(some.join(right, "k", "full"))) == 6
    assert len(rows(some.join(right, "k", "right"))) == 5
    counted = right.groupBy("k").count()
    assert rows(left.join(counted, "k", "left")) == [(None, "l0", None), (1, "l1", None), (2, "l2", 1), (3, "l3", 2)]


def test_joins_of_three_sources_are_one_plan(published, left, right):
    third = published("third", {"y": ["r2", "r3a", "zz"], "z": [1.0, 2.0, 3.0]})
    joined = left.join(right, "k").join(third, "y", "left").groupBy("k").agg(sum_("z").alias("z"))
    assert joined.sql().count("JOIN") == 2
    assert "WITH" not in joined.sql()
    assert rows(joined) == [(2, 1.0), (3, 2.0)]


def test_a_frame_may_be_joined_with_what_was_derived_from_it(left):
    counted = left.groupBy("k").count()
    assert rows(left.join(counted, "k")) == [(1, "l1", 1), (2, "l2", 1), (3, "l3", 1)]
    renamed = left.withColumnRenamed("k", "j")
    assert rows(left.join(renamed, left.k == renamed.j).select(left.k, "j")) == [(1, 1), (2, 2), (3, 3)]
    twice = left.withColumn("n", col("k") + 1)
    assert rows(twice.join(twice, "k").select("k")) == [(1,), (2,), (3,)]


def test_joins_on_a_key_of_another_name_on_both_sides_after_renames(left):
    other = left.select(col("x").alias("k2"), col("k"))
    joined = left.withColumnRenamed("x", "k2").join(other, "k2")
    assert joined.columns == ["k2", "k", "k"]


def test_types_of_keys_that_widen_stay_what_duckdb_joins(published, left):
    import pyarrow as pa

    small = published("small", pa.table({"k": pa.array([2, 9], pa.int32())}))
    assert small.join(left, "k", "full").dtypes[0] == ("k", "bigint")
    assert rows(small.join(left, "k").select("x")) == [("l2",)]
