"""Stock readers of Iceberg read what we publish: every table and its whole history."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest
from pyiceberg.table import StaticTable

from tests.conformance.tables import TABLES, Published, sorted_rows
from tests.meshes import World

ROOT = Path(__file__).parents[2]
DUCKDB = ROOT / "build/duckdb-iceberg/bin/python"


@pytest.fixture(params=list(TABLES))
def published(request: pytest.FixtureRequest, world: World) -> Published:
    return TABLES[request.param](world)


def newest_metadata(world: World) -> str:
    return world.platform.versions("orders", "t")[0].metadata_location


def test_pyiceberg_reads_every_version(world: World, published: Published) -> None:
    for info in world.platform.versions("orders", "t"):
        table = StaticTable.from_metadata(info.metadata_location)
        found = table.scan(selected_fields=tuple(published.columns)).to_arrow()
        assert sorted_rows(found.to_pylist(), published.columns) == sorted_rows(
            published.versions[info.version - 1], published.columns
        )


def test_pyiceberg_travels_through_the_newest_metadata(world: World, published: Published) -> None:
    table = StaticTable.from_metadata(newest_metadata(world))
    assert len(table.history()) == len(published.versions)
    for entry, rows in zip(table.history(), published.versions, strict=True):
        found = table.scan(snapshot_id=entry.snapshot_id, selected_fields=tuple(published.columns)).to_arrow()
        assert sorted_rows(found.to_pylist(), published.columns) == sorted_rows(rows, published.columns)


def test_polars_reads_every_snapshot(world: World, published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_ICEBERG_PLANNER", "pyiceberg")
    table = StaticTable.from_metadata(newest_metadata(world))
    for entry, rows in zip(table.history(), published.versions, strict=True):
        found = pl.scan_iceberg(table, snapshot_id=entry.snapshot_id).select(published.columns).collect()
        assert sorted_rows(found.to_dicts(), published.columns) == sorted_rows(rows, published.columns)


@pytest.mark.engines
def test_duckdb_s_own_extension_reads_every_version(world: World, published: Published) -> None:
    if not DUCKDB.exists():
        pytest.skip("its environment is not built: make build/duckdb-iceberg/.installed")
    for info in world.platform.versions("orders", "t"):
        command = [DUCKDB, ROOT / "tests/conformance/duckdb_reads.py", info.metadata_location, *published.columns]
        read = subprocess.run(command, capture_output=True, text=True, check=False, env={"TZ": "UTC"})
        assert read.returncode == 0, read.stderr
        found = json.loads(read.stdout)
        wanted = [list(row.values()) for row in sorted_rows(published.versions[info.version - 1], published.columns)]
        assert found["snapshots"] == [info.version]
        assert sorted(map(str, found["rows"])) == sorted(map(str, json.loads(json.dumps(wanted, default=str))))


def test_partitions_prune_files(world: World) -> None:
    TABLES["partitioned"](world)
    oldest = world.platform.versions("orders", "t")[-1]
    table = StaticTable.from_metadata(oldest.metadata_location)
    whole, some = list(table.scan().plan_files()), list(table.scan("land == 'TH'").plan_files())
    assert len(whole) == 12
    assert len(some) == 3
    assert len(list(table.scan("land is null").plan_files())) == 3


def test_bounds_prune_files(world: World) -> None:
    world.product(columns={"id": {"type": "integer"}}).publish("t", [{"id": n} for n in range(10, 20)])
    table = StaticTable.from_metadata(newest_metadata(world))
    assert not list(table.scan("id > 19").plan_files())
    assert list(table.scan("id >= 19").plan_files())
