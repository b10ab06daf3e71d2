"""What staging writes, how it shares it out, and that it leaves nothing when it fails."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import BadInput, DataPlatformError
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Decimal, Kind, Primitive, SchemaColumn, Struct, TableSchema
from data_platform.tables.place import TablePlace
from data_platform.tables.staging import stage as staging
from data_platform.tables.staging.stage import Staged, StageOrder, stage
from data_platform.tables.storage.local import LocalStorage
from tests.hypothesis_lanes import examples
from tests.strategies import batches, schemas

ROOT = Path(__file__).parents[3]
LONG, TEXT = Primitive(Kind.LONG), Primitive(Kind.STRING)
SCHEMA = TableSchema((SchemaColumn("id", LONG), SchemaColumn("land", TEXT)))
STAGE = "5" * 32


def staged(
    folder: Path, data: Iterable[pa.RecordBatch], partition_by: tuple[str, ...] = (), schema: TableSchema = SCHEMA
) -> Staged:
    ids, _ = assign_ids(schema, {}, 0)
    return stage(
        TablePlace(LocalStorage(folder), "p", "t"), StageOrder(STAGE, schema, ids, partition_by), data, lambda _: None
    )


def rows(*pairs: tuple[int | None, str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [pa.array([pair[0] for pair in pairs], pa.int64()), pa.array([pair[1] for pair in pairs])],
        schema=to_arrow(SCHEMA),
    )


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_small_publish_is_one_whole_file_with_field_ids(tmp_path: Path) -> None:
    done = staged(tmp_path, [rows((1, "DE"), (2, None)), rows((None, "TH"))])
    (file,), (path,) = done.files, done.paths
    assert (done.rows, done.bytes, done.files[0].nulls) == (3, Path(path).stat().st_size, {"id": 1, "land": 1})
    assert file.key.startswith(f"p/t/data/{STAGE}-")
    schema = pq.read_schema(path)
    assert [field.metadata[b"PARQUET:field_id"] for field in schema] == [b"1", b"2"]
    assert pq.read_table(path)["id"].to_pylist() == [1, 2, None]
    assert (file.leaves["id"].lower, file.leaves["id"].upper, file.leaves["id"].nulls) == (1, 2, 1)


def test_no_rows_make_one_empty_file(tmp_path: Path) -> None:
    for partition_by in ((), ("land",)):
        done = staged(tmp_path / str(len(partition_by)), [], partition_by)
        assert (done.rows, len(done.files)) == (0, 1)
        assert pq.read_table(done.paths[0]).column_names == ["id", "land"]


def test_row_groups_are_bounded_and_shared_by_two_lanes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", 100)
    done = staged(tmp_path, [rows(*((n * 50 + i, "x") for i in range(50))) for n in range(20)])
    assert (done.rows, len(done.files)) == (1000, 2)
    metadata = [pq.read_metadata(path) for path in done.paths]
    groups = [m.row_group(n).num_rows for m in metadata for n in range(m.num_row_groups)]
    assert groups == [100] * 10
    assert sorted(value for path in done.paths for value in pq.read_table(path)["id"].to_pylist()) == list(range(1000))
    for file, m in zip(done.files, metadata, strict=True):
        assert len(file.offsets) == m.num_row_groups
        assert file.offsets == tuple(sorted(file.offsets))


def test_progress_counts_all_rows_written_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", 2)
    place = TablePlace(LocalStorage(tmp_path), "p", "t")
    counts: list[int] = []
    data = [rows((number, "a")) for number in range(5)]
    stage(place, StageOrder(STAGE, SCHEMA, assign_ids(SCHEMA, {}, 0)[0]), data, counts.append)
    assert counts == [2, 4, 5]


def test_a_group_is_cut_by_its_bytes_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_BYTES", 10_000)
    done = staged(tmp_path, [rows((n, "x" * 4_000)) for n in range(9)])
    assert sum(pq.read_metadata(path).num_row_groups for path in done.paths) == 3


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-3, 3), st.none() | st.sampled_from(["DE", "TH", "", "ü/=%"])), max_size=30
    ),
    st.sampled_from([("land",), ("id",), ("land", "id")]),
)
@settings(max_examples=examples(40), deadline=None)
def test_every_row_is_in_the_file_of_its_partition(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int | None, str | None]], by: tuple[str, ...]
) -> None:
    done = staged(tmp_path_factory.mktemp("t"), [rows(*pairs)] if pairs else [], by)
    found = []
    for file, path in zip(done.files, done.paths, strict=True):
        content = pq.read_table(path)
        for row in content.to_pylist():
            assert tuple(row[name] for name in by) == file.partition
            found.append((row["id"], row["land"]))
    assert sorted(found, key=repr) == sorted(pairs, key=repr)
    assert len({file.partition for file in done.files}) == len(done.files)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Primitive(Kind.DATE), [dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
        (Primitive(Kind.TIMESTAMPTZ), [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None]),
        (Primitive(Kind.TIME), [dt.time(1, 2, 3, 4)]),
        (Primitive(Kind.BOOLEAN), [True, False, None]),
        (Primitive(Kind.BINARY), [b"\0\xff", b""]),
        (Decimal(9, 2), [None]),
    ],
)
def test_partitions_of_every_type(tmp_path: Path, kind: Primitive | Decimal, values: list[object]) -> None:
    schema = TableSchema((SchemaColumn("part", kind),))
    batch = pa.RecordBatch.from_arrays([pa.array(values * 2, to_arrow(schema).field(0).type)], schema=to_arrow(schema))
    done = staged(tmp_path, [batch], ("part",), schema)
    assert done.rows == len(values) * 2
    assert sorted((file.partition[0] for file in done.files), key=repr) == sorted(values, key=repr)


def test_too_many_partitions_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="more than 1000 partitions") as caught:
        staged(tmp_path, [rows(*((n, "x") for n in range(1_001)))], ("id",))
    assert "few values" in str(caught.value.hint)
    assert not left(tmp_path)


def test_too_many_partitions_over_several_groups_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", 300)
    with pytest.raises(BadInput, match="more than 1000 partitions"):
        staged(tmp_path, [rows(*((n * 300 + i, "x") for i in range(300))) for n in range(4)], ("id",))
    assert not left(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, DataPlatformError])
def test_nothing_is_left_when_the_rows_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    monkeypatch.setattr(staging, "GROUP_ROWS", 10)

    def failing() -> Iterator[pa.RecordBatch]:
        for number in range(5):
            yield rows(*((number, "x") for _ in range(10)))
        raise error("stop")

    with pytest.raises(error):
        staged(tmp_path, failing())
    assert not left(tmp_path)


def test_dates_and_times_beyond_python_s_are_staged(tmp_path: Path) -> None:
    far = {"on": (Kind.DATE, pa.date32(), 6_600_000), "at": (Kind.TIMESTAMP, pa.timestamp("us"), 2**62)}
    schema = TableSchema(tuple(SchemaColumn(name, Primitive(kind)) for name, (kind, _, _) in far.items()))
    arrays = [
        pa.array([1, number]).cast(pa.int32() if arrow.bit_width == 32 else pa.int64()).cast(arrow)
        for _, arrow, number in far.values()
    ]
    done = staged(tmp_path, [pa.RecordBatch.from_arrays(arrays, schema=to_arrow(schema))], (), schema)
    assert done.rows == 2
    assert all(leaf.nulls == 0 for leaf in done.files[0].leaves.values())


@given(st.data())
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_any_rows_of_any_schema_come_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    schema = data.draw(schemas())
    given_batches = [data.draw(batches(schema)) for _ in range(data.draw(st.integers(0, 2)))]
    done = staged(tmp_path_factory.mktemp("t"), given_batches, (), schema)
    wanted = pa.Table.from_batches(given_batches, to_arrow(schema))
    assert pq.read_table(list(done.paths)).cast(to_arrow(schema)).equals(wanted)
    assert {name: sum(file.nulls.get(name, 0) for file in done.files) for name in schema.names} == {
        name: wanted[name].null_count for name in schema.names
    }


def test_nested_leaves_have_statistics_by_their_path(tmp_path: Path) -> None:
    schema = TableSchema((SchemaColumn("home", Struct((SchemaColumn("floor", LONG),))),))
    batch = pa.RecordBatch.from_arrays(
        [pa.array([{"floor": 3}, {"floor": 1}, None], to_arrow(schema).field(0).type)], schema=to_arrow(schema)
    )
    leaf = staged(tmp_path, [batch], (), schema).files[0].leaves["home.floor"]
    assert (leaf.lower, leaf.upper) == (1, 3)


STREAM = """
import re, sys
from pathlib import Path
import numpy as np, pyarrow as pa
from data_platform import DataProduct, Platform

