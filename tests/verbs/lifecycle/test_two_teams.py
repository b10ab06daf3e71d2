"""Two teams, one pull request: A removes what B really reads, from the diff to the end of the old major."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import IncompatibleChange, Refused
from tests.meshes import IDS, World
from tests.verbs.contracts.test_diff import SEGMENT, UNREAD, apply, diff

BOTH = SEGMENT | {"note": {"type": "string"}}
ROW = {"id": 1, "customer_segment": "gold", "note": "x"}


def reads(major: int) -> str:
    return f"inputs: [{{data_product: orders, output: t, version: {major}.0.0}}]"


def test_a_break_is_seen_before_it_happens_and_the_reader_moves_in_their_own_time(world: World) -> None:
    world.product(columns=BOTH).publish("t", [ROW])
    world.clock.later(days=40)
    churn = world.product("churn-model", owner="bea@x", more=reads(1))
    churn.publish("t", churn.consume("orders", "t").select("id", "customer_segment"))
    apply(world, UNREAD)

    without_segment = IDS | {"note": {"type": "string"}}
    refused = diff(world, columns=without_segment)
    assert refused.refused
    assert (refused.breaks[0].consumers[0].name, refused.breaks[0].consumers[0].owner) == ("churn-model", "bea@x")
    with pytest.raises(IncompatibleChange, match=r"read by churn-model \(owner bea@x, last read today\)"):
        world.product(columns=without_segment).register()

    unread = diff(world, columns=SEGMENT)
    assert (unread.verdict, [each.refused for each in unread.breaks]) == ("changed", [False])

    world.product(columns=IDS, more="version: 2.0.0").publish("t", [{"id": 1}])
    assert world.platform.consume("orders", "t").columns == ["id"]
    assert "customer_segment" in world.platform.consume("orders", "t@1").columns

    world.platform.deprecate("orders", "t@1", world.clock() + timedelta(days=60))
    world.clock.later(days=59)
    world.become("bea@x").consume("orders", "t@1")
    world.become("ana@x")
    with pytest.raises(Refused, match=r"(?s)bea@x.*churn-model"):
        world.platform.retire("orders", "t@1")
    world.clock.later(hours=1)
    moved = world.product("churn-model", owner="bea@x", more=reads(2))
    moved.register()
    with pytest.raises(Refused, match="bea@x"):
        world.platform.retire("orders", "t@1")
    world.become("bea@x").consume("orders", "t@2")
    world.become("ana@x")
    assert world.platform.retire("orders", "t@1").retired
