from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from data_platform.engine.frame import from_table
from data_platform.errors import FrameError
from data_platform.functions import Window, avg, col, count, count_distinct, expr, lit, lower, rank, when
from data_platform.functions import max as max_
from data_platform.functions import sum as sum_

SALES = {"shop": ["a", "A", "b", None], "n": [1, 2, 3, 4], "price": [1.5, 2.0, 0.5, 1.0]}


@pytest.fixture
def sales(published):
    return published("sales", SALES)


def test_names_are_pyspark_s(sales):
    grouped = sales.groupBy("shop")
    assert grouped.count().columns == ["shop", "count"]
    assert grouped.sum("n").columns == ["shop", "sum(n)"]
    assert grouped.sum().columns == ["shop", "sum(n)", "sum(price)"]
    assert grouped.avg("n").columns == grouped.mean("n").columns == ["shop", "avg(n)"]
    assert grouped.agg(max_("n"), count("*"), count_distinct("n"), sum_(col("n") * col("price"))).columns == [
        "shop",
        "max(n)",
        "count(1)",
        "count(DISTINCT n)",
        "sum((n * price))",
    ]
    assert grouped.agg({"n": "max", "*": "count"}).columns == ["shop", "max(n)", "count(1)"]


def test_values(sales):
    result = sales.groupBy("shop").agg(sum_("n").alias("n"), avg("price").alias("p")).orderBy("shop")
    assert result.collect() == [(None, 4, 1.0), ("A", 2, 2.0), ("a", 1, 1.5), ("b", 3, 0.5)]
    assert result.filter("n > 2").select("shop").orderBy("shop").collect() == [(None,), ("b",)]


def test_keys_may_be_computed_and_do_not_hide_columns(sales):
    result = sales.groupBy(lower("shop").alias("shop"), (col("n") > 2).alias("big")).agg(max_("shop").alias("last"))
    assert result.columns == ["shop", "big", "last"]
    assert result.orderBy("shop", "big").collect() == [(None, True, None), ("a", False, "a"), ("b", True, "b")]
    assert sales.groupBy(lit(1)).count().collect() == [(1, 4)]
    assert sales.groupBy(col("shop").alias("s")).count().columns == ["s", "count"]
    assert sales.groupBy(lower("shop")).count().columns == ["lower(shop)", "count"]


def test_without_keys_there_is_one_row_even_of_nothing(sales):
    none = sales.filter("n > 99")
    assert none.agg(count("*").alias("c"), sum_("n").alias("s")).collect() == [(0, None)]
    assert none.groupBy().count().first() == (0,)
    assert none.groupBy("shop").count().count() == 0
    assert none.agg(sum_("n")).count() == 1


def test_expressions_over_aggregates(sales):
    result = sales.agg((sum_("n") / count("*")).alias("mean"), sum_(when(col("n") > 2, 1).otherwise(0)).alias("big"))
    assert result.collect() == [(2.5, 2)]
    assert result.dtypes == [("mean", "double"), ("big", "bigint")]
    assert sales.agg(expr("sum(n) FILTER (WHERE n > 2) AS s")).collect() == [(7,)]


def test_sums_have_spark_s_types():
    frame = from_table(
        pa.table(
            {
                "i": pa.array([1], pa.int32()),
                "l": pa.array([2**62]),
                "f": pa.array([1.5], pa.float32()),
                "d": pa.array([Decimal("1.25")], pa.decimal128(10, 2)),
                "w": pa.array([Decimal("1.25")], pa.decimal128(38, 2)),
            }
        )
    )
    sums = frame.groupBy().sum()
    assert [type_ for _, type_ in sums.dtypes] == ["bigint", "bigint", "double", "decimal(20,2)", "decimal(38,2)"]
    assert sums.to_arrow().schema.types == [
        pa.int64(),
        pa.int64(),
        pa.float64(),
        pa.decimal128(20, 2),
        pa.decimal128(38, 2),
    ]
    windowed = frame.select(sum_("i").over(Window.partitionBy("l")), sum_("d").over(Window.orderBy("l")))
    assert [type_ for _, type_ in windowed.dtypes] == ["bigint", "decimal(20,2)"]
    assert frame.agg(sum_(col("f") * col("i"))).dtypes[0][1] == "double"
    assert frame.agg(sum_(sum_("i")).over(Window.partitionBy(lit(1)))).dtypes[0][1] == "bigint"
    with pytest.raises(FrameError, match="out of range"):
        frame.union(frame).union(frame).agg(sum_("l")).collect()


def test_windows_rank_and_frame(sales):
    by_shop = Window.partitionBy("small").orderBy(col("n").desc())
    small = sales.withColumn("small", lower("shop"))
    ranked = small.select("n", rank().over(by_shop).alias("r")).filter("r = 1").orderBy("n")
    assert ranked.collect() == [(2, 1), (3, 1), (4, 1)]
    running = Window.orderBy("n").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    assert sales.select(sum_("n").over(running).alias("s")).orderBy("s").collect() == [(1,), (3,), (6,), (10,)]
    near = Window.orderBy("n").rowsBetween(-1, 1)
    assert sales.select("n", max_("n").over(near).alias("m")).orderBy("n").collect() == [(1, 2), (2, 3), (3, 4), (4, 4)]


def test_a_window_over_an_expression_that_may_refuse_a_value_is_refused(sales):
    by_shop = Window.partitionBy(lower("shop")).orderBy("n")
    with pytest.raises(FrameError, match="may refuse a value") as caught:
        sales.select("n", rank().over(by_shop).alias("r")).collect()
    assert "withColumn" in str(caught.value.hint)


def test_select_of_aggregates_is_one_row(sales):
    whole = sales.select(sum_("n").alias("s"), max_("price"))
    assert whole.collect() == [(10, 2.0)]
    assert whole.count() == 1
    assert sales.filter("n > 99").select(count("*")).collect() == [(0,)]
    assert sales.selectExpr("sum(n) AS s").select("s").collect() == [(10,)]
    with pytest.raises(FrameError, match="is neither in GROUP BY nor in an aggregate function"):
        sales.select("shop", sum_("n"))
    with pytest.raises(FrameError, match="is neither in GROUP BY nor in an aggregate function"):
        sales.withColumn("s", sum_("n"))


def test_aggregates_belong_where_they_mean_something(sales):
    for mistaken in (lambda: sales.orderBy(sum_("n")), lambda: sales.groupBy(sum_("n")).count()):
        with pytest.raises(FrameError, match="is not allowed here"):
            mistaken()
    with pytest.raises(FrameError, match="an aggregate is not allowed here"):
        sales.filter(sum_("n") > 1)
    with pytest.raises(FrameError, match=r"agg\(\) needs aggregates"):
        sales.agg(col("n"))
    for no_condition in ("n", col("shop"), lit("true")):
        with pytest.raises(FrameError, match="is not a condition"):
            sales.filter(no_condition)


def test_mistakes(sales):
    with pytest.raises(FrameError, match="needs an aggregate"):
        sales.groupBy("shop").agg()
    with pytest.raises(FrameError, match="there is no aggregate 'summe'"):
        sales.groupBy("shop").agg({"n": "summe"})
    with pytest.raises(FrameError, match="neither a column's name nor a Column"):
        sales.groupBy("shop").agg(1)
    assert repr(sales.groupBy("shop", lower("shop"))) == "GroupedData[shop, lower(shop)]"
