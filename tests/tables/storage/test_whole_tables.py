"""A table in any storage, also one without folders and paths: committed, read, damaged, repaired and cleaned up."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.tables.corruption import MetadataDamaged
from data_platform.tables.iceberg.commit import Contents, discard, find_missing
from data_platform.tables.iceberg.history import read_histories
from data_platform.tables.iceberg.read import Extent, list_data_files, load, read_live_entries
from data_platform.tables.iceberg.rebuild import RecordedVersion, find_damage, read_data, rebuild
from data_platform.tables.orphans import find_data_orphans, find_metadata_orphans, list_files, remove, remove_stage
from data_platform.tables.staging.stage import StageOrder, stage
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import Storage
from data_platform.tables.storage.reader import StoredFileReader
from tests.tables.iceberg.test_commit import IDS, Table, ids

STAGE = f"{0:032x}"


@pytest.fixture
def table(storage: Storage) -> Table:
    return Table(storage)


def test_versions_are_committed_and_read(table: Table) -> None:
    first, second = (table.publish(IDS, ids(*range(number))) for number in (2, 3))
    metadata = table.json()
    location = locate(table.place.storage, "p/t")
    assert metadata["location"] == location
    assert [snapshot["manifest-list"] for snapshot in metadata["snapshots"]] == [
        f"{location}/{swap.manifest_list}" for swap in (first, second)
    ]
    for swap, rows in ((first, 2), (second, 3)):
        stage_id = f"{rows - 2:032x}"
        (key,) = list_data_files(table.place, swap.manifest_list, Extent(stage_id, 1, rows))
        assert pq.read_table(StoredFileReader(table.place.storage, key)).num_rows == rows
        assert load(table.place, swap.new).current_snapshot_id == swap.snapshot_id
    (live,) = read_live_entries(table.place, second.manifest_list.removeprefix("metadata/"))
    assert live.entry.data_file.file_path.startswith(f"{location}/data/")


def test_what_no_version_names_is_removed(table: Table) -> None:
    table.publish(IDS, ids(1))
    storage = table.place.storage
    kept = set(storage.list())
    lost = table.publish(IDS, ids(2))
    discard(table.place, lost)
    assert {key.rpartition(".")[2] for key in set(storage.list()) - kept} == {"parquet"}
    remove_stage(table.place, f"{1:032x}")
    assert set(storage.list()) == kept
    files = list(list_files(storage))
    orphans = [*find_data_orphans(files, ()), *find_metadata_orphans(files, (), (), lambda _: False)]
    remove(storage, orphans)
    assert list(storage.list()) == []


def test_a_stage_that_fails_leaves_nothing(table: Table) -> None:
    def fail() -> object:
        yield ids(1).to_batches()[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(table.place, StageOrder(STAGE, IDS, {"id": 1}), fail(), lambda _: None)  # type: ignore[arg-type]
    assert list(table.place.storage.list()) == []


def test_a_missing_file_is_noticed_before_the_swap(table: Table) -> None:
    swap = table.publish(IDS, ids(1))
    staged = read_data(table.place, STAGE, list_data_files(table.place, swap.manifest_list), IDS, ())
    assert find_missing(table.place, swap, staged) is None
    table.place.storage.delete(f"{table.place.metadata}/{swap.files[0][0]}")
    assert find_missing(table.place, swap, staged) == f"{table.place.location}/metadata/{swap.files[0][0]}"


def test_damaged_metadata_is_reported_and_rewritten(table: Table) -> None:
    swap = table.publish(IDS, ids(1, 2, 3))
    place, storage = table.place, table.place.storage
    staged = read_data(place, STAGE, list_data_files(place, swap.manifest_list), IDS, ())
    recorded = RecordedVersion(
        version=1,
        stage_id=STAGE,
        snapshot_id=swap.snapshot_id,
        metadata_location=swap.new,
        manifest_list=swap.manifest_list,
        rows=3,
        bytes=staged.bytes,
        files=1,
        published_at=dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
    )
    assert find_damage(place, recorded) == []
    for name in (swap.manifest_list, swap.new):
        storage.replace(f"{place.key}/{name}", b"garbage")
    assert {damage.path for damage in find_damage(place, recorded)} == {
        f"{place.location}/{name}" for name in (swap.manifest_list, swap.new)
    }
    with pytest.raises(MetadataDamaged, match="its 7 bytes are no such document"):
        load(place, swap.new)
    rebuild(place, recorded, Contents(staged, IDS, {"id": 1}, 1), ())
    assert find_damage(place, recorded) == []
    (history,) = read_histories(storage)
    assert [(version.version, version.rows) for version in history.versions] == [(1, 3)]


def test_rows_of_two_lanes_and_partitions_are_staged(table: Table) -> None:
    rows = pa.table({"id": pa.array(range(100), pa.int64())})
    order = StageOrder("7" * 32, IDS, {"id": 1}, ("id",))
    staged = stage(table.place, order, rows.slice(0, 5).to_batches(), lambda _: None)
    assert sorted(file.key for file in staged.files) == sorted(table.place.storage.list(f"{table.place.data}/"))
    assert staged.bytes == sum(table.place.storage.describe(file.key).size for file in staged.files)
