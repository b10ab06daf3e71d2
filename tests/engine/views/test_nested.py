"""A mask is of a whole column: no way into a struct, a list or a map gets at a member."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.access.view import TableView
from data_platform.engine.frame import scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import DataPlatformError
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.row_filters import ColumnComparison, Comparator

CANARY = "canary-4711"
TABLE = pa.table(
    {
        "id": [1, 2],
        "person": pa.array([{"ssn": CANARY, "name": "ann"}] * 2),
        "tags": pa.array([[(CANARY, 1)]] * 2, pa.map_(pa.string(), pa.int64())),
        "notes": pa.array([[CANARY]] * 2),
        "deep": pa.array([{"list": [{"ssn": CANARY}]}] * 2),
        "raw": pa.array([CANARY.encode()] * 2),
    }
)
NAMES = TABLE.schema.names[1:]
VISIBLE = ColumnComparison("id", Comparator.EQUAL, 1)
VIEWS = {
    "redacted": TableView(dict.fromkeys(NAMES, REDACT)),
    "redacted, with a row filter": TableView(dict.fromkeys(NAMES, REDACT), VISIBLE),
    "a mask that does not fit": TableView(dict.fromkeys(NAMES, Mask(MaskKind.PARTIAL)), VISIBLE),
    "redacted, but on a row that is not there": TableView(
        dict.fromkeys(NAMES, REDACT), clear_rows=dict.fromkeys(NAMES, ColumnComparison("id", Comparator.EQUAL, 3))
    ),
}
ATTEMPTS = [
    "SELECT person.ssn AS x FROM t",
    "SELECT t.person.ssn AS x FROM t",
    "SELECT person['ssn'] AS x FROM t",
    "SELECT struct_extract(person, 'ssn') AS x FROM t",
    "SELECT unnest(person) FROM t",
    "SELECT person.* FROM t",
    "SELECT p.ssn AS x FROM (SELECT person AS p FROM t)",
    "SELECT user.ssn AS x FROM t AS v(id, user, tags, notes, deep, raw)",
    "SELECT map_keys(tags) AS x, map_values(tags) AS y FROM t",
    f"SELECT tags['{CANARY}'] AS x, cardinality(tags) AS n FROM t",
    "SELECT unnest(map_entries(tags)) AS x FROM t",
    "SELECT notes[1] AS x, len(notes) AS n, list_contains(notes, 'x') AS c FROM t",
    "SELECT deep.list[1].ssn AS x FROM t",
    "SELECT unnest(deep, recursive := true) FROM t",
    "SELECT decode(raw) AS x, octet_length(raw) AS n FROM t",
    "SELECT to_json(t) AS x FROM t",
    "SELECT COLUMNS(c -> c LIKE 'p%') FROM t",
    f"SELECT id FROM t WHERE person.ssn = '{CANARY}' OR list_contains(notes, '{CANARY}')",
    "SELECT max(person) AS x, min(notes) AS y, count(DISTINCT tags) AS n FROM t",
]
BOUNDS = Bounds(seconds=30.0, rows=1_000_000, megabytes=64)


@pytest.fixture(scope="module")
def workers() -> Iterator[QueryWorkers]:
    running = QueryWorkers(memory_limit_mb=512, threads=1)
    yield running
    running.close()


@pytest.fixture(scope="module", params=VIEWS, ids=str)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ParquetSource:
    path: Path = tmp_path_factory.mktemp("nested") / "t.parquet"
    pq.write_table(TABLE, path)
    return ParquetSource((str(path),), TABLE.schema, view=VIEWS[request.param])


@pytest.mark.parametrize("sql", ATTEMPTS)
def test_sql_finds_no_member(workers: QueryWorkers, source: ParquetSource, sql: str) -> None:
    try:
        found = [row for batch in RowStream(workers, {("t",): source}, sql, BOUNDS) for row in batch.to_pylist()]
    except DataPlatformError as error:
        assert "canary" not in error.message.replace(sql, "")
        return
    assert "canary" not in str(found).replace(f"tags['{CANARY}']", "")
    assert all(value in (None, 0, 1, 2) or isinstance(value, str | dict) for row in found for value in row.values())


@pytest.mark.parametrize("column", ["person.ssn", "person", "tags", "notes", "deep", "raw", "deep.list"])
def test_a_frame_finds_no_member(source: ParquetSource, column: str) -> None:
    frame = scan(source, Origin("product", "p", "t", 1)).select(column)
    assert set(map(str, frame.to_arrow().column(0).to_pylist())) == {"None"}
    assert frame.distinct().count() == 1


@pytest.mark.parametrize("column", NAMES)
def test_columns_of_every_type_are_masked_by_row(workers: QueryWorkers, tmp_path: Path, column: str) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE, path)
    view = TableView(dict.fromkeys(NAMES, REDACT), clear_rows={column: VISIBLE})
    source = ParquetSource((str(path),), TABLE.schema, view=view)
    expected = [TABLE[column][0].as_py(), None]
    assert scan(source, Origin("product", "p", "t", 1)).to_arrow()[column].to_pylist() == expected
    batches = list(RowStream(workers, {("t",): source}, f"SELECT {column} FROM t ORDER BY id", BOUNDS))
    assert [value for batch in batches for value in batch.column(0).to_pylist()] == expected


def test_the_types_of_masked_columns_stay(source: ParquetSource) -> None:
    assert scan(source, Origin("product", "p", "t", 1)).to_arrow().schema.types == TABLE.schema.types
