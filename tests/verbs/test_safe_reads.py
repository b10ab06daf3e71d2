"""A verb that is a GET changes nothing in the record but the record of the read, and no file of the home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data_platform.errors import AccessDenied, DataPlatformError
from data_platform.record.db.schema import METADATA
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.registry import VERBS
from tests.meshes import World
from tests.verbs.test_access_matrix import Stage, make_request, set_stage

READS_RECORDED = {"Consume": {"events", "usage"}}
"""The tables that a GET writes: who read what. A denial has its entry in the audit log."""
CACHES = ("search", "record.db")
"""Files below the home that any process may rebuild, and the database."""


@pytest.fixture
def stage(world: World) -> Stage:
    stage = set_stage(world)
    for name in ("consumer", "admin"):
        world.become(name).subscribe("orders")
    world.clock.later(hours=1)
    world.become("shop").deprecate("orders", "t", "30 days")
    return stage


def copy_record(world: World) -> dict[str, list[tuple[Any, ...]]]:
    with world.mesh.record.reading() as conn:
        return {
            table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


def list_files(home: Path) -> dict[str, int]:
    files = (path for path in home.rglob("*") if path.is_file())
    sizes = {path.relative_to(home).as_posix(): path.stat().st_size for path in files}
    return {name: size for name, size in sizes.items() if not name.startswith(CACHES)}


@pytest.mark.parametrize("who", ["admin", "consumer"])
def test_a_get_changes_nothing_but_the_record_of_reads(stage: Stage, who: str) -> None:
    context = Context(stage.world.mesh, Caller(stage.principals[who], door="http"))
    changed: dict[str, set[str]] = {}
    for name, verb in VERBS.items():
        if verb.method != "GET":
            continue
        before, files = copy_record(stage.world), list_files(stage.world.home)
        recorded = READS_RECORDED.get(name, set())
        try:
            dispatch(context, make_request(stage, name, "", who))
        except AccessDenied:
            recorded = {"audit_log", "events"}
        except DataPlatformError:
            continue
        after = copy_record(stage.world)
        tables = {table for table, rows in after.items() if rows != before[table]}
        tables |= {file for file, size in list_files(stage.world.home).items() if files.get(file) != size}
        if tables - recorded:
            changed[name] = tables
    assert changed == {}
