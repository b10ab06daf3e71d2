"""publish: what the data that it is handed means for the data that is there, and for whoever handed it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from data_platform.errors import FrameError, NoRows, SchemaMismatch
from data_platform.spec.casting.conversion import plan
from data_platform.spec.casting.conversion.basics import keep_as_is
from tests.meshes import IDS, World


def test_a_refusal_leaves_the_connection_that_it_was_handed_usable(world: World) -> None:
    product = world.product(columns=IDS)
    with duckdb.connect() as connection:
        for wrong in ("'infinity'::DATE AS id", "'x' AS id", "1 AS other", "'1'::BIT AS id"):
            with pytest.raises(SchemaMismatch):
                product.publish("t", connection.sql(f"SELECT {wrong}"))
            assert connection.sql("SELECT 1").fetchall() == [(1,)]
        assert product.publish("t", connection.sql("SELECT 7::BIGINT AS id")).rows == 1
        assert connection.sql("SELECT 1").fetchall() == [(1,)]


def test_an_output_without_a_schema_keeps_its_columns(world: World) -> None:
    product = world.product()
    product.publish("t", [{"id": 1, "name": "a", "place": {"zip": "1", "town": "b"}}])
    for rows, missing in (
        ([{"id": 2, "place": {"zip": "1", "town": "b"}}], ["name"]),
        ([{"id": 2, "name": "a", "place": {"zip": "1"}}], ["place.town"]),
        ([{"id": 2}], ["name", "place"]),
    ):
        with pytest.raises(SchemaMismatch) as refused:
            product.publish("t", rows)
        assert [(found.column, found.kind) for found in refused.value.mismatches] == [(n, "missing") for n in missing]
        assert "--allow-missing-columns" in (refused.value.hint or "")
    assert product.publish("t", [{"id": 2}], allow_missing_columns=True).version == 2
    rows = world.platform.consume("orders", "t").to_arrow().to_pylist()
    assert rows == [{"id": 2, "name": None, "place": None}]
    with pytest.raises(SchemaMismatch):
        product.publish("t", [{"id": 3}])


@pytest.mark.long
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_file_of_json_that_lacks_a_column_in_all_rows(world: World, tmp_path: Path, name: str) -> None:
    product = world.product()
    file = tmp_path / name

    def publish(*rows: dict[str, Any], **allowed: bool) -> int:
        lines = [json.dumps(row) for row in rows]
        file.write_text("\n".join(lines) if name.endswith("l") else f"[{', '.join(lines)}]")
        return product.publish("t", file, **allowed).version

    place = {"zip": "1", "towns": [{"name": "b", "size": 1}]}
    publish({"id": 1, "name": "a", "place": place})
    for row, missing in (
        ({"id": 2, "place": place}, ["name"]),
        ({"id": 2, "name": "a", "place": {"zip": "1", "towns": []}}, []),
        ({"id": 2, "name": "a", "place": None}, []),
        ({"id": 2, "name": "a", "place": {"towns": [{"name": "c"}]}}, ["place.towns.element.size", "place.zip"]),
    ):
        if not missing:
            publish(row)
            continue
        with pytest.raises(SchemaMismatch) as refused:
            publish(row)
        assert [(found.column, found.kind) for found in refused.value.mismatches] == [(n, "missing") for n in missing]
        publish(row, {"id": 1, "name": "a", "place": place})
        publish(row, allow_missing_columns=True)


def test_rows_that_lack_a_column_among_rows_that_have_it(world: World) -> None:
    product = world.product()
    product.publish("t", [{"id": 1, "name": "a"}])
    rows = [{"id": number} for number in range(140_000)]
    assert product.publish("t", [*rows, {"id": 0, "name": "b"}]).rows == 140_001


def test_what_an_older_release_stored_is_named_where_python_cannot_hold_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = world.product()
    with monkeypatch.context() as older:
        older.setattr(plan, "make_range_check", lambda kind: keep_as_is)
        product.publish("t", pa.table({"id": [1, 2], "at": pa.array([0, 2**31 - 1], pa.int32()).view(pa.date32())}))
    frame = world.platform.consume("orders", "t")
    assert frame.to_arrow()["at"].cast(pa.int32()).to_pylist() == [0, 2**31 - 1]
    for way in (frame.collect, frame.to_pandas, frame.to_polars, frame.show, frame._repr_html_):
        with pytest.raises(FrameError, match="column at: the value in row 2 lies outside the years 1 to 9999"):
            way()
    with pytest.raises(SchemaMismatch, match="infinity in row 2 does not fit date"):
        product.publish("t", frame)


def test_an_output_without_a_schema_keeps_its_rows(world: World, tmp_path: Path) -> None:
    product = world.product()
    product.publish("t", [{"id": 1}, {"id": 2}])
    empty = tmp_path / "empty.csv"
    empty.write_text("id\n")
    for nothing in ([], iter(()), pa.table({"id": pa.array([], pa.int64())}), empty):
        with pytest.raises(NoRows, match="has 2 rows, and the data that would replace them has none") as refused:
            product.publish("t", nothing)
        assert refused.value.exit_code == 1 and "--allow-empty" in (refused.value.hint or "")
    assert world.ids() == [1, 2]
    assert product.publish("t", [], allow_empty=True).rows == 0
    assert product.publish("t", []).version == 3
    assert product.publish("t", [{"id": 5}]).rows == 1


def test_a_written_schema_says_itself_what_may_be_missing(world: World) -> None:
    product = world.product(columns=IDS | {"name": {"type": "string"}})
    product.publish("t", [{"id": 1, "name": "a"}])
    assert product.publish("t", [{"id": 2}]).rows == 1
    assert product.publish("t", []).rows == 0
