from __future__ import annotations

import pytest

from data_platform.engine.frame import from_table
from data_platform.errors import FrameError
from data_platform.functions import col, desc, lit

ORDERS = {
    "orderID": [1, 2, 3, 4],
    "customer": ["a", "b", "a", None],
    "amount": [10.0, 20.0, 5.0, 7.5],
}


@pytest.fixture
def orders(published):
    return published("orders", ORDERS, files=2)


def values(frame, name):
    return frame.to_arrow()[name].to_pylist()


def test_nothing_is_read_before_an_action(published, reads, tmp_path):
    orders = published("orders", ORDERS)
    for file in tmp_path.rglob("*.parquet"):
        file.unlink()
    chained = orders.filter("amount > 1").withColumn("x", col("amount") * 2).orderBy("x").limit(3)
    assert chained.columns == ["orderID", "customer", "amount", "x"]
    assert chained.groupBy("customer").count().dtypes == [("customer", "string"), ("count", "bigint")]
    assert "read_parquet" not in chained.sql()
    assert repr(orders) == "DataFrame[orderID: bigint, customer: string, amount: double]"
    assert reads == []


def test_select_takes_names_columns_lists_and_stars(orders):
    assert orders.select("customer", col("amount")).columns == ["customer", "amount"]
    assert orders.select(["orderID", "amount"]).columns == ["orderID", "amount"]
    assert orders.select("*", lit(1).alias("one")).columns == ["orderID", "customer", "amount", "one"]
    assert orders[["amount"]].columns == ["amount"]


def test_select_may_repeat_a_column(orders):
    twice = orders.select("amount", "amount")
    assert twice.columns == ["amount", "amount"]
    assert twice.to_arrow().column_names == ["amount", "amount"]
    with pytest.raises(FrameError, match="two columns are named 'amount'"):
        twice.to_polars()


def test_names_without_alias_are_pyspark_s(orders):
    frame = orders.select(
        col("amount") * 2, col("amount").cast("int"), lit("x"), -col("amount"), col("amount").isNull(), lit(None)
    )
    assert frame.columns == ["(amount * 2)", "amount", "x", "(-amount)", "amount IS NULL", "NULL"]


def test_select_expr_reads_spark_sql(orders):
    frame = orders.selectExpr("orderID AS id", "amount * 2 AS twice", 'concat(customer, "!") AS loud')
    assert frame.to_arrow().slice(0, 1).to_pylist() == [{"id": 1, "twice": 20.0, "loud": "a!"}]


def test_with_column_replaces_in_place_and_appends(orders):
    frame = orders.withColumn("amount", col("amount") + 1).withColumn("vat", col("amount") * 0.5)
    assert frame.columns == ["orderID", "customer", "amount", "vat"]
    assert values(frame, "vat") == [5.5, 10.5, 3.0, 4.25]


def test_with_columns_sees_only_the_columns_from_before(orders):
    frame = orders.withColumns({"amount": col("amount") + 1, "old": col("amount")})
    assert values(frame, "old") == ORDERS["amount"]


def test_rename_and_drop(orders):
    assert orders.withColumnRenamed("orderID", "id").columns == ["id", "customer", "amount"]
    assert orders.withColumnsRenamed({"orderID": "amount", "amount": "orderID"}).columns == [
        "amount",
        "customer",
        "orderID",
    ]
    assert orders.drop("amount", col("customer")).columns == ["orderID"]
    for mistaken in (lambda: orders.drop("amuont"), lambda: orders.withColumnRenamed("amuont", "x")):
        with pytest.raises(FrameError, match="did you mean 'amount'"):
            mistaken()


def test_filter_takes_columns_and_sql(orders):
    assert values(orders.filter((col("amount") > 5) & ~(col("customer") == "b")), "orderID") == [1]
    assert values(orders.where("amount > 5 AND customer IS NULL"), "orderID") == [4]
    assert values(orders[orders.amount.between(7, 10)], "orderID") == [1, 4]
    assert values(orders.filter(col("customer").isin("b", "z")), "orderID") == [2]
    assert orders.filter(col("customer").isin([])).count() == 0
    assert values(orders.filter(col("customer").eqNullSafe(None)), "orderID") == [4]


def test_filters_after_projections_and_limits_see_their_results(orders):
    twice = orders.select((col("amount") * 2).alias("amount")).filter("amount > 15")
    assert values(twice, "amount") == [20.0, 40.0]
    assert values(orders.orderBy("orderID").limit(2).filter("amount < 15"), "orderID") == [1]
    assert values(orders.orderBy("orderID").limit(3).limit(2), "orderID") == [1, 2]
    assert values(orders.orderBy("orderID").offset(3), "orderID") == [4]


