"""A query over a view answers as it does over a table that was filtered and masked before: answers, errors, order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.access.view import TableView
from data_platform.engine.frame import DataFrame, from_table, scan
from data_platform.engine.origin import Origin
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import DataPlatformError
from tests.engine.views.views import SCHEMA, Row, rows, show, views, write_source

ORIGIN = Origin("product", "p", "t", 1)
BOUNDS = Bounds(seconds=30.0, rows=1_000_000, megabytes=64)
QUERIES = [
    "SELECT * FROM t ORDER BY ALL",
    "SELECT count(*) AS n, count(region) AS r, count(DISTINCT note) AS d FROM t",
    "SELECT min(amount) AS low, max(born) AS late, max(region) AS r, sum(id) AS s FROM t",
    "SELECT region, count(*) AS n FROM t GROUP BY region ORDER BY ALL",
    "SELECT id FROM t WHERE region = 'EU' OR amount > 5 ORDER BY ALL",
    "SELECT id FROM t WHERE CAST(note AS INTEGER) > 0 ORDER BY ALL",
    "SELECT id FROM t WHERE regexp_matches('x', note) ORDER BY ALL",
    "SELECT id FROM t WHERE score > 1 OR isnan(score) ORDER BY ALL",
    "SELECT 1 // (id - 3) AS n FROM t ORDER BY ALL",
    "SELECT (SELECT id FROM t WHERE region = 'US') AS n",
    "SELECT a.id FROM t a JOIN t b ON a.note = b.note AND a.id < b.id ORDER BY ALL",
    "SELECT note FROM t ORDER BY amount, id NULLS LAST, note LIMIT 1",
    "SELECT x FROM t AS v(a, b, c, d, e, x) ORDER BY ALL",
    "SELECT COLUMNS('r.*') FROM t ORDER BY ALL",
    "SELECT * EXCLUDE (id) FROM t ORDER BY ALL",
    "SELECT to_json(t) AS j FROM t ORDER BY ALL",
    "SELECT year(born) AS y, row_number() OVER (ORDER BY amount, id, note) AS n FROM t ORDER BY ALL",
]


@pytest.fixture(scope="module")
def workers() -> Iterator[QueryWorkers]:
    running = QueryWorkers(memory_limit_mb=512, threads=2)
    yield running
    running.close()


def ask(workers: QueryWorkers, source: object, sql: str) -> tuple[object, object]:
    """The rows, or the error, as text: NaN is not equal to itself."""
    try:
        batches = list(RowStream(workers, {("t",): source}, sql, BOUNDS))
    except DataPlatformError as error:
        return "error", error.message
    return str([row for batch in batches for row in batch.to_pylist()]), [batch.num_rows for batch in batches]


@pytest.mark.long
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, views, st.sets(st.sampled_from(QUERIES), min_size=4, max_size=6))
def test_sql_sees_the_visible_rows_alone(
    workers: QueryWorkers, table: list[Row], view: TableView, queries: set[str]
) -> None:
    visible = show(table, view).to_pylist()
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        source, before = write_source(Path(first), table, view), write_source(Path(second), visible, TableView())
        for sql in sorted(queries):
            assert ask(workers, source, sql) == ask(workers, before, sql)


ACTIONS = [
    lambda frame: frame.orderBy("id", "region", "note", "amount", "born"),
    lambda frame: frame.agg({"amount": "sum", "born": "max", "region": "min", "note": "count"}),
    lambda frame: frame.filter("region = 'EU' OR amount > 5").select("id").orderBy("id"),
    lambda frame: frame.filter("CAST(note AS INT) > 0").select("id").orderBy("id"),
    lambda frame: frame.filter("'x' RLIKE note").select("id").orderBy("id"),
    lambda frame: frame.filter("score > 1").select("id").orderBy("id"),
    lambda frame: frame.groupBy("region", "note").count().orderBy("region", "note"),
    lambda frame: frame.select("note").distinct().orderBy("note"),
    lambda frame: frame.orderBy("amount", "id", "note").select("note").limit(1),
    lambda frame: frame.join(frame.select("note").distinct(), "note").select("id").orderBy("id"),
    lambda frame: frame.withColumnRenamed("note", "secret").select("secret").orderBy("secret"),
]


def collect(frame: DataFrame, action: object) -> object:
    try:
        return str(action(frame).collect()), frame.count()
    except DataPlatformError as error:
        return error.message


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, views, st.integers(0, len(ACTIONS) - 1))
def test_frames_see_the_visible_rows_alone(table: list[Row], view: TableView, number: int) -> None:
    with TemporaryDirectory() as folder:
        frame = scan(write_source(Path(folder), table, view), ORIGIN)
        before = from_table(show(table, view), ORIGIN)
        assert collect(frame, ACTIONS[number]) == collect(before, ACTIONS[number])
        assert str(frame.to_arrow().to_pylist()) == str(before.to_arrow().to_pylist())
        streamed = frame.to_batches(3).read_all()
        assert streamed.schema == pa.schema(list(SCHEMA))
        assert str(streamed.to_pylist()) == str(show(table, view).to_pylist())
