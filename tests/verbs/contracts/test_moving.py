"""Who reads a newer major and the old one no more has moved, and keeps nothing from being retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from tests.meshes import NOON, ROWS, World
from tests.verbs.lifecycle.test_deprecate import BOTH, KEYS, ONE, TWO, orders


def readers(world: World) -> list[str]:
    """Who keeps orders.t@1 from being retired."""
    found = world.become("ana@x").deprecate("orders", "t@1", NOON + timedelta(days=90)).readers
    return sorted(reader.who for reader in found)


def read(world: World, name: str, *outputs: str) -> None:
    for output in outputs:
        world.clock.later(minutes=1)
        world.become(name).consume("orders", output).to_arrow()


def test_who_reads_a_newer_major_and_this_one_no_more_has_moved(world: World) -> None:
    world.become("ana@x")
    orders(world, ONE).publish("t", ROWS)
    orders(world, TWO).publish("t", KEYS)
    read(world, "stays@x", "t@1")
    read(world, "moves@x", "t@1", "t@1", "t@2", "t")
    read(world, "back@x", "t@1", "t@2", "t@1")
    read(world, "both@x", "t@1", "t@2", "t@1", "t@2")
    assert readers(world) == ["back@x", "both@x", "stays@x"]
    read(world, "moves@x", "t@1")
    assert readers(world) == ["back@x", "both@x", "moves@x", "stays@x"]
    world.clock.later(days=20)
    read(world, "both@x", "t@2")
    read(world, "moves@x", "t@2")
    world.clock.later(days=10)
    assert readers(world) == []
    assert world.platform.retire("orders", "t@1").retired


def test_nobody_moves_to_an_older_major_nor_by_a_read_that_failed(world: World) -> None:
    world.become("ana@x")
    orders(world, BOTH).publish("t@1", ROWS)
    orders(world, BOTH).publish("t@2", KEYS)
    read(world, "bea@x", "t@2", "t@1")
    with world.mesh.record.transaction() as tx:
        stays = Read(0, "orders", "t", 1, ("id",), "cyd@x", False, world.clock.later(minutes=1))
        usage.add(tx, stays)
        usage.add(tx, replace(stays, output="t@2", at=world.clock.later(minutes=1), error="the file is gone"))
    assert readers(world) == ["bea@x", "cyd@x"]
    told = world.platform.deprecate("orders", "t@2", NOON + timedelta(days=90))
    assert "bea@x" in [reader.who for reader in told.readers]
