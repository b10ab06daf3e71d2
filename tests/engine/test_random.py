"""Random tables and random plans: what a frame says equals what plain Python says."""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.engine.frame import from_table
from data_platform.engine.origin import Origin
from data_platform.functions import col, count, lit
from data_platform.functions import max as max_
from data_platform.functions import sum as sum_
from tests.hypothesis_lanes import examples

NUMBERS = st.one_of(st.none(), st.integers(-50, 50))
TEXTS = st.one_of(st.none(), st.text(max_size=3))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, TEXTS), max_size=25)
SCHEMA = pa.schema([("k", pa.int64()), ("v", pa.int64()), ("t", pa.string())])


ORIGIN = Origin("product", "random", "t", 1)


def frame_of(rows, origin=None):
    return from_table(pa.Table.from_pylist([dict(zip("kvt", row, strict=True)) for row in rows], SCHEMA), origin)


def sortable(rows):
    return sorted(rows, key=lambda row: [(value is not None, str(value)) for value in row])


@settings(max_examples=examples(25), deadline=None)
@given(ROWS, st.integers(-50, 50))
def test_filters_keep_exactly_the_rows_that_are_true(rows, bound):
    frame = frame_of(rows)
    kept = [row for row in rows if row[0] is not None and row[0] > bound]
    assert frame.filter(col("k") > bound).collect() == kept
    assert frame.filter(~(col("k") > bound)).count() == sum(row[0] is not None and row[0] <= bound for row in rows)
    assert frame.filter((col("k") > bound) | col("v").isNull()).count() == sum(
        (row[0] is not None and row[0] > bound) or row[1] is None for row in rows
    )


@settings(max_examples=examples(25), deadline=None)
@given(ROWS)
def test_groups_add_up(rows):
    groups = defaultdict(list)
    for k, v, _ in rows:
        groups[k].append(v)
    expected = [
        (k, len(vs), sum(x for x in vs if x is not None) if any(x is not None for x in vs) else None)
        for k, vs in groups.items()
    ]
    result = frame_of(rows).groupBy("k").agg(count("*").alias("n"), sum_("v").alias("s"))
    assert sortable(result.collect()) == sortable(expected)
    assert result.schema.types == [pa.int64(), pa.int64(), pa.int64()]


@settings(max_examples=examples(25), deadline=None)
@given(ROWS, ROWS, st.sampled_from(["inner", "left", "right", "full", "semi", "anti"]))
def test_joins_are_what_loops_say(left, right, how):
    pairs = [(x, y) for x in left for y in right if x[0] is not None and x[0] == y[0]]
    matched_left, matched_right = [x for x, _ in pairs], [y for _, y in pairs]
    expected = [(x[0], x[1], y[1]) for x, y in pairs]
    if how in ("left", "full"):
        expected += [(x[0], x[1], None) for x in left if x not in matched_left]
    if how in ("right", "full"):
        expected += [(y[0], None, y[1]) for y in right if y not in matched_right]
    if how in ("semi", "anti"):
        expected = [(x[0], x[1]) for x in left if (x in matched_left) == (how == "semi")]
    other = frame_of(right).select("k", col("v").alias("w"))
    assert sortable(frame_of(left).select("k", "v").join(other, "k", how).collect()) == sortable(expected)


OPERATIONS = st.lists(
    st.sampled_from(["filter", "project", "rename", "sort", "limit", "distinct", "group", "union", "with"]), max_size=7
)


@pytest.mark.long
@settings(max_examples=examples(60), deadline=None)
@given(ROWS, OPERATIONS)
def test_any_chain_of_operations_means_its_steps(rows, operations):
    """The one statement of a chain gives what its steps give when each is run on the last one's rows."""
    lazy = step = frame_of(rows)
    for operation in operations:
        lazy = _apply(lazy, operation)
        step = from_table(_apply(step, operation).to_arrow())
    assert lazy.schema == step.schema
    assert sortable(lazy.collect()) == sortable(step.collect())
    assert lazy.count() == step.count()
    for name in lazy.columns:
        assert sortable(lazy.select(name).collect()) == sortable(step.select(name).collect())


@settings(max_examples=examples(60), deadline=None)
@given(ROWS, OPERATIONS, ROWS, st.sampled_from("kvt"))
def test_a_source_column_that_is_not_named_never_changes_a_column(rows, operations, others, changed):
    """What column lineage leaves out can be anything: the values stay what they were."""
    frame, at = _chained(frame_of(rows, ORIGIN), operations), "kvt".index(changed)
    mixed = [(*row[:at], other[at], *row[at + 1 :]) for row, other in zip(rows, others, strict=False)]
    again = _chained(frame_of([*mixed, *rows[len(mixed) :]], ORIGIN), operations)
    for name in frame.columns:
        alone = frame.select(name)
        if changed not in {use.column for use in alone.column_lineage.of(name)}:
            assert sortable(again.select(name).collect()) == sortable(alone.collect())


def _chained(frame, operations):
    for operation in operations:
        frame = _apply(frame, operation)
    return frame


def _apply(frame, operation):
    k, v, t = frame.columns
    match operation:
        case "filter":
            return frame.filter(col(f"`{v}`") > -20)
        case "project":
            return frame.select(k, (frame[v] * 2 + 1).alias("v"), t)
        case "rename":
            return frame.withColumnRenamed(v, "v2" if v == "v" else "v")
        case "sort":
            return frame.orderBy(k, v, t)
        case "limit":
            return frame.orderBy(k, v, t).limit(8)
        case "distinct":
            return frame.distinct()
        case "group":
            return frame.groupBy(k).agg(sum_(v).alias("v"), max_(t).alias("t"))
        case "union":
            return frame.filter(frame[k].isNotNull()).union(frame.limit(0))
        case _:
            return frame.withColumn(v, lit(3) - col(f"`{v}`"))
