"""versions: what stands is told as it is, newest first."""

from __future__ import annotations

import pytest

from data_platform.errors import NotFound
from data_platform.quality import DataQualityError
from tests.meshes import IDS, ROWS, World

RULE = "quality_rules: [{rule: any, metric: rowCount, mustBeGreaterThan: 0}]"


def test_versions_are_told_newest_first_with_their_statistics(world: World) -> None:
    world.product("orders", IDS).publish("t", ROWS)
    world.clock.later(hours=1)
    world.product("orders", IDS).publish("t", [{"id": 4}, {"id": None}])
    newest, oldest = world.platform.versions("orders")
    assert (newest.version, newest.rows, newest.outcome, newest.contract_version) == (2, 2, "passed", "1.0.0")
    assert (newest.published_at, newest.published_by) == (world.clock.now, world.platform.principal.name)
    assert newest.statistics == {
        "id": {"nulls": 1, "min": 4, "max": 4, "distinct": newest.statistics["id"]["distinct"]}
    }
    assert (oldest.version, oldest.statistics["id"]["distinct"]) == (1, 3)
    with pytest.raises(NotFound):
        world.platform.versions("orders", "u")


def test_a_refused_publish_is_no_version(world: World) -> None:
    customers = world.product("customers", IDS, output=RULE)
    customers.publish("t", ROWS[:1])
    with pytest.raises(DataQualityError):
        customers.publish("t", [])
    assert [info.version for info in world.platform.versions("customers")] == [1]
