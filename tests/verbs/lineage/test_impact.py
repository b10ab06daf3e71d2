"""impact: what a change of a column touches, whose it is, and who read it lately."""

from __future__ import annotations

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.functions import col, md5
from data_platform.verbs.lineage.column_results import AffectedOutput, Impact
from tests.meshes import World


@pytest.fixture
def chain(world: World) -> World:
    """a.x is renamed in b, filters c, which was read by hand into d, which e declares to read."""
    world.product("a").publish("t", [{"id": 1, "x": 5}, {"id": 2, "x": 6}])
    b = world.product("b", owner="bob@x")
    b.publish("t", b.consume("a", "t").select("id", col("x").alias("y"), md5(col("x").cast("string")).alias("h")))
    c = world.product("c")
    c.publish("t", c.consume("b", "t").filter("y > 5").select("id"))
    world.product("d").publish("t", [{"k": 1}], lineage=["c.t"])
    world.product("e", more="inputs: [{data_product: d, output: t}]").register()
    return world


def places(impact: Impact) -> list[tuple[str, str | None, int, bool]]:
    return [(each.product, each.output, each.steps, each.certain) for each in impact.touched]


def columns(touched: AffectedOutput) -> dict[str | None, str]:
    return {each.column: ", ".join(map(str, each.transformations)) for each in touched.columns}


def test_a_change_runs_through_columns_rows_and_what_is_only_known_to_be_read(chain: World) -> None:
    impact = chain.platform.impact("a", "x")
    assert places(impact) == [("b", "t", 1, True), ("c", "t", 2, True), ("d", "t", 3, False), ("e", None, 4, False)]
    b, c, d, e = impact.touched
    assert columns(b) == {"y": "identity", "h": "masked transformation"}
    assert columns(c) == {None: "filter"}
    assert columns(d) == {None: ""}
    assert (b.owner, b.domain, e.columns) == ("bob@x", "sales", ())
    assert (impact.output, impact.owner) == ("t", "ana@x")


def test_a_column_that_goes_no_further_touches_no_more(chain: World) -> None:
    assert [(each.product, columns(each)) for each in chain.platform.impact("a", "id").touched][:2] == [
        ("b", {"id": "identity"}),
        ("c", {"id": "identity"}),
    ]
    assert places(chain.platform.impact("b", "h")) == []


def test_a_read_by_hand_of_other_columns_is_not_touched(world: World) -> None:
    """Lineage from before column lineage was kept: the columns read are known, not what became of them."""
    world.product("a").publish("t", [{"id": 1, "x": 5}])
    b = world.product("b")
    b.publish("t", b.consume("a", "t").select("id"))
    with world.mesh.record.transaction() as conn:
        conn.exec_driver_sql("DELETE FROM column_lineage")
    assert places(world.platform.impact("a", "x")) == []
    assert places(world.platform.impact("a", "id")) == [("b", "t", 1, False)]


def test_who_read_a_touched_column_lately(chain: World) -> None:
    chain.clock.later(days=40)
    chain.platform.consume("b", "t").select("y").collect()
    read = chain.clock.later(days=1)
    chain.platform.consume("b", "t").select("y").collect()
    chain.platform.consume("c", "t").count()
    chain.platform.consume("b", "t").select("id").collect()
    impact = chain.platform.impact("a", "x")
    ((reader,), (counted,)) = (each.readers for each in impact.touched[:2])
    assert (reader.principal, reader.reads, reader.last_read) == (chain.context.principal.name, 2, read)
    assert counted.reads == 1
    assert impact.readers == ()


def test_circles_end(world: World) -> None:
    first, second = world.product("first"), world.product("second")
    first.publish("t", [{"x": 1}])
    second.publish("t", second.consume("first", "t").select(col("x").alias("y")))
    first.publish("t", first.consume("second", "t").select(col("y").alias("x")))
    assert places(world.platform.impact("first", "x")) == [("second", "t", 1, True), ("first", "t", 2, True)]


def test_the_output_may_be_left_out_where_it_is_clear(world: World) -> None:
    two = world.product("two", more="  - name: side")
    two.publish("t", [{"id": 1, "x": 1}])
    two.publish("side", [{"id": 1}])
    assert world.platform.impact("two", "x").output == "t"
    with pytest.raises(BadInput, match="2 outputs of two have a column id") as caught:
        world.platform.impact("two", "id")
    assert caught.value.hint == "name one: two.side or two.t"
    assert world.platform.impact("two", "id", "side").output == "side"
    for column, output in (("nope", None), ("x", "side")):
        with pytest.raises(NotFound):
            world.platform.impact("two", column, output)
