"""What data files and Iceberg's metadata tell of floats: no bound that is not exact, and how many NaN there are."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import DataFile

from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Kind, ListOf, MapOf, Primitive, SchemaColumn, Struct, TableSchema
from data_platform.tables.iceberg.commit import Contents, prepare
from data_platform.tables.iceberg.read import read_live_entries
from data_platform.tables.place import TablePlace
from data_platform.tables.staging import stage as staging
from data_platform.tables.staging.stage import Staged, StageOrder, stage
from data_platform.tables.staging.statistics import build_column_statistics
from data_platform.tables.storage.local import LocalStorage

NAN, INF = math.nan, math.inf
DOUBLE, FLOAT = Primitive(Kind.DOUBLE), Primitive(Kind.FLOAT)
SCHEMA = TableSchema(
    (
        SchemaColumn("x", DOUBLE),
        SchemaColumn("f", FLOAT),
        SchemaColumn("s", Struct((SchemaColumn("v", DOUBLE),))),
        SchemaColumn("l", ListOf(DOUBLE)),
        SchemaColumn("m", MapOf(Primitive(Kind.STRING), DOUBLE)),
        SchemaColumn("n", Primitive(Kind.LONG)),
    )
)
IDS, LAST_ID = assign_ids(SCHEMA, {}, 0)
LEAVES = {"x": "x", "f": "f", "s": "s.v", "l": "l.list.element", "m": "m.key_value.value"}


def batch(*values: float | None) -> pa.RecordBatch:
    columns = {
        "x": pa.array(values, pa.float64()),
        "f": pa.array(values, pa.float32()),
        "s": pa.array([{"v": value} for value in values], pa.struct([("v", pa.float64())])),
        "l": pa.array([[value] for value in values], pa.list_(pa.float64())),
        "m": pa.array([[("k", value)] for value in values], pa.map_(pa.string(), pa.float64())),
        "n": pa.array(range(len(values)), pa.int64()),
    }
    return pa.record_batch(columns)


def staged(place: TablePlace, *batches: pa.RecordBatch) -> Staged:
    return stage(place, StageOrder("a" * 32, SCHEMA, IDS), batches, lambda rows: None)


def bounds(path: str) -> dict[str, list[tuple[Any, Any] | None]]:
    """By leaf: the footer's bounds in each row group."""
    footer = pq.read_metadata(path)
    found: dict[str, list[tuple[Any, Any] | None]] = {}
    for group in range(footer.num_row_groups):
        for at in range(footer.num_columns):
            chunk = footer.row_group(group).column(at)
            has_bounds = chunk.statistics is not None and chunk.statistics.has_min_max
            ends = (chunk.statistics.min, chunk.statistics.max) if has_bounds else None
            found.setdefault(chunk.path_in_schema, []).append(ends)
    return found


@pytest.fixture
def place(tmp_path: Path) -> TablePlace:
    return TablePlace(LocalStorage(tmp_path), "p", "t")


@pytest.mark.parametrize("values", [(1.0, NAN), (NAN,), (0.0, 1.0), (-1.0, -0.0), (-0.0, 0.0), (NAN, INF, None)])
def test_a_leaf_whose_bounds_would_be_wrong_has_none(place: TablePlace, values: tuple[float | None, ...]) -> None:
    (path,) = staged(place, batch(*values)).paths
    found = bounds(path)
    assert {found[leaf][0] for leaf in LEAVES.values()} == {None}
    assert found["n"] == [(0, len(values) - 1)]


def test_exact_bounds_are_told_of_every_leaf(place: TablePlace) -> None:
    (path,) = staged(place, batch(-1.5, None, INF)).paths
    assert all(bounds(path)[leaf] == [(-1.5, INF)] for leaf in LEAVES.values())


def test_a_row_group_with_nan_begins_a_file_of_its_own(place: TablePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", 2)
    monkeypatch.setattr(staging, "LANES", 1)
    groups = [batch(1.0, 2.0), batch(NAN, 3.0), batch(4.0, 5.0), batch(NAN, 0.0)]
    first, second = staged(place, *groups).files
    assert (first.rows, second.rows) == (2, 6)
    assert bounds(place.locate(first.key))["x"] == [(1.0, 2.0)]
    assert bounds(place.locate(second.key))["x"] == [None] * 3
    assert (first.leaves["x"].nans, second.leaves["x"].nans) == (0, 2)


def test_pages_have_checksums(place: TablePlace) -> None:
    path = Path(*staged(place, batch(*map(float, range(1, 3000)))).paths)
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content[start + 200] ^= 4
    path.write_bytes(content)
    with pytest.raises(OSError, match="CRC"), pq.ParquetFile(path, page_checksum_verification=True) as damaged:
        damaged.read(columns=["x"])


def test_iceberg_knows_the_number_of_nan_and_bounds_without_it(place: TablePlace) -> None:
    file, statistics = committed(place, batch(NAN, 2.5, None, -0.0, NAN))
    for path in ("x", "f", "s.v"):
        field = IDS[path]
        size = "<f" if path == "f" else "<d"
        assert file.nan_value_counts[field] == 2
        assert file.null_value_counts[field] == 1
        assert file.value_counts[field] == 5
        assert file.lower_bounds[field] == struct.pack(size, -0.0)
        assert file.upper_bounds[field] == struct.pack(size, 2.5)
    assert math.isnan(statistics["x"]["max"])
    assert (statistics["x"]["nulls"], statistics["x"]["nans"], statistics["x"]["min"]) == (1, 2, 0.0)
    assert IDS["n"] not in file.nan_value_counts


def test_iceberg_of_nothing_but_nan_and_null(place: TablePlace) -> None:
    file, statistics = committed(place, batch(NAN, None))
    assert (file.nan_value_counts[IDS["x"]], file.null_value_counts[IDS["x"]]) == (1, 1)
    assert IDS["x"] not in file.lower_bounds
    assert math.isnan(statistics["x"]["min"])
    assert math.isnan(statistics["x"]["max"])


def test_both_zeros_lie_within_icebergs_bounds(place: TablePlace) -> None:
    file, statistics = committed(place, batch(0.0, 0.0))
    assert file.lower_bounds[IDS["x"]] == struct.pack("<d", -0.0)
    assert file.upper_bounds[IDS["x"]] == struct.pack("<d", 0.0)
    assert str(statistics["x"]["min"]) == "0.0"


def committed(place: TablePlace, rows: pa.RecordBatch) -> tuple[DataFile, dict[str, dict[str, Any]]]:
    written = staged(place, rows)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    swap = prepare(place, None, 1, Contents(written, SCHEMA, IDS, LAST_ID), now)
    (live,) = read_live_entries(place, Path(swap.manifest_list).name)
    return live.entry.data_file, build_column_statistics(SCHEMA, written.files[0].leaves, written.files[0].nulls)
