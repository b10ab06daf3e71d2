"""lineage: what data really came from, and what is only declared."""

from __future__ import annotations

import itertools

import pytest

from data_platform.errors import BadInput, NotFound
from data_platform.verbs.results import LineageNode
from tests.meshes import IDS, ROWS, World


def needs(*names: str) -> str:
    inputs = ", ".join(f"{{data_product: {name}, output: t}}" for name in names)
    return f"inputs: [{inputs}]"


def told(nodes: tuple[LineageNode, ...]) -> list[tuple[str, bool, int | None]]:
    return [(node.product, node.declared, node.version) for node in nodes]


@pytest.mark.long
def test_a_declared_input_becomes_real_once_data_came(world: World) -> None:
    world.product("customers", IDS).publish("t", ROWS)
    orders = world.product("orders", IDS, more=needs("customers"))
    orders.register()
    assert told(world.platform.lineage("orders").upstream) == [("customers", True, None)]
    assert told(world.platform.lineage("customers").downstream) == [("orders", True, None)]
    orders.publish("t", world.platform.consume("customers", "t"))
    (node,) = world.platform.lineage("orders").upstream
    assert (node.product, node.output, node.declared, node.version, node.columns) == (
        "customers",
        "t",
        False,
        1,
        ("id",),
    )
    assert node.feeds == ("t",)
    assert told(world.platform.lineage("customers").downstream) == [("orders", False, 1)]


def test_lineage_is_that_of_the_newest_version(world: World) -> None:
    for name in ("customers", "products"):
        world.product(name, IDS).publish("t", ROWS)
    orders = world.product("orders", IDS)
    orders.publish("t", ROWS, lineage=["customers.t"])
    orders.publish("t", ROWS, lineage=["products.t"])
    assert told(world.platform.lineage("orders").upstream) == [("products", False, 1)]
    assert world.platform.lineage("customers").downstream == ()


def test_depth_walks_further_both_ways(world: World) -> None:
    names = ["a", "b", "c", "d"]
    world.product("a", IDS).publish("t", ROWS)
    for upper, lower in itertools.pairwise(names):
        world.product(lower, IDS).publish("t", world.platform.consume(upper, "t"))
    node, seen = world.platform.lineage("d", depth=3).upstream[0], []
    while True:
        seen.append(node.product)
        if not node.steps:
            break
        (node,) = node.steps
    assert seen == ["c", "b", "a"]
    assert world.platform.lineage("d").upstream[0].steps == ()
    assert world.platform.lineage("a", depth=2).downstream[0].steps[0].product == "c"


def test_a_cycle_ends_where_it_closes(world: World) -> None:
    for upper, lower in (("a", "b"), ("b", "a")):
        world.product(lower, IDS, more=needs(upper)).publish("t", ROWS)
    (node,) = world.platform.lineage("a", depth=10).upstream
    assert (node.product, node.cycle) == ("b", False)
    (back,) = node.steps
    assert (back.product, back.cycle, back.steps) == ("a", True, ())


def test_a_declared_input_is_walked_through_to_what_is_real(world: World) -> None:
    """Each step may be declared or real: the walk goes on from both."""
    world.product("a", IDS).publish("t", ROWS)
    world.product("b", IDS).publish("t", world.platform.consume("a", "t"))
    world.product("c", IDS, more=needs("b")).register()
    (b,) = world.platform.lineage("c", depth=2).upstream
    assert told(b.steps) == [("a", False, 1)]
    (b,) = world.platform.lineage("a", depth=2).downstream
    assert told(b.steps) == [("c", True, None)]


def test_a_tangle_is_told_once_and_not_by_every_way_through_it(world: World) -> None:
    """Ten layers of three products, each made of all three before: 3 to the 10 ways, and 30 steps to tell."""
    above: list[str] = []
    for layer in range(10):
        names = [f"p{layer}-{place}" for place in range(3)]
        for name in names:
            world.product(name, IDS, more=needs(*above)).register()
        above = names
    nodes, again = [], 0
    waiting = list(world.platform.lineage("p9-0", depth=50).upstream)
    while waiting:
        node = waiting.pop()
        nodes.append(node.product)
        again += node.again
        waiting += node.steps
    assert (len(nodes), len(set(nodes)), again) == (3 + 8 * 9, 27, 7 * 6)


def test_an_output_has_a_lineage_of_its_own(world: World) -> None:
    world.product("a", IDS).publish("t", ROWS)
    world.product("b", IDS).publish("t", ROWS)
    two = world.product("two", IDS, more="  - name: side")
    two.publish("t", ROWS, lineage=["a.t"])
    two.publish("side", ROWS, lineage=["b.t"])
    world.product("c", IDS).publish("t", world.platform.consume("two", "side"))
    assert told(world.platform.lineage("two").upstream) == [("a", False, 1), ("b", False, 1)]
    assert told(world.platform.lineage("two", output="side").upstream) == [("b", False, 1)]
    assert world.platform.lineage("two", output="t").downstream == ()
    assert told(world.platform.lineage("two", output="side").downstream) == [("c", False, 1)]
    (side,) = world.platform.lineage("c", depth=2).upstream
    assert told(side.steps) == [("b", False, 1)]
    assert world.platform.lineage("two", direction="downstream").upstream == ()
    with pytest.raises(NotFound, match="no output sid"):
        world.platform.lineage("two", output="sid")


def test_what_nobody_registered_and_no_depth(world: World) -> None:
    with pytest.raises(NotFound):
        world.platform.lineage("nobody")
    world.product("a", IDS).register()
    for depth in (0, 51):
        with pytest.raises(BadInput, match="between 1 and 50"):
            world.platform.lineage("a", depth=depth)
