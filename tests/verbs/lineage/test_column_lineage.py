"""Columns: what each was made from, recorded with its version, and asked for both ways."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.functions import col
from data_platform.functions import sum as sum_
from data_platform.verbs.lineage.column_results import ColumnNode, Transformation
from tests.meshes import World

ORDERS = [{"id": 1, "customer": 7, "amount": 10.0}, {"id": 2, "customer": 8, "amount": 2.5}]
IDENTITY = Transformation("DIRECT", "IDENTITY")


@pytest.fixture
def sold(world: World) -> World:
    """customers and orders, sales of both, and a report of the sales by country."""
    world.product("customers").publish("t", [{"id": 7, "country": "TH"}, {"id": 8, "country": "DE"}])
    world.product("orders").publish("t", ORDERS)
    sales = world.product("sales")
    customers = sales.consume("customers", "t").withColumnRenamed("id", "customer")
    rows = sales.consume("orders", "t").join(customers, "customer").filter("amount > 1")
    sales.publish("t", rows.select("id", "country", (col("amount") * 2).alias("double")))
    report = world.product("report")
    report.publish("t", report.consume("sales", "t").groupBy("country").agg(sum_("double").alias("total")))
    return world


def told(nodes: tuple[ColumnNode, ...]) -> dict[str, str]:
    return {f"{node.product}.{node.column}": ", ".join(map(str, node.transformations)) for node in nodes}


def test_a_column_is_told_with_what_gives_values_and_what_decides(sold: World) -> None:
    graph = sold.platform.column_lineage("report", "t", "total", depth=2)
    assert told(graph.upstream) == {"sales.double": "masked aggregation", "sales.country": "group by"}
    double = next(node for node in graph.upstream if node.column == "double")
    assert (double.version, double.kind, double.output) == (1, "product", "t")
    assert told(double.steps) == {
        "orders.amount": "transformation, filter",
        "orders.customer": "join",
        "customers.id": "join",
    }
    assert graph.downstream == ()


def test_downstream_tells_columns_and_rows(sold: World) -> None:
    graph = sold.platform.column_lineage("customers", "t", "country", depth=2)
    (country,) = graph.downstream
    assert (country.product, country.column, country.transformations) == ("sales", "country", (IDENTITY,))
    assert told(country.steps) == {"report.country": "identity", "report.None": "group by"}
    assert sold.platform.column_lineage("customers", "t", "country", direction="upstream").downstream == ()


def test_only_the_newest_version_counts(sold: World) -> None:
    report = sold.product("report")
    report.publish("t", [{"country": "TH", "total": 1.0}])
    assert sold.platform.column_lineage("report", "t", "total").upstream == ()
    assert told(sold.platform.column_lineage("sales", "t", "country").downstream) == {}


def test_a_cycle_of_columns_is_told_and_ends(world: World) -> None:
    first, second = world.product("first"), world.product("second")
    first.publish("t", [{"x": 1}])
    second.publish("t", second.consume("first", "t").select((col("x") + 1).alias("y")))
    first.publish("t", first.consume("second", "t").select(col("y").alias("x")))
    (y,) = world.platform.column_lineage("first", "t", "x", depth=9, direction="upstream").upstream
    (x,) = y.steps
    assert (y.column, y.cycle, x.column, x.cycle, x.steps) == ("y", False, "x", True, ())


def test_what_is_not_there_is_named_with_what_is_near(sold: World) -> None:
    with pytest.raises(NotFound, match="no column totl") as caught:
        sold.platform.column_lineage("report", "t", "totl")
    assert caught.value.hint == "did you mean total?"
    for product, output in (("reprt", "t"), ("report", "x")):
        with pytest.raises(NotFound):
            sold.platform.column_lineage(product, output, "total")
    with pytest.raises(BadInput, match="between 1 and 50"):
        sold.platform.column_lineage("report", "t", "total", depth=0)
