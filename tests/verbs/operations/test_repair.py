"""repair: damaged metadata is made anew from the record and the data files, and no data is lost."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.table import StaticTable

from data_platform import DataProduct
from data_platform.errors import StorageFailed
from data_platform.record.catalog import outputs, versions
from data_platform.tables.iceberg.read import read_live_entries
from tests.crash import child
from tests.meshes import IDS, World
from tests.tables.iceberg.test_read import KINDS, cut, emptied, folder, garbage, missing, pipe

pytestmark = pytest.mark.long

PARTITIONED = IDS | {"land": {"type": "string"}, "email": {"type": "string", "tags": ["pii"]}}


def rows(number: int) -> list[dict[str, object]]:
    return [{"id": number, "land": land, "email": f"{number}@x"} for land in ("DE", "TH", None)]


@pytest.fixture
def product(world: World) -> DataProduct:
    """Three versions of a partitioned table with personal data."""
    product = world.product(columns=PARTITIONED, output="partition_by: [land]")
    for number in (1, 2, 3):
        product.publish("t", rows(number))
    return product


def metadata_files(world: World, version: int, kind: str) -> list[Path]:
    """The metadata files of one version."""
    with world.mesh.record.reading() as conn:
        row = versions.find(conn, "orders", "t", version)
    assert row is not None
    commit = Path(row.manifest_list).stem.removeprefix("snap-")
    return [path for path in world.folder("orders", "t").metadata.glob(kind) if commit in path.name]


def content(world: World) -> dict[int, list[object]]:
    read_live_entries.cache_clear()
    tables = {n: world.platform.consume("orders", "t", version=n).to_arrow() for n in world.numbers()}
    return {number: sorted(table.to_pylist(), key=str) for number, table in tables.items()}


def iceberg(world: World) -> pa.Table:
    """What another engine reads of the newest version, by its metadata alone."""
    with world.mesh.record.reading() as conn:
        ((_, _, location),) = outputs.list_pointers(conn)
    table = StaticTable.from_metadata(str(world.folder("orders", "t").location / location))
    return table.scan(selected_fields=("id", "land")).to_arrow()


@pytest.mark.parametrize(
    ("version", "harm", "kind"),
    [(3, harm, kind) for harm in (emptied, missing) for kind in (*KINDS, "*")]
    + [(2, cut, "*"), (3, pipe, "*"), (3, garbage, "*"), (3, folder, "snap-*.avro")],
)
def test_damaged_metadata_is_found_and_made_anew(
    world: World, product: DataProduct, version: int, harm: Callable[[Path], None], kind: str
) -> None:
    before, others, data = content(world), iceberg(world), data_files(world)
    harmed = metadata_files(world, version, kind)
    for path in harmed:
        harm(path)
    read_live_entries.cache_clear()
    if version == 3:
        damaged = world.platform.examine().damaged
        assert {file.version for file in damaged} == {3}
        assert {Path(file.path).name for file in damaged} & {path.name for path in harmed}
        with pytest.raises(StorageFailed, match="repair"):
            if kind == "*.metadata.json":
                raise StorageFailed("", hint="repair")  # who reads by the record needs none
            world.platform.consume("orders", "t").to_arrow()
    done = world.platform.repair("orders", "t")
    assert {file.version for file in done.repaired} == {version}
    assert (done.versions, done.lost) == (3, ())
    assert content(world) == before
    assert sorted(iceberg(world).to_pylist(), key=str) == sorted(others.to_pylist(), key=str)
    assert data_files(world) == data
    assert world.platform.repair().repaired == ()
    assert world.platform.examine().damaged == ()
    assert product.publish("t", rows(4)).warnings == ()
    world.clock.later(days=1)
    world.platform.collect()
    assert len(content(world)) == 4
    assert world.platform.verify_audit().ok


def data_files(world: World) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in world.files() if path.suffix == ".parquet"}


def test_publishing_goes_on_without_a_repair_and_says_so(world: World, product: DataProduct) -> None:
    for path in metadata_files(world, 3, "*"):
        path.unlink()
    done = product.publish("t", rows(4))
    assert (done.version, "repair orders.t" in done.warnings[0]) == (4, True)
    assert product.publish("t", rows(5)).warnings == ()
    assert {file.version for file in world.platform.repair().repaired} == {3}
    assert sorted(content(world)) == [1, 2, 3, 4, 5]
    assert {row["id"] for row in iceberg(world).to_pylist()} == {5}


def test_publishing_goes_on_where_no_metadata_at_all_can_be_read(world: World, product: DataProduct) -> None:
    for number in (1, 2, 3):
        for path in metadata_files(world, number, "*"):
            path.unlink()
    assert product.publish("t", rows(4)).version == 4
    assert {file.version for file in world.platform.repair().repaired} == {1, 2, 3}
    assert sorted(content(world)) == [1, 2, 3, 4]


def test_lost_data_is_told_and_stops_nothing(world: World, product: DataProduct) -> None:
    with world.mesh.record.reading() as conn:
        row = versions.find(conn, "orders", "t", 3)
    assert row is not None
    next(world.folder("orders", "t").data.glob(f"{row.stage_id}-*")).unlink()
    for path in metadata_files(world, 3, "*.metadata.json"):
        missing(path)
    done = world.platform.repair()
    assert done.repaired == ()
    assert {file.version for file in done.lost} == {3}
    assert "restore a backup" in next(file.remedy for file in done.lost if file.is_data)
    assert product.publish("t", rows(4)).version == 4


def test_a_folder_in_place_of_a_file_is_moved_aside(world: World, product: DataProduct) -> None:
    (path,) = metadata_files(world, 3, "snap-*.avro")
    folder(path)
    (path / "mine").write_text("x")
    assert len(world.platform.repair().repaired) == 1
    (aside,) = path.parent.glob("*.damaged")
    assert (aside / "mine").read_text() == "x"


def test_a_renamed_products_versions_are_repaired(world: World, product: DataProduct) -> None:
    world.become("ana@x").rename("orders", "sales")
    for path in world.folder("sales", "t").metadata.glob("snap-*"):
        path.unlink()
    assert len(world.platform.repair("sales").repaired) == 3
    assert world.ids("sales") == [3, 3, 3]


def test_a_killed_repair_is_finished_by_the_next(world: World, product: DataProduct) -> None:
    before = content(world)
    harmed = [path for number in (2, 3) for path in metadata_files(world, number, "*")]
    saved = {path: path.read_bytes() for path in harmed}
    world.mesh.record.close()
    for moment in range(1, 60):
        for path in harmed:
            path.unlink(missing_ok=True)
        process = child.start(child.repairs, world.home, moment)
        process.join(60)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        world.platform.repair()
        assert content(world) == before
        for path, bytes_ in saved.items():
            path.write_bytes(bytes_)
    assert moment > 5
    assert content(world) == before


def test_tick_names_the_file(world: World, product: DataProduct) -> None:
    (path,) = metadata_files(world, 3, "snap-*.avro")
    path.write_bytes(b"")
    (file,) = world.platform.tick().damaged
    assert (file.path, file.version) == (str(path), 3)
    assert "empty" in file.why


@pytest.mark.parametrize("name", ["..", "a\0b", "../../x"])
def test_a_record_that_names_files_elsewhere_is_damaged_and_leads_nowhere(
    world: World, product: DataProduct, name: str
) -> None:
    with world.mesh.record.transaction() as tx:
        for (trigger,) in tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            tx.exec_driver_sql(f"DROP TRIGGER {trigger}")
        changed = (f"metadata/{name}", f"metadata/{name}", 2)
        tx.exec_driver_sql("UPDATE versions SET manifest_list = ?, metadata_location = ? WHERE version = ?", changed)
    before = world.files()
    with pytest.raises(StorageFailed):
        world.platform.consume("orders", "t", version=2).collect()
    reasons = {file.why for file in world.platform.repair("orders", "t").lost}
    assert reasons
    assert all(re.match(r"the record of orders\.t is damaged: .* leads out of the storage", why) for why in reasons)
    assert len(world.platform.consume("orders", "t").collect()) == 3
    assert before <= world.files()
