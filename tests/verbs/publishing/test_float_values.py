"""Whatever reads or judges floats gives what DuckDB gives over the rows themselves: NaN, both zeros, infinity, null.

Tried over files that we write, over files of an older release, whose bounds leave NaN out, and over foreign files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_platform.access.view import WHOLE_TABLE
from data_platform.engine.worker import WorkerQuery
from data_platform.quality import DataQualityError
from data_platform.record.db.schema import DATA_FILES
from data_platform.spec.product.loading import load_product
from data_platform.tables.staging import stage as staging
from data_platform.verbs.core.lookup.version_lookup import find_version
from data_platform.verbs.core.lookup.version_source import open_version
from data_platform.verbs.publishing.rule_runner import RuleRunner
from data_platform.verbs.testing.contract_test import ContractTest, run_contract_test
from data_platform.verbs.testing.contract_test_report import Status
from tests.meshes import NOON, World

NAN, INF = math.nan, math.inf
NUMBER = {"type": ["number", "null"]}
COLUMNS = {
    "k": {"type": "integer"},
    "x": NUMBER,
    "e": {**NUMBER, "tags": ["pii"]},
    "s": {"type": ["object", "null"], "properties": {"v": NUMBER}},
    "l": {"type": ["array", "null"], "items": NUMBER},
}
PARTS = ("x", "e", "s.v", "l[1]")
VALUES = st.lists(st.sampled_from([NAN, NAN, INF, -INF, 0.0, None, 1.0, -1.0, 2.5, 1e300]), min_size=1, max_size=9)


def table_of(values: list[float | None]) -> pa.Table:
    return pa.table(
        {
            "k": pa.array(range(len(values)), pa.int64()),
            "x": pa.array(values, pa.float64()),
            "e": pa.array(values, pa.float64()),
            "s": pa.array([{"v": value} for value in values], pa.struct([("v", pa.float64())])),
            "l": pa.array([[value, 1.0] for value in values], pa.list_(pa.float64())),
        }
    )


def counts() -> Iterator[str]:
    """Each a query of its own, so that its condition may reach the files."""
    for part in PARTS:
        for sign in ("=", "<>", "<", "<=", ">", ">="):
            for value in ("1", "'nan'::DOUBLE", "0", "'infinity'::DOUBLE"):
                yield f"SELECT count(*) FROM T WHERE {part} {sign} {value}"
        yield f"SELECT count(*) FROM T WHERE NOT ({part} > 1000)"
        yield f"SELECT count(*) FROM T WHERE isnan({part}) OR {part} BETWEEN 0.5 AND 3"
        yield f"SELECT count(*) FROM T WHERE {part} IN (1, 7) OR {part} IS NULL"
        yield f"SELECT count(DISTINCT {part}) FROM T"
        yield f"SELECT count(*) FROM T AS a JOIN T AS b ON a.{part} = b.{part}"
    yield "SELECT count(*) FROM T WHERE s = {'v': 'nan'::DOUBLE} OR s > {'v': 100}"


def queries() -> Iterator[str]:
    yield f"SELECT {', '.join(f'({count})' for count in COUNTS)}"
    ends = ", ".join(f"(SELECT {end}({part}) FROM T)" for part in PARTS for end in ("min", "max", "sum", "avg"))
    yield f"SELECT {ends}, (SELECT max(x) FROM T WHERE x > 0), (SELECT max(y) FROM (SELECT unnest(l) AS y FROM T))"
    yield "SELECT x, count(*), max(e) FROM T GROUP BY 1 ORDER BY 1 DESC NULLS LAST"
    yield "SELECT k FROM T ORDER BY x DESC NULLS LAST, k LIMIT 3"
    yield "SELECT k FROM T ORDER BY s.v, e, k LIMIT 3"


COUNTS = tuple(counts())
QUERIES = tuple(queries())


def expected(rows: pa.Table) -> list[str]:
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute("CREATE TABLE T AS SELECT * FROM rows")
        return [repr(connection.execute(query).fetchall()) for query in QUERIES]


def by_sql(world: World) -> list[str]:
    answers = []
    for query in QUERIES:
        table = world.platform.sql(query.replace(" T", " orders.t")).to_arrow()
        answers.append(repr(list(zip(*(column.to_pylist() for column in table.columns), strict=True))))
    return answers


def by_rule(world: World) -> str:
    with world.mesh.record.reading() as conn:
        source = open_version(world.context, find_version(conn, "orders", "t"), WHOLE_TABLE)
    answers = world.mesh.worker.run({("T",): source}, [WorkerQuery(query) for query in COUNTS], 60.0)
    return repr([tuple(answer.value for answer in answers)])


def by_frame(world: World) -> dict[str, Any]:
    frame = world.platform.consume("orders", "t")
    return {
        "equal": frame.filter("x = 1").count(),
        "unequal": frame.filter("x <> 1").count(),
        "above": frame.filter("x > 1").count(),
        "below": frame.filter("x < 1").count(),
        "above, encrypted": frame.filter("e > 1").count(),
        "below, encrypted": frame.filter("e <= 1").count(),
        "groups": frame.groupBy("x").count().count(),
        "distinct": frame.select("x").distinct().count(),
    }


def frame_expected(rows: pa.Table) -> dict[str, Any]:
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        counts = ("x = 1", "x <> 1", "x > 1", "x < 1", "e > 1", "e <= 1")
        found = [connection.execute(f"SELECT count(*) FROM rows WHERE {each}").fetchall()[0][0] for each in counts]
        groups = len(connection.execute("SELECT DISTINCT x FROM rows").fetchall())
    names = ("equal", "unequal", "above", "below", "above, encrypted", "below, encrypted")
    return dict(zip(names, found, strict=True)) | {"groups": groups, "distinct": groups}


def become_old(world: World) -> None:
    """The newest file becomes that of an older release: without a digest, with every bound that pyarrow writes."""
    with world.mesh.record.transaction() as tx:
        tx.execute(DATA_FILES.delete())
    with world.mesh.record.reading() as conn:
        (path,) = open_version(world.context, find_version(conn, "orders", "t"), WHOLE_TABLE).files
    with pq.ParquetFile(path) as file:
        table = file.read()
    pq.write_table(table, path)


def judge(world: World, rows: pa.Table) -> None:
    wanted = expected(rows)
    assert by_sql(world) == wanted
    assert by_rule(world) == wanted[0]
    assert by_frame(world) == frame_expected(rows)


HYPOTHESIS = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.long
@pytest.mark.parametrize("group_rows", [2, 1_000_000])
@given(values=VALUES)
@example(values=[1.0, NAN])
@example(values=[2.5, NAN, -2.5, 0.0])
@HYPOTHESIS
def test_files_that_we_write(world: World, group_rows: int, values: list[float | None]) -> None:
    rows = table_of(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "GROUP_ROWS", group_rows)
        batches = pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=2))
        world.product(columns=COLUMNS).publish("t", batches)
    judge(world, rows)


@pytest.mark.long
@given(values=VALUES)
@example(values=[1.0, NAN])
@example(values=[0.0, 1.0])
@HYPOTHESIS
def test_files_of_an_older_release(world: World, values: list[float | None]) -> None:
    rows = table_of(values)
    world.product(columns={**COLUMNS, "e": NUMBER}).publish("t", rows)
    become_old(world)
    judge(world, rows)


@pytest.mark.parametrize("word", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_a_foreign_file_is_tested_as_it_is_published(
    world: World, tmp_path: Path, word: str, kind: pa.DataType
) -> None:
    columns = {"k": {"type": "integer"}, "x": {**NUMBER, word: -100 if "inimum" in word else 100}}
    file = tmp_path / "foreign.parquet"
    pq.write_table(pa.table({"k": [1, 2], "x": pa.array([0.0, NAN], kind)}), file)
    product = world.product(columns=columns)
    contract = load_product(world.root / "products" / "orders")
    tested = run_contract_test(RuleRunner(world.mesh.worker), NOON, ContractTest(contract, "t", str(file)))
    assert [finding.check for finding in tested.findings if finding.status is Status.FAILED] == [f"x.{word}"]
    with pytest.raises(DataQualityError, match=word):
        product.publish("t", file)


CONDITIONS = ("x > 1000", "x <= 1000", "isnan(x)", "x = 0", "s.v > 1000", "l[1] > 1000", "x BETWEEN 0 AND 2")
MAXIMUM = "SELECT count(*) FROM (SELECT max(x) AS most FROM t) WHERE isnan(most)"
COUNTED = (*(f"SELECT count(*) FROM t WHERE {condition}" for condition in CONDITIONS), MAXIMUM)
WRITERS = {
    "pyarrow": lambda rows, file: pq.write_table(rows, file, write_page_index=True),
    "DuckDB": lambda rows, file: duckdb.connect().sql(f"COPY (SELECT * FROM rows) TO '{file}' (FORMAT parquet)"),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
@pytest.mark.parametrize("values", [[1.0, NAN], [NAN], [-0.0, NAN, INF], [None, NAN], [2.0, -INF]])
def test_rules_over_foreign_files(
    world: World, tmp_path: Path, writer: str, kind: pa.DataType, values: list[float | None]
) -> None:
    """A file with bounds, page indexes and, of DuckDB, bloom filters, read where it lies."""
    rows = table_of(values).drop_columns("e")
    rows = rows.set_column(1, "x", rows["x"].cast(kind))
    file = tmp_path / "foreign.parquet"
    WRITERS[writer](rows, file)
    rules = "\n".join(f'  - {{rule: r{at}, sql: "{sql}", threshold: 99}}' for at, sql in enumerate(COUNTED))
    columns = {name: type_ for name, type_ in COLUMNS.items() if name != "e"}
    world.product(columns=columns, output=f"quality_rules:\n{rules}")
    contract = load_product(world.root / "products" / "orders")
    tested = run_contract_test(RuleRunner(world.mesh.worker), NOON, ContractTest(contract, "t", str(file)))
    measured = {finding.check: finding.value for finding in tested.findings}
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute("CREATE TABLE t AS SELECT * FROM rows")
        wanted = [connection.execute(sql).fetchall()[0][0] for sql in COUNTED]
    assert [measured[f"r{at}"] for at in range(len(COUNTED))] == wanted
