"""The statistics of a version are those of its files together, however its rows are shared out."""

from __future__ import annotations

import decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Decimal, SchemaColumn, TableSchema
from data_platform.tables.place import TablePlace
from data_platform.tables.staging.stage import StageOrder, stage
from data_platform.tables.staging.statistics import (
    ColumnStatistics,
    build_column_statistics,
    merge_column_statistics,
)
from data_platform.tables.storage.local import LocalStorage
from tests.hypothesis_lanes import examples
from tests.strategies import batches, schemas


def measure(folder: Path, schema: TableSchema, parts: list[list[pa.RecordBatch]]) -> ColumnStatistics:
    """The statistics of rows of which each part is staged apart."""
    ids, _ = assign_ids(schema, {}, 0)
    place = TablePlace(LocalStorage(folder), "p", "t")
    files = [
        file
        for number, part in enumerate(parts)
        for file in stage(place, StageOrder(f"{number:032x}", schema, ids), part, lambda _: None).files
    ]
    described = [(file.rows, build_column_statistics(schema, file.leaves, file.nulls)) for file in files]
    return merge_column_statistics(schema, described, {})


@given(st.data())
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_rows_in_several_files_have_the_statistics_of_one(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    schema = data.draw(schemas())
    drawn = [data.draw(batches(schema)) for _ in range(data.draw(st.integers(1, 3)))]
    folder = tmp_path_factory.mktemp("t")
    apart = measure(folder / "apart", schema, [[batch] for batch in drawn])
    together = measure(folder / "together", schema, [drawn])
    assert repr(apart) == repr(together)


def test_decimals_are_compared_as_numbers(tmp_path: Path) -> None:
    schema = TableSchema((SchemaColumn("price", Decimal(9, 2)),))
    prices = map(decimal.Decimal, ("9", "10", "-3"))
    parts = [[pa.RecordBatch.from_pylist([{"price": price}], schema=to_arrow(schema))] for price in prices]
    assert measure(tmp_path, schema, parts) == {"price": {"nulls": 0, "min": "-3.00", "max": "10.00"}}
