"""Acts of governance that are killed while they write stand wholly or not at all, and can be done again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from data_platform.record.db.schema import METADATA
from tests.crash import child
from tests.meshes import IDS, NOON, ROWS, World
from tests.verbs.core.test_environments import prod  # noqa: F401  a second mesh

POLICIES = """
policies:
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""


def contents(*worlds: World) -> list[list[str]]:
    """Every row of every table."""
    found = []
    for world in worlds:
        with world.mesh.record.reading() as conn:
            found += [sorted(map(repr, conn.execute(select(table)))) for table in METADATA.sorted_tables]
    return found


def entries(world: World, act: str) -> int:
    """How many there are, in a log that must hold."""
    assert world.platform.verify_audit().ok
    return len(world.platform.audit_log(act=act))


def killed_everywhere(world: World, verb: str, *words: Any) -> int:
    """Kills the verb at its first write, its second and so on, until it stands; answers how often it did not."""
    before = contents(world)
    for moment in count(1):
        name, now = world.context.principal.name, world.clock()
        process = child.start(child.does, world.home, now, name, moment, verb, words)
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, moment
        if contents(world) != before:
            return moment - 1
    raise AssertionError("it never stood")


def stands(world: World, act: str, done: Callable[[], bool], verb: str, *words: Any) -> None:
    """The act is killed everywhere; until it stands nothing of it is there, and then all of it."""
    known = entries(world, act)
    assert not done()
    assert killed_everywhere(world, verb, *words) >= 3
    assert entries(world, act) == known + 1
    assert done()


@pytest.mark.long
def test_policies_are_applied_or_not(world: World) -> None:
    world.product(columns=IDS).register()
    world.product("sales", IDS).register()
    file = world.root / "policies.yaml"
    file.write_text(POLICIES)
    mesh = world.platform

    def done() -> bool:
        told = {len(mesh.policy_history()), len(mesh.incidents(open_only=True)) // 2}
        assert len(told) == 1, "the policies hold, and each product has its incident, or neither"
        return told == {1}

    stands(world, "policy", done, "apply_policies", str(file))
    assert not mesh.apply_policies(file).changed


@pytest.mark.long
def test_a_product_is_renamed_or_not(world: World) -> None:
    world.become("ana@x")
    world.product(columns=IDS, more="pii_columns: [id]").publish("t", ROWS)
    report = world.product("report", IDS, more="inputs: [{data_product: orders, output: t}]")
    report.publish("t", report.consume("orders", "t"))

    def name() -> str:
        found = world.platform.show("orders").name
        assert len(world.platform.consume(found, "t").collect()) == 3
        return found

    stands(world, "rename", lambda: name() == "receipts", "rename", "orders", "receipts")
    world.platform.rename("receipts", "orders")
    assert world.platform.show("orders").name == "orders"


@pytest.mark.long
def test_a_product_ends_or_not(world: World) -> None:
    world.become("ana@x")
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.deprecate_product("orders", NOON + timedelta(days=9))

    def done() -> bool:
        shown = world.platform.show("orders")
        ended = {shown.status == "retired", not shown.outputs}
        assert len(ended) == 1
        return ended == {True}

    world_before = entries(world, "retire")
    assert not done()
    assert killed_everywhere(world, "retire_product", "orders") >= 3
    assert entries(world, "retire") == world_before + 2, "the product's, and that of its major"
    assert done()


@pytest.mark.long
def test_a_release_that_was_killed_is_whole_above_and_done_again_below(world: World, prod: World) -> None:  # noqa: F811
    world.product(columns=IDS).publish("t", ROWS)
    before, killed = contents(world, prod), 0
    for moment in count(1):
        words = ("orders", "prod")
        process = child.start(child.does, world.home, world.clock(), "ana@x", moment, "release", words)
        process.join(60)
        if process.exitcode == 0:
            break
        killed += 1
        registered = contents(world, prod) != before
        assert entries(prod, "release") == entries(prod, "register") == registered
        assert entries(world, "release") <= registered
    assert killed >= 3
    assert (entries(prod, "release"), entries(world, "release")) == (1, 1)
    assert not world.platform.release("orders", "prod").registration.changed
    assert entries(world, "release") == 1
