"""append and overwrite_partitions: what the next version has, what stays untouched, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiceberg.table import StaticTable

from data_platform import DataProduct
from data_platform.errors import BadInput
from data_platform.functions import col
from data_platform.quality import DataQualityError
from data_platform.record.catalog import outputs
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.tables.iceberg.snapshot import MOST_MANIFESTS
from data_platform.verbs.operations.gc import Collect, collect
from tests.hypothesis_lanes import examples
from tests.meshes import World, open_world

Row = tuple[str, int]
BATCHES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), min_size=1, max_size=4)
SALES = {"day": {"type": "string"}, "id": {"type": "integer"}, "note": {"type": ["string", "null"]}}
BY_DAY = "partition_by: day"
LIMIT = """quality_rules:
  - {rule: few, sql: "SELECT COUNT(*) FROM t", threshold: 3}
  - {rule: ids_differ, sql: "SELECT COUNT(*) - COUNT(DISTINCT id) FROM t", threshold: 0}"""


def make(*rows: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"day": day, "id": id, "note": None} for day, id in rows]


def content(world: World, version: int | None = None) -> list[tuple[str, int]]:
    return sorted((row["day"], row["id"]) for row in world.platform.consume("orders", "t", version=version).collect())


def data_files(world: World) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in world.files() if path.suffix == ".parquet"}


def test_append_adds_rows_and_earlier_versions_stay(world: World) -> None:
    product = world.product(columns=SALES)
    product.publish("t", make(("mon", 1)))
    before = data_files(world)
    result = product.publish("t", make(("mon", 2), ("tue", 3)), mode="append")
    assert (result.version, result.rows) == (2, 3)
    assert content(world) == [("mon", 1), ("mon", 2), ("tue", 3)]
    assert content(world, 1) == [("mon", 1)]
    assert before.items() <= data_files(world).items()


def test_a_first_append_is_version_1(world: World) -> None:
    assert world.product(columns=SALES).publish("t", make(("mon", 1)), mode=PublishMode.APPEND).version == 1
    assert content(world) == [("mon", 1)]


def test_a_version_has_the_statistics_of_all_its_rows(world: World) -> None:
    product = world.product(columns=SALES)
    product.publish("t", make(("mon", 5), ("tue", 7)))
    product.publish("t", make(("wed", 1)), mode="append")
    statistics = world.platform.latest_version("orders", "t").statistics
    assert statistics["id"] == {"nulls": 0, "min": 1, "max": 7}
    assert statistics["note"] == {"nulls": 3}
    assert [info.rows for info in world.platform.versions("orders", "t")] == [3, 2]


def test_rules_judge_the_whole_table_and_a_refusal_changes_nothing(world: World) -> None:
    product = world.product(columns=SALES, output=LIMIT)
    product.publish("t", make(("mon", 1), ("mon", 2)))
    before = world.files()
    with pytest.raises(DataQualityError) as caught:
        product.publish("t", make(("tue", 1)), mode="append")
    assert [failure.rule for failure in caught.value.failures] == ["ids_differ"]
    assert world.files() == before
    assert product.publish("t", make(("tue", 3)), mode="append").rows == 3
    with pytest.raises(DataQualityError, match="few"):
        product.publish("t", make(("tue", 4)), mode="append")
    assert content(world) == [("mon", 1), ("mon", 2), ("tue", 3)]


def test_overwritten_partitions_leave_the_others_untouched(world: World) -> None:
    product = world.product(columns=SALES, output=BY_DAY)
    product.publish("t", make(("jan", 1), ("feb", 2), ("feb", 3)))
    before = data_files(world)
    product.publish("t", make(("feb", 4), ("mar", 5)), mode="overwrite_partitions")
    assert content(world) == [("feb", 4), ("jan", 1), ("mar", 5)]
    assert content(world, 1) == [("feb", 2), ("feb", 3), ("jan", 1)]
    assert before.items() <= data_files(world).items()
    product.publish("t", make(("mar", 6)), mode="append")
    assert content(world) == [("feb", 4), ("jan", 1), ("mar", 5), ("mar", 6)]


def test_partitions_of_null_are_overwritten_too(world: World) -> None:
    columns = {"day": {"type": ["string", "null"]}, "id": {"type": "integer"}}
    product = world.product(columns=columns, output=BY_DAY)
    product.publish("t", [{"day": None, "id": 1}, {"day": "mon", "id": 2}])
    product.publish("t", [{"day": None, "id": 3}], mode="overwrite_partitions")
    assert world.ids() == [2, 3]


def test_personal_data_is_encrypted_in_every_part(world: World) -> None:
    product = world.product(columns=SALES, more="pii_columns: [note]")
    product.publish("t", [{"day": "mon", "id": 1, "note": "ann"}])
    product.publish("t", [{"day": "mon", "id": 2, "note": "bob"}], mode="append")
    world.platform.rotate_column_key("orders", "t", "note")
    product.publish("t", [{"day": "mon", "id": 3, "note": "cyd"}], mode="append")
    rows = world.platform.consume("orders", "t").orderBy("id").collect()
    assert [row["note"] for row in rows] == ["ann", "bob", "cyd"]
    assert all(b"ann" not in content and b"cyd" not in content for content in data_files(world).values())


def test_an_erased_column_is_not_mixed_with_a_readable_one(world: World) -> None:
    product = world.product(columns=SALES, more="pii_columns: [note]")
    product.publish("t", [{"day": "mon", "id": 1, "note": "ann"}])
    world.platform.erase_key("orders", "t", "note", confirm="orders.t.note")
    with pytest.raises(BadInput, match=r"version 1 of orders\.t has an erased column: note: its files cannot be kept"):
        product.publish("t", [{"day": "mon", "id": 2, "note": "bob"}], mode="append")
    assert product.publish("t", [{"day": "mon", "id": 2, "note": "bob"}]).version == 2


def test_other_columns_than_those_of_the_version_before_are_refused(world: World) -> None:
    world.product(columns=SALES).publish("t", make(("mon", 1)))
    wider = world.product(columns=SALES | {"more": {"type": ["string", "null"]}})
    with pytest.raises(BadInput, match="has other columns than the contract: its files cannot be kept"):
        wider.publish("t", make(("tue", 2)), mode="append")
    assert content(world) == [("mon", 1)]


def test_a_description_and_a_constraint_may_change_between_appends(world: World) -> None:
    world.product(columns=SALES).publish("t", make(("mon", 1)))
    described = world.product(columns=SALES | {"id": {"type": "integer", "description": "Its number", "maximum": 5}})
    assert described.publish("t", make(("tue", 2)), mode="append").rows == 2
    with pytest.raises(DataQualityError):
        described.publish("t", make(("tue", 9)), mode="append")


def test_a_version_comes_from_the_sources_of_all_its_rows(world: World) -> None:
    for name in ("first", "second"):
        world.product(name, SALES).publish("t", make(("mon", 1), ("tue", 2)))
    product = world.product(columns=SALES)

    def read(source: str, day: str) -> Any:
        return product.consume(source, "t").where(col("day") == day)

    product.publish("t", read("first", "mon"))
    product.publish("t", read("second", "tue"), mode="append")
    product.publish("t", read("second", "mon"), mode="append")
    assert [node.product for node in world.platform.lineage("orders").upstream] == ["first", "second"]
    assert [touched.product for touched in world.platform.impact("first", "id", "t").touched] == ["orders"]
    product.publish("t", read("second", "tue"))
    assert [node.product for node in world.platform.lineage("orders").upstream] == ["second"]


def test_partitions_are_overwritten_only_where_there_are_any(world: World) -> None:
    with pytest.raises(BadInput, match="has no partitions to overwrite"):
        world.product(columns=SALES).publish("t", make(("mon", 1)), mode="overwrite_partitions")
    assert not world.files()


def test_an_unknown_mode_is_named_with_the_known_ones(world: World) -> None:
    with pytest.raises(BadInput, match="one of overwrite, append, overwrite_partitions"):
        world.product(columns=SALES).publish("t", make(("mon", 1)), mode="upsert")


def test_an_append_on_a_version_that_came_in_between_is_judged_again(world: World) -> None:
    product = world.product(columns=SALES, output=LIMIT)
    product.publish("t", make(("mon", 1)))
    other = DataProduct(product.file.path, world.platform)
    done: list[int] = []

    def interrupt(step: str, _: int) -> None:
        if step == "audited" and not done:
            done.append(other.publish("t", make(("mon", 2)), mode="append").version)

    assert product.publish("t", make(("mon", 3)), mode="append", watch=interrupt).version == 3
    assert content(world) == [("mon", 1), ("mon", 2), ("mon", 3)]


def test_what_keeps_files_survives_gc_backup_and_repair(world: World, tmp_path: Path) -> None:
    product = world.product(columns=SALES, output=BY_DAY)
    product.publish("t", make(("jan", 1), ("feb", 2)))
    product.publish("t", make(("feb", 3)), mode="overwrite_partitions")
    product.publish("t", make(("mar", 4)), mode="append")
    wanted = [content(world, version) for version in (1, 2, 3)]
    assert collect(world.context, Collect()).files == 0
    assert world.platform.backup(tmp_path / "copy").missing == ()
    for path in world.folder().metadata.glob("*.avro"):
        path.write_bytes(path.read_bytes()[:-20])
    assert {file.version for file in world.platform.repair().repaired} == {1, 2, 3}
    assert [content(world, version) for version in (1, 2, 3)] == wanted
    assert not world.platform.repair().lost


def test_damage_is_told_of_every_version_that_has_the_file(world: World) -> None:
    product = world.product(columns=SALES)
    product.publish("t", make(("mon", 1)))
    (path,) = data_files(world)
    product.publish("t", make(("tue", 2)), mode="append")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert {file.version for file in world.platform.repair().lost} == {1, 2}


def test_pyiceberg_reads_what_many_appends_made(world: World) -> None:
    product = world.product(columns=SALES)
    for number in range(40):
        product.publish("t", make(("mon", number)), mode="append")
    with world.context.record.reading() as conn:
        row = outputs.find(conn, "orders", "t")
    assert row is not None and row.metadata_location is not None
    table = StaticTable.from_metadata(str(world.folder().location / row.metadata_location))
    assert sorted(table.scan().to_arrow()["id"].to_pylist()) == list(range(40))
    assert len(table.inspect.manifests()) <= MOST_MANIFESTS + 1


@given(st.data())
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_version_is_what_the_modes_say(
    tmp_path_factory: pytest.TempPathFactory, empty_home: Path, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("modes")
    shutil.copytree(empty_home, folder / "home")
    with open_world(folder) as world:
        product = world.product(columns=SALES, output=BY_DAY)
        wanted: list[list[tuple[str, int]]] = []
        for mode, batch in data.draw(
            st.lists(st.tuples(st.sampled_from(PublishMode), BATCHES), min_size=1, max_size=5)
        ):
            product.publish("t", make(*batch), mode=mode)
            wanted.append(sorted([*find_rest(mode, wanted[-1] if wanted else [], batch), *batch]))
        assert [content(world, version) for version in range(1, len(wanted) + 1)] == wanted
        first = world.platform.consume("orders", "t").where(col("day") == "a")
        assert first.count() == sum(day == "a" for day, _ in wanted[-1])


def find_rest(mode: PublishMode, before: list[Row], batch: list[Row]) -> list[Row]:
    """The rows that stay of the version before."""
    touched = {day for day, _ in batch}
    stays = {
        PublishMode.OVERWRITE: [],
        PublishMode.APPEND: before,
        PublishMode.OVERWRITE_PARTITIONS: [row for row in before if row[0] not in touched],
    }
    return stays[mode]