def test_order_by_puts_nulls_as_spark_does(orders):
    assert values(orders.orderBy("customer", desc("orderID")), "orderID") == [4, 3, 1, 2]
    assert values(orders.orderBy(col("customer").desc(), "orderID"), "orderID") == [2, 1, 3, 4]
    assert values(orders.orderBy("customer", "orderID", ascending=[False, True]), "orderID") == [2, 1, 3, 4]
    assert values(orders.sort(col("customer").asc_nulls_last(), "orderID"), "orderID") == [1, 3, 2, 4]


def test_an_order_outlives_what_follows_it(orders):
    by_amount = orders.orderBy("amount")
    assert values(by_amount.select("orderID"), "orderID") == [3, 4, 1, 2]
    assert values(by_amount.withColumn("x", col("amount") + 1).filter("x > 6").select("orderID"), "orderID") == [
        4,
        1,
        2,
    ]
    assert values(by_amount.limit(2).withColumn("x", lit(1)), "orderID") == [3, 4]


def test_distinct_and_drop_duplicates(orders):
    doubled = orders.union(orders)
    assert sorted(values(doubled.distinct(), "orderID")) == [1, 2, 3, 4]
    assert doubled.dropDuplicates(["customer"]).count() == 3
    assert doubled.select("customer").distinct().filter("customer = 'a'").count() == 1
    # the wanted columns do not decide what is distinct
    assert orders.distinct().select("customer").count() == 4


def test_union_matches_by_position_and_by_name(orders):
    other = from_table(orders.select("amount", "customer", "orderID").to_arrow())
    with pytest.raises(FrameError, match="as many columns"):
        orders.union(orders.drop("amount"))
    assert orders.unionByName(other).groupBy().count().first() == (8,)
    assert orders.union(other).dtypes == [("orderID", "double"), ("customer", "string"), ("amount", "double")]
    with pytest.raises(FrameError, match="only one side of the union has 'amount'"):
        orders.unionByName(orders.drop("amount"))
    assert values(orders.unionByName(orders.drop("amount"), allowMissingColumns=True), "amount")[4:] == [None] * 4
    with pytest.raises(FrameError, match="cannot hold"):
        orders.select("amount").union(from_table(orders.select(col("customer").isNull()).to_arrow()).select(lit(b"x")))


def test_unions_keep_their_branches_orders_and_limits(orders):
    both = orders.orderBy(desc("amount")).limit(1).union(orders.orderBy("amount").limit(1))
    assert sorted(values(both, "orderID")) == [2, 3]


def test_fillna_and_dropna_treat_nan_as_missing():
    frame = from_table(_with_gaps())
    assert frame.fillna(0).to_arrow().to_pylist() == [
        {"i": 1, "f": 0.0, "s": "x", "b": None},
        {"i": 0, "f": 0.0, "s": None, "b": True},
    ]
    assert frame.fillna({"s": "?", "b": False}).select("s", "b").to_arrow().to_pylist() == [
        {"s": "x", "b": False},
        {"s": "?", "b": True},
    ]
    assert frame.fillna(0).schema == frame.schema
    assert frame.dropna().count() == 0
    assert frame.dropna("all").count() == 2
    assert frame.dropna(subset=["i"]).count() == 1
    assert frame.dropna(thresh=2).count() == 1


def _with_gaps():
    import pyarrow as pa

    return pa.table({"i": [1, None], "f": [float("nan"), None], "s": ["x", None], "b": [None, True]})


def test_frames_are_immutable(orders):
    before = orders.sql()
    orders.filter("amount > 1").select("orderID")
    assert orders.sql() == before
    assert orders.columns == ["orderID", "customer", "amount"]


def test_sql_can_be_taken_to_spark(orders):
    sql = orders.groupBy("customer").count().sql("spark")
    assert "COUNT(*) AS `count`" in sql
    with pytest.raises(FrameError, match="klingon"):
        orders.sql("klingon")


@pytest.mark.long
def test_a_deep_chain_is_no_deep_recursion(orders):
    frame = orders
    for number in range(150):
        frame = frame.withColumn("amount", col("amount") + 1).filter(col("amount") > number)
    assert values(frame.orderBy("orderID"), "amount")[0] == 160.0
