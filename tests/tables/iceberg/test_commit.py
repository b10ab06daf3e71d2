"""What a commit writes, held against Iceberg's specification (v2) through stock pyiceberg."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile, ManifestEntryStatus
from pyiceberg.table import StaticTable

from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.iceberg.commit import KEPT_SNAPSHOTS, Contents, PointerSwap, discard, prepare
from data_platform.tables.iceberg.read import list_data_files
from data_platform.tables.orphans import find_commit
from data_platform.tables.place import TablePlace
from data_platform.tables.staging.stage import StageOrder, stage
from data_platform.tables.storage.local import LocalStorage
from data_platform.tables.storage.port import Storage
from tests.hypothesis_lanes import examples
from tests.meshes import Clock, TableFolder
from tests.strategies import batches, schemas

LONG, TEXT = Primitive(Kind.LONG), Primitive(Kind.STRING)
IDS = TableSchema((SchemaColumn("id", LONG),))


class Table:
    """A table that is published to without a record: the pointer is a variable."""

    def __init__(self, storage: Storage) -> None:
        self.place = TablePlace(storage, "p", "t")
        self.clock, self.pointer, self.version = Clock(), None, 0
        self.ids: dict[str, int] = {}
        self.last = 0

    def publish(self, schema: TableSchema, rows: pa.Table, partition_by: tuple[str, ...] = ()) -> PointerSwap:
        self.ids, self.last = assign_ids(schema, self.ids, self.last)
        order = StageOrder(f"{self.version:032x}", schema, self.ids, partition_by)
        staged = stage(self.place, order, rows.to_batches(), lambda _: None)
        contents = Contents(staged, schema, self.ids, self.last, partition_by)
        swap = prepare(self.place, self.pointer, self.version + 1, contents, self.clock.later(seconds=1))
        self.pointer, self.version = swap.new, swap.version
        return swap

    @property
    def folder(self) -> TableFolder:
        return TableFolder.of(self.place)

    def static(self) -> StaticTable:
        return StaticTable.from_metadata(f"{self.place.location}/{self.pointer}")

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.place.storage.read(f"{self.place.key}/{self.pointer}"))
        return found


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(LocalStorage(tmp_path))


def ids(*values: int) -> pa.Table:
    return pa.table({"id": pa.array(values, pa.int64())})


def test_a_first_version(table: Table) -> None:
    swap = table.publish(IDS, ids(1, 2, 3))
    assert (swap.old, swap.version) == (None, 1)
    metadata = table.json()
    assert metadata["format-version"] == 2
    assert metadata["location"] == table.place.location == str(table.folder.location)
    assert metadata["last-sequence-number"] == 1
    assert metadata["current-snapshot-id"] == swap.snapshot_id
    assert metadata["refs"] == {"main": {"snapshot-id": swap.snapshot_id, "type": "branch"}}
    assert metadata["metadata-log"] == []
    (snapshot,) = metadata["snapshots"]
    assert "parent-snapshot-id" not in snapshot
    assert snapshot["summary"]["operation"] == "append"
    assert snapshot["summary"]["added-records"] == snapshot["summary"]["total-records"] == "3"
    assert not [name for name in snapshot["summary"] if name.startswith("deleted")]


def test_each_version_is_the_child_of_the_one_before(table: Table) -> None:
    swaps = [table.publish(IDS, ids(*range(number))) for number in (1, 2, 3)]
    assert [swap.old for swap in swaps] == [None, swaps[0].new, swaps[1].new]
    snapshots = table.json()["snapshots"]
    assert [snapshot["sequence-number"] for snapshot in snapshots] == [1, 2, 3]
    assert [snapshot.get("parent-snapshot-id") for snapshot in snapshots] == [
        None,
        swaps[0].snapshot_id,
        swaps[1].snapshot_id,
    ]
    last = snapshots[-1]["summary"]
    assert last["operation"] == "overwrite"
    assert (last["added-records"], last["deleted-records"], last["total-records"]) == ("3", "2", "3")
    assert (last["added-data-files"], last["deleted-data-files"], last["total-data-files"]) == ("1", "1", "1")
    assert int(last["total-files-size"]) == int(last["added-files-size"])
    assert (last["total-delete-files"], last["data-platform.version"]) == ("0", "3")


def test_the_logs_tell_when_which_metadata_and_which_snapshot_stood(table: Table) -> None:
    swaps = [table.publish(IDS, ids(number)) for number in (1, 2, 3)]
    metadata = table.json()
    log = metadata["snapshot-log"]
    assert [entry["snapshot-id"] for entry in log] == [swap.snapshot_id for swap in swaps]
    assert [entry["timestamp-ms"] for entry in log] == [s["timestamp-ms"] for s in metadata["snapshots"]]
    files = [f"{table.place.location}/{swap.new}" for swap in swaps[:2]]
    assert [entry["metadata-file"] for entry in metadata["metadata-log"]] == files
    assert metadata["last-updated-ms"] == log[-1]["timestamp-ms"]


def test_time_never_runs_backwards_in_a_table(table: Table) -> None:
    table.publish(IDS, ids(1))
    table.clock.later(days=-1)
    table.publish(IDS, ids(2))
    stamps = [entry["timestamp-ms"] for entry in table.json()["snapshot-log"]]
    assert stamps == sorted(stamps)


def test_manifests_inherit_sequence_numbers_and_name_what_was_replaced_once(table: Table) -> None:
    for number in (1, 2, 3):
        table.publish(IDS, ids(number))
    static = table.static()
    newest = static.current_snapshot()
    assert newest is not None
    added, deleted = newest.manifests(static.io)
    (entry,) = added.fetch_manifest_entry(static.io)
    assert (entry.status, entry.sequence_number, entry.snapshot_id) == (
        ManifestEntryStatus.ADDED,
        3,
        newest.snapshot_id,
    )
    (gone,) = deleted.fetch_manifest_entry(static.io, discard_deleted=False)
    assert (gone.status, gone.sequence_number, gone.snapshot_id) == (ManifestEntryStatus.DELETED, 2, newest.snapshot_id)
    assert (added.added_rows_count, deleted.deleted_rows_count) == (1, 1)


def test_an_evolved_schema_is_added_and_old_snapshots_keep_theirs(table: Table) -> None:
    table.publish(IDS, ids(1))
    wider = TableSchema((SchemaColumn("id", LONG), SchemaColumn("name", TEXT)))
    table.publish(wider, pa.table({"id": [2], "name": ["x"]}))
    table.publish(IDS, ids(3))
    metadata = table.json()
    assert [[field["name"] for field in schema["fields"]] for schema in metadata["schemas"]] == [["id"], ["id", "name"]]
    assert [snapshot["schema-id"] for snapshot in metadata["snapshots"]] == [0, 1, 0]
    assert (metadata["current-schema-id"], metadata["last-column-id"]) == (0, 2)


def test_a_partitioning_that_changes_is_added_under_new_field_ids(table: Table) -> None:
    rows = pa.table({"id": [1, 2], "land": ["DE", "TH"]})
    schema = TableSchema((SchemaColumn("id", LONG), SchemaColumn("land", TEXT)))
    for partition_by in ((), ("land",), ("land", "id"), ("land",)):
        table.publish(schema, rows, partition_by)
    metadata = table.json()
    assert [spec["spec-id"] for spec in metadata["partition-specs"]] == [0, 1, 2]
    assert metadata["default-spec-id"] == 1
    given_ids = [field["field-id"] for spec in metadata["partition-specs"] for field in spec["fields"]]
    assert len(set(given_ids)) == len(given_ids)
    assert metadata["last-partition-id"] == max(given_ids)
    assert sorted(table.static().scan().to_arrow()["id"].to_pylist()) == [1, 2]


def test_fifty_snapshots_are_kept_and_every_old_version_stays_readable(table: Table) -> None:
    swaps = [table.publish(IDS, ids(number)) for number in range(KEPT_SNAPSHOTS + 3)]
    metadata = table.json()
    kept = [swap.snapshot_id for swap in swaps[-KEPT_SNAPSHOTS:]]
    assert [snapshot["snapshot-id"] for snapshot in metadata["snapshots"]] == kept
    assert [entry["snapshot-id"] for entry in metadata["snapshot-log"]] == kept
    assert len(metadata["metadata-log"]) == KEPT_SNAPSHOTS
    (file,) = list_data_files(table.place, swaps[0].manifest_list)
    assert pq.read_table(table.place.locate(file))["id"].to_pylist() == [0]


def test_the_files_of_a_lost_swap_are_removed_and_nothing_else(table: Table) -> None:
    table.publish(IDS, ids(1))
    before = set(table.folder.location.rglob("*"))
    lost = table.publish(IDS, ids(2))
    discard(table.place, lost)
    left = set(table.folder.location.rglob("*")) - before
    assert [path.suffix for path in left] == [".parquet"]


def test_a_commit_that_fails_half_way_leaves_nothing(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish(IDS, ids(1))
    before = set(table.folder.metadata.iterdir())

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalStorage, "put_if_absent", fails)
    with pytest.raises(KeyboardInterrupt):
        table.publish(IDS, ids(2))
    assert set(table.folder.metadata.iterdir()) == before


def test_all_files_of_a_commit_share_its_id(table: Table) -> None:
    table.publish(IDS, ids(1))
    commits = {find_commit(path.name) for path in table.folder.metadata.iterdir()}
    assert len(commits) == 1
    assert None not in commits


@given(st.data())
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_counts_and_bounds_are_those_of_the_rows(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    schema = data.draw(schemas(max_size=4))
    schema = TableSchema(tuple(SchemaColumn(c.name, c.type, c.required) for c in schema))
    rows = pa.Table.from_batches([data.draw(batches(schema, max_size=8))])
    assume(rows.num_rows)
    table = Table(LocalStorage(tmp_path_factory.mktemp("t")))
    table.publish(schema, rows)
    static = table.static()
    (task,) = static.scan().plan_files()
    assert task.file.record_count == rows.num_rows
    for column in schema:
        _check_column(task.file, static, column, rows[column.name])


def _check_column(file: DataFile, static: StaticTable, column: SchemaColumn, values: pa.ChunkedArray) -> None:
    field = static.schema().find_field(column.name)
    if not field.field_type.is_primitive:
        assert field.field_id not in file.lower_bounds
        return
    assert file.value_counts[field.field_id] == len(values)
    assert file.null_value_counts[field.field_id] == values.null_count
    lower, upper = (bounds.get(field.field_id) for bounds in (file.lower_bounds, file.upper_bounds))
    present = values.drop_null()
    if column.type in (Primitive(Kind.BINARY),) or str(column.type).startswith("fixed") or not len(present):
        assert lower is upper is None
        return
    assert lower is not None
    known = sorted(_comparable(value) for value in present.to_pylist())
    assert _comparable(from_bytes(field.field_type, lower)) <= known[0]
    if upper is not None:
        assert _comparable(from_bytes(field.field_type, upper)) >= known[-1]
    if column.type != TEXT:
        assert upper is not None
        exact = pc.min_max(present).as_py() if not pa.types.is_time(values.type) else None
        if exact is not None:
            assert _comparable(from_bytes(field.field_type, upper)) == _comparable(exact["max"])


def _comparable(value: Any) -> Any:
    """pyiceberg gives moments as numbers; text is ordered by its UTF-8 bytes."""
    epoch = dt.datetime(1970, 1, 1)
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - epoch) // dt.timedelta(microseconds=1)
    if isinstance(value, dt.date):
        return (value - epoch.date()).days
    if isinstance(value, dt.time):
        return (dt.datetime.combine(epoch, value) - epoch) // dt.timedelta(microseconds=1)
    return value.encode() if isinstance(value, str) else value
