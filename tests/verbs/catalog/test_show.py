"""show: products are shown as they are."""

from __future__ import annotations

import pytest

from data_platform.errors import NotFound
from tests.meshes import IDS, NOON, ROWS, World

RULE = """\
quality_rules:
  - {rule: many, metric: rowCount, mustBeGreaterThan: 2, severity: warning}
  - {rule: any, metric: rowCount, mustBeGreaterThan: 0}"""


@pytest.fixture
def three(world: World) -> World:
    world.product("orders", IDS, more="description: Every Order ever placed\ntags: [gold, sales]")
    world.product("orders", IDS, more="description: Every Order ever placed\ntags: [gold, sales]").publish("t", ROWS)
    world.product("customers", IDS, output=RULE, more="tags: [gold]").publish("t", ROWS[:1])
    world.product("suppliers", IDS).register()
    return world


def test_show_has_the_whole_product(three: World) -> None:
    three.platform.consume("customers", "t")
    shown = three.platform.show("customers")
    assert (shown.domain, shown.owner, shown.status, shown.version) == ("sales", "ana@x", "active", "1.0.0")
    (output,) = shown.outputs
    assert (output.name, output.type, output.version, output.rows, output.rules) == (
        "t",
        "table",
        1,
        1,
        ("many", "any"),
    )
    usage = shown.usage_stats
    assert (usage.views, usage.consumers, usage.last_read) == (1, 1, NOON)
    assert (output.published_at, output.inferred) == (NOON, False)
    assert [(column.name, column.type) for column in output.columns] == [("id", "long")]
    with pytest.raises(NotFound, match="no product customer is registered"):
        three.platform.show("customer")
