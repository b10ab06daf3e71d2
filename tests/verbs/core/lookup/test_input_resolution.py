"""Which major an input means: one answer, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from data_platform import DataProduct
from data_platform.verbs.core.lookup.resolve import resolve_output
from data_platform.verbs.lifecycle.deprecate import list_readers
from tests.meshes import IDS, NOON, ROWS, World, json_schema

HEAD = "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n"
ONE = "  - {name: t, version: 1.0.0, schema: one.json}\n"
TWO = "  - {name: t, version: 2.0.0, schema: two.json}\n"
NEW = {"key": {"type": "string"}, "id": {"type": "integer"}}
KEYS = [{"key": "a", "id": 1}]
COLUMN = {"t@1": "id", "t@2": "key"}


def orders(world: World, listed: str = ONE + TWO) -> DataProduct:
    folder = world.write("orders", HEAD + listed, one=json_schema(IDS), two=json_schema(NEW))
    return DataProduct(folder, world.platform)


def bills(world: World, pin: str | None) -> DataProduct:
    """A product that reads orders.t, pinned or not, and expects rows of it."""
    more = f", version: {pin}" if pin else ""
    expects = "expectations: {rules: [{rule: some, metric: rowCount, mustBeGreaterThan: 0}]}"
    inputs = f"inputs: [{{data_product: orders, output: t{more}, {expects}}}]"
    text = f"name: bills\ndomain: sales\nowner: bob@x\n{inputs}\noutputs: [{{name: b}}]\n"
    return DataProduct(world.write("bills", text), world.platform)


def only_registered(world: World) -> None:
    orders(world).publish("t@1", ROWS)


def both_published(world: World) -> None:
    orders(world).publish("t@1", ROWS)
    orders(world).publish("t@2", KEYS)


def newest_deprecated(world: World) -> None:
    both_published(world)
    world.platform.deprecate("orders", "t@2", NOON + timedelta(days=99))


def oldest_deprecated(world: World) -> None:
    both_published(world)
    world.platform.deprecate("orders", "t@1", NOON + timedelta(days=99))


Situation = Callable[[World], None]
SITUATIONS: list[tuple[Situation, str | None, str]] = [
    (only_registered, None, "t@1"),
    (only_registered, "2.0.0", "t@2"),
    (both_published, None, "t@2"),
    (both_published, "1.0.0", "t@1"),
    (newest_deprecated, None, "t@1"),
    (newest_deprecated, "2.0.0", "t@2"),
    (oldest_deprecated, None, "t@2"),
]


@pytest.mark.parametrize(("situation", "pin", "meant"), SITUATIONS)
def test_whoever_asks_gets_one_answer(world: World, situation: Situation, pin: str | None, meant: str) -> None:
    situation(world)
    bills(world, pin).register()
    (other,) = {"t@1", "t@2"} - {meant}
    for output, expected in ((meant, ["bills"]), (other, [])):
        assert below(world, output) == expected, "lineage"
        assert reached(world, output) == expected, "impact"
        assert broken(world, output) == expected, "diff"
        assert waited_for(world, output) == [f"product {name}" for name in expected], "retire"
    judged = {output for output in ("t@1", "t@2") if is_expected(world, output)}
    follows_at_once = situation is only_registered and pin is None
    assert judged == ({"t@1", "t@2"} if follows_at_once else {meant}), "expectations"


@pytest.mark.long
def test_a_read_counts_for_the_major_that_it_really_read(world: World) -> None:
    only_registered(world)
    reader = world.platform.principal.name
    world.platform.consume("orders", "t").collect()
    orders(world).publish("t@2", KEYS)
    assert (waited_for(world, "t@1"), waited_for(world, "t@2")) == ([reader], [])
    world.clock.later(days=31)
    world.platform.sql('SELECT id FROM orders."t@1#1"').to_arrow()
    assert (waited_for(world, "t@1"), waited_for(world, "t@2")) == ([reader], [])
    assert (broken(world, "t@1"), broken(world, "t@2")) == ([reader], [])


def below(world: World, output: str) -> list[str]:
    return [node.product for node in world.platform.lineage("orders", output=output, direction="downstream").downstream]


def reached(world: World, output: str) -> list[str]:
    return [each.product for each in world.platform.impact("orders", COLUMN[output], output).touched]


def broken(world: World, output: str) -> list[str]:
    """Who is named where every column of the major changes its type."""
    kept = {"t@1": ONE, "t@2": TWO}
    text = HEAD + "".join(
        line.replace(".json", "_else.json") if name == output else line for name, line in kept.items()
    )
    other = {name: {"type": "boolean"} for name in NEW}
    one, two = json_schema(IDS), json_schema(NEW)
    folder = world.write(
        "orders-next", text, one=one, two=two, one_else=json_schema({"id": other["id"]}), two_else=json_schema(other)
    )
    breaks = world.platform.diff(folder).breaks
    return sorted({consumer.name for each in breaks for consumer in each.consumers})


def waited_for(world: World, output: str) -> list[str]:
    with world.mesh.record.reading() as conn:
        found = list_readers(conn, resolve_output(conn, "orders", output), world.clock())
    return [reader.who for reader in found]


def is_expected(world: World, output: str) -> bool:
    done = orders(world).publish(output, ROWS if output == "t@1" else KEYS)
    return any(result.rule.expected_by == "bills" for result in done.quality.results)
