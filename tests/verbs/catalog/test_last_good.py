"""The last good data of a product: no blocking rule failed on it, and its files are whole."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from data_platform.errors import Refused
from data_platform.record.db.schema import DATA_FILES
from data_platform.verbs.results import LastGoodVersion
from tests.meshes import IDS, NOON, ROWS, World

RULES = """\
quality_rules:
  - {rule: many, metric: rowCount, mustBeGreaterThan: 2, severity: warning}
  - {rule: some, metric: rowCount, mustBeGreaterThan: 1}"""


def find_version(world: World) -> int | None:
    good = world.platform.show("orders").last_good
    return None if good is None else good.version


def test_nothing_is_good_before_the_first_publish(world: World) -> None:
    world.product("orders", IDS).register()
    assert world.platform.show("orders").last_good is None


def test_a_refused_publish_leaves_the_version_before_it(world: World) -> None:
    orders = world.product("orders", IDS, output=RULES)
    orders.publish("t", ROWS[:2])
    with pytest.raises(Refused):
        orders.publish("t", ROWS[:1])
    assert world.platform.show("orders").last_good == LastGoodVersion("t", 1, NOON)


def test_a_warning_is_no_blocking_rule(world: World) -> None:
    world.product("orders", IDS, output=RULES).publish("t", ROWS[:2])
    assert find_version(world) == 1


def test_a_version_with_a_damaged_file_is_not_good(world: World) -> None:
    orders = world.product("orders", IDS)
    orders.publish("t", ROWS)
    orders.publish("t", ROWS)
    assert find_version(world) == 2
    with world.mesh.record.transaction() as tx:
        tx.execute(update(DATA_FILES).where(DATA_FILES.c.added == 2).values(damage="has other bytes"))
    assert find_version(world) == 1
    with world.mesh.record.transaction() as tx:
        tx.execute(update(DATA_FILES).values(damage="is missing"))
    assert find_version(world) is None