folder = Path(sys.argv[1])
(folder / "home").mkdir()
(folder / "product.yaml").write_text("name: p\\ndomain: d\\nowner: o@x\\noutputs: [{name: t, schema: t.json}]\\n")
columns = ", ".join(f'"c{n}": {{"type": "number"}}' for n in range(8))
(folder / "t.json").write_text('{"type": "object", "properties": {' + columns + "}}")
schema = pa.schema([(f"c{n}", pa.float64()) for n in range(8)])

def peak():  # getrusage would tell the peak of the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

def batches():
    random = np.random.default_rng(1)
    for _ in range(GIGABYTES * 1024 // 8):
        yield pa.record_batch([random.random(131072) for _ in range(8)], schema=schema)

with Platform.open(folder / "home") as platform:
    product = DataProduct(folder / "product.yaml", platform)
    product.publish("t", pa.table({f"c{n}": [0.5] for n in range(8)}))
    before = peak()
    result = product.publish("t", pa.RecordBatchReader.from_batches(schema, batches()))
    after = peak()
print(result.rows, before, after)
"""


@pytest.mark.engines
def test_a_stream_of_a_gigabyte_takes_at_most_500_mb(tmp_path: Path) -> None:
    program = STREAM.replace("GIGABYTES", "1")
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stderr
    count, _, peak = map(int, run.stdout.split())
    assert count == 131_072 * 128
    assert peak <= 500, run.stdout
