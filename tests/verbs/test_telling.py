"""Whatever changes in the mesh is told as an event, in the transaction of the change."""

from __future__ import annotations

import pytest

from data_platform import DataQualityError
from data_platform.record import events
from tests.meshes import IDS, ROWS, World


def kinds(world: World) -> list[str]:
    with world.mesh.record.reading() as conn:
        return [event.kind for event in events.after(conn)]


def test_register_publish_and_consume_are_told_in_order(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.consume("orders", "t").collect()
    assert kinds(world) == ["registered", "published", "consumed"]


def test_a_registration_that_changes_nothing_is_not_told(world: World) -> None:
    product = world.product(columns=IDS)
    product.register()
    product.register()
    assert kinds(world) == ["registered"]
    world.product(columns=IDS, more="description: Orders.").register()
    assert kinds(world) == ["registered", "registered"]


def test_a_refusal_is_told(world: World) -> None:
    product = world.product(columns=IDS, required=("id",))
    with pytest.raises(DataQualityError):
        world.product(columns=IDS, output="quality_rules:\n  - rule: none\n    sql: SELECT count(*) FROM t").publish(
            "t", ROWS
        )
    product.publish("t", ROWS)
    assert kinds(world) == ["registered", "refused", "registered", "published"]
