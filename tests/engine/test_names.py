from __future__ import annotations

import pytest

from data_platform.errors import FrameError
from data_platform.functions import avg, col, expr, lit, upper
from data_platform.functions import sum as sum_

ODD = ["select", "a.b", 'a"b', "a`b", "orderID", "ราคา", "with space", "1st", "order", "a;--", "'", "c\\d", "é"]


@pytest.fixture
def orders(published):
    return published("orders", {"id": [1, 2], "parent": [2, 1], "addr": [{"city": "Bangkok"}, {"city": "Rome"}]})


@pytest.mark.parametrize("name", ODD)
def test_any_name_goes_through_every_operation(published, name):
    frame = published("odd", {name: [3, 1, 2], "other": [1, 1, 2]})
    reference = frame[name]
    chained = (
        frame.filter(reference > 1)
        .withColumn("copy", col(f"`{name}`") if "`" not in name else reference)
        .groupBy("other")
        .agg(sum_(name), avg("copy").alias(name))
        .withColumnRenamed(f"sum({name})", f"{name}!")
        .join(frame.select(name, "other"), "other")
        .orderBy(frame[name])
    )
    assert chained.columns == ["other", f"{name}!", name, name]
    assert chained.to_arrow().column(1).to_pylist() == [3, 2, 3]
    assert frame.select(name).to_arrow().column_names == [name]
    assert frame.dropDuplicates([name]).drop(name).columns == ["other"]


def test_case_is_kept_and_forgiven(published):
    frame = published("orders", {"orderID": [1], "Amount": [2]})
    assert frame.select("orderid", "AMOUNT").columns == ["orderID", "Amount"]
    assert frame.groupBy("ORDERID").sum("amount").columns == ["orderID", "sum(amount)"]
    assert frame.filter("orderid = 1").columns == ["orderID", "Amount"]


def test_unknown_names_tell_the_nearest(orders):
    for mistaken in (
        lambda: orders.select("parnet"),
        lambda: orders.filter("parnet > 1"),
        lambda: orders.filter(col("parnet") > 1),
        lambda: orders.groupBy("parnet"),
        lambda: orders.groupBy("id").agg(sum_("parnet")),
        lambda: orders.groupBy("id").sum("parnet"),
        lambda: orders.orderBy("parnet"),
        lambda: orders.withColumn("x", expr("parnet + 1")),
        lambda: orders.dropDuplicates(["parnet"]),
        lambda: orders.fillna(0, subset="parnet"),
        lambda: orders["parnet"],
    ):
        with pytest.raises(FrameError, match=r"there is no column 'parnet'\n.*did you mean 'parent'"):
            mistaken()
    with pytest.raises(FrameError, match="the columns are: id, parent, addr"):
        orders.select("zzz")


def test_an_unknown_attribute_is_an_attribute_error_with_a_hint(orders):
    with pytest.raises(AttributeError, match="did you mean 'parent'"):
        _ = orders.parnet
    with pytest.raises(AttributeError, match=r"(?i)did you mean 'groupBy'"):
        _ = orders.group_by
    assert not hasattr(orders, "_ipython_canary_method_should_not_exist_")
    assert "parent" in dir(orders)


def test_types_that_do_not_fit_are_told_at_once(orders):
    with pytest.raises(FrameError, match="is not a number"):
        orders.select(col("addr") + 1)
    with pytest.raises(FrameError, match="is neither in GROUP BY nor in an aggregate function"):
        orders.groupBy("id").agg(col("parent"))
    with pytest.raises(FrameError, match="nosuch"):
        orders.selectExpr("nosuch(id)")


def test_no_raw_engine_text_reaches_the_reader(orders):
    for mistaken in ("id >", "id = 1; DROP TABLE x", "", "(", "'open"):
        with pytest.raises(FrameError) as caught:
            orders.filter(mistaken)
        assert "\x1b" not in str(caught.value)
        assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "(SELECT count(*) FROM read_parquet('/etc/passwd')) > 0",
        "EXISTS (SELECT 1)",
        "id IN (SELECT id FROM other)",
        "SELECT 1",
        "DROP TABLE x",
        "id IN (FROM other)",
    ],
)
def test_expressions_hide_no_query(orders, text):
    with pytest.raises(FrameError):
        orders.filter(text)
    with pytest.raises(FrameError):
        orders.select(expr(text))


def test_struct_fields_are_reached_by_dots_and_brackets(orders):
    frame = orders.select(
        "addr.city", orders["addr.city"].alias("b"), col("addr")["city"].alias("c"), upper("addr.city")
    )
    assert frame.columns == ["city", "b", "c", "upper(addr.city)"]
    assert frame.to_arrow().to_pylist()[0] == {
        "city": "Bangkok",
        "b": "Bangkok",
        "c": "Bangkok",
        "upper(addr.city)": "BANGKOK",
    }
    assert orders.selectExpr("addr.city AS x").filter("x = 'Rome'").count() == 1


def test_a_column_means_the_frame_it_was_taken_from(published):
    left = published("left", {"k": [1, 2], "x": ["l1", "l2"]})
    right = published("right", {"k": [1, 2], "x": ["r1", "r2"]})
    joined = left.join(right, left.k == right["k"])
    assert joined.columns == ["k", "x", "k", "x"]
    picked = joined.filter(right.x == "r2").select(right["x"], left["x"])
    assert picked.to_arrow().columns[0].to_pylist() == ["r2"]
    assert picked.to_arrow().columns[1].to_pylist() == ["l2"]
    assert joined.drop(right["k"]).drop(right["x"]).columns == ["k", "x"]
    with pytest.raises(FrameError, match=r"ambiguous: 2 columns have this name\n.*alias"):
        joined.select("x")
    with pytest.raises(FrameError, match="ambiguous"):
        joined.withColumnRenamed("x", "y")


def test_aliases_tell_the_sides_of_a_self_join_apart(orders):
    with pytest.raises(FrameError, match="ambiguous"):
        orders.join(orders, orders.id == orders.parent)
    child, parent = orders.alias("child"), orders.alias("parent_of")
    joined = child.join(parent, col("child.parent") == col("parent_of.id"))
    assert joined.select("child.id", parent["id"]).orderBy("child.id").collect() == [(1, 2), (2, 1)]
    assert joined.select("child.*").columns == ["id", "parent", "addr"]
    with pytest.raises(FrameError, match="child"):
        joined.select("chidl.*")


def test_two_versions_of_one_output_are_two_tables(published):
    old = published("orders", {"id": [1, 2], "x": ["old", "old"]}, version=1)
    new = published("orders", {"id": [2, 3], "x": ["new", "new"]}, version=2)
    both = new.alias("n").join(old.alias("o"), "id", "full").select("id", "n.x", "o.x").orderBy("id")
    assert both.collect() == [(1, None, "old"), (2, "new", "old"), (3, "new", None)]
    assert "orders_v1" in both.sql()
    assert "orders_v2" in both.sql()


def test_columns_that_differ_in_case_only_are_refused(published):
    with pytest.raises(FrameError, match="differ in case only"):
        published("orders", {"a": [1], "A": [2]})


def test_a_column_is_no_truth_value(orders):
    with pytest.raises(FrameError, match="write & for and"):
        orders.filter(orders.id > 1 and orders.id < 3)
    with pytest.raises(FrameError, match="is not a Column"):
        orders.withColumn("x", 1)
    assert orders.withColumn("x", lit(1)).columns[-1] == "x"
