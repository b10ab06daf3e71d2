"""publish: what the data that it is handed means for the data that is there, and for whoever handed it in."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from data_platform.errors import NoRows, SchemaMismatch
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


def test_rows_that_lack_a_column_among_rows_that_have_it(world: World) -> None:
    product = world.product()
    product.publish("t", [{"id": 1, "name": "a"}])
    rows = [{"id": number} for number in range(140_000)]
    assert product.publish("t", [*rows, {"id": 0, "name": "b"}]).rows == 140_001


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
