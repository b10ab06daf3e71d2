"""A mesh over HTTP: what is published arrives, what is refused says the same, and frames run at the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from data_platform import DataProduct, Platform
from data_platform import functions as F
from data_platform.engine.frame import from_table
from data_platform.errors import DataPlatformError, FrameError, NotFound, QueryFailed
from data_platform.platform import InProcess
from data_platform.record.operations import usage
from data_platform.settings.read_options import ReadOptions
from tests.http_transport import ServedWorld, serve_mesh
from tests.meshes import IDS, NOON, World

COLUMNS = IDS | {
    "day": {"type": "string", "format": "date"},
    "total": {"type": "number"},
    "email": {"type": "string"},
}
ROWS = [
    {"id": 1, "day": date(2026, 1, 31), "total": 1.5, "email": "ann@x"},
    {"id": 2, "day": date(2026, 2, 1), "total": 2.5, "email": "bo@x"},
    {"id": 3, "day": date(2026, 2, 2), "total": None, "email": None},
]
TEXT = "id,day,total,email\n1,2026-01-31,1.5,ann@x\n2,2026-02-01,2.5,bo@x\n3,2026-02-02,,\n"


@pytest.fixture
def served(world: World) -> Iterator[World]:
    """The world, whose platform speaks HTTP."""
    inner = world.transport
    if isinstance(inner, ServedWorld):
        yield world
        return
    with serve_mesh(world.mesh, lambda: inner.caller) as url:
        world.transport = transport = ServedWorld(world.mesh, url, inner)  # type: ignore[assignment]
        world.platform = Platform(transport)
        yield world
        transport.close()


@pytest.fixture
def orders(served: World) -> DataProduct:
    return served.product("orders", columns=COLUMNS, more="pii_columns: [email]")


def read(world: World, product: str = "orders") -> list[dict[str, object]]:
    return world.platform.consume(product, "t").orderBy("id").to_arrow().to_pylist()


@pytest.mark.long
def test_whatever_a_local_publish_takes_arrives_exactly(served: World, orders: DataProduct, tmp_path: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    file = tmp_path / "orders.csv"
    file.write_text(TEXT)
    lines = tmp_path / "orders.jsonl"
    lines.write_text("".join(json.dumps(row | {"day": str(row["day"])}) + "\n" for row in ROWS))
    parquet = tmp_path / "orders.parquet"
    pl.from_arrow(table).write_parquet(parquet)
    for data in (
        ROWS,
        [row | {"day": str(row["day"])} for row in ROWS],
        (row for row in ROWS),
        table,
        table.to_reader(),
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        from_table(table),
        file,
        str(lines),
        parquet,
    ):
        result = orders.publish("t", data)
        assert (result.rows, result.quality.passed) == (3, True)
        assert read(served) == ROWS
    assert served.numbers() == list(range(1, 12))


@pytest.mark.long
def test_text_without_a_schema_keeps_the_types_of_its_output(served: World, tmp_path: Path) -> None:
    product = served.product("codes")
    file = tmp_path / "codes.csv"
    file.write_text("id;code\n1;a7\n")
    product.publish("t", file, options=ReadOptions(delimiter=";", encoding="utf-8"))
    file.write_text("id;code\n2;007\n", encoding="utf-16")
    product.publish("t", file, options=ReadOptions(delimiter=";", encoding="utf-16"))
    assert read(served, "codes") == [{"id": 2, "code": "007"}]


@pytest.mark.long
def test_a_refusal_is_the_one_of_an_embedded_mesh(served: World, tmp_path: Path) -> None:
    rule = "quality_rules:\n  - {rule: positive, sql: SELECT COUNT(*) FROM t WHERE total < 0, threshold: 0}"
    product = served.product("orders", columns=COLUMNS, output=rule, more="pii_columns: [email]")
    local = DataProduct(product.file.path, Platform(InProcess(served.mesh)))
    file = tmp_path / "orders.csv"
    file.write_text(TEXT + "x,2026-02-30,1.5,a\n")
    ragged = tmp_path / "ragged.csv"
    ragged.write_text(TEXT + "1,2\n")
    for data in (
        [ROWS[0] | {"total": -1.0}],
        [{"id": "one"}],
        [{"id": 1, "surplus": 2}],
        [{"id": 1}, {"id": "x"}],
        pd.DataFrame({"id": [1], "total": ["much"]}),
        pa.table({"id": ["a"]}),
        file,
        ragged,
        tmp_path / "missing.csv",
        5,
    ):
        errors = []
        for one in (local, product):
            with pytest.raises(DataPlatformError) as failure:
                one.publish("t", data)
            errors.append(failure.value)
        assert [type(error) for error in errors[:1]] == [type(error) for error in errors[1:]]
        assert str(errors[0]) == str(errors[1])
        assert vars(errors[0]).keys() == vars(errors[1]).keys()


@pytest.mark.long
def test_a_frame_runs_at_the_server_and_its_columns_are_recorded(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    frame = served.platform.consume("orders", "t")
    assert frame.columns == ["id", "day", "total", "email"]
    assert frame.version == 1
    assert frame.statistics["id"]["max"] == 3
    late = frame.filter(F.col("day") > F.lit(date(2026, 1, 31))).select("id", (F.col("total") * 2).alias("double"))
    assert late.orderBy("id").collect() == [(2, 5.0), (3, None)]
    assert late.to_arrow().schema == late.schema
    assert frame.count() == 3
    assert [batch.num_rows for batch in frame.select("id").to_batches(2)] == [2, 1]
    assert late.to_pandas().shape == (2, 2)
    with served.mesh.record.reading() as conn:
        (seen,) = usage.list_reads(conn, "orders", NOON)
    assert set(seen.columns) == {"id", "day", "total"}


def test_a_frame_explains_itself_and_shows_its_rows(
    served: World, orders: DataProduct, capsys: pytest.CaptureFixture[str]
) -> None:
    orders.publish("t", ROWS)
    frame = served.platform.consume("orders", "t").filter("id > 1").select("id")
    frame.explain()
    frame.show()
    printed = capsys.readouterr().out
    assert "orders.t#1: id where" in printed
    assert "3" in printed


def test_frames_of_products_join_at_the_server_and_with_local_rows_here(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    names = served.product("names", IDS | {"name": {"type": "string"}})
    names.publish("t", [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}])
    left, right = served.platform.consume("orders", "t"), served.platform.consume("names", "t")
    assert left.join(right, "id").orderBy("id").select("id", "name").collect() == [(1, "one"), (2, "two")]
    local = from_table(pa.table({"id": [2, 3], "extra": ["b", "c"]}))
    for mixed in (local.join(left, "id"), left.join(local, "id")):
        rows = mixed.filter("total IS NOT NULL").select("id", "extra", "total").collect()
        assert rows == [(2, "b", 2.5)]
    twice = left.select("id").union(left.select("id")).join(local, "id")
    assert twice.count() == 4
    assert left.crossJoin(local.select("extra")).count() == 6


def test_an_error_of_a_frame_is_one_at_the_server_and_here(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    frame = served.platform.consume("orders", "t")
    wrong = frame.select(F.col("email").cast("int").alias("n"))
    local = from_table(pa.table({"n": pa.array([1], pa.int32())}))
    for broken in (wrong, wrong.join(local, "n")):
        with pytest.raises(FrameError) as failure:
            broken.collect()
        assert "ann@x" not in str(failure.value)


def test_masked_columns_are_hidden_everywhere(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    frame = served.platform.consume("orders", "t", mask=True)
    assert {row["email"] for row in frame.collect()} == {"***"}
    assert frame.filter("email = 'ann@x'").count() == 0
    local = from_table(pa.table({"id": [1]}))
    assert frame.join(local, "id").select("email").collect() == [("***",)]


@pytest.mark.long
def test_the_rows_of_a_query_stream_and_say_whether_there_are_more(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    result = served.platform.sql("SELECT id FROM orders.t ORDER BY id", limit=2)
    assert result.to_arrow().to_pylist() == [{"id": 1}, {"id": 2}]
    assert result.more
    with pytest.raises(QueryFailed, match="is not allowed"):
        served.platform.sql("SELECT * FROM read_csv('/etc/passwd')")
    with pytest.raises(QueryFailed, match="could not be converted"):
        served.platform.sql("SELECT CAST(email AS INTEGER) AS n FROM orders.t").to_arrow()
    with pytest.raises(NotFound):
        served.platform.sql("SELECT * FROM nothing.t")


def test_lineage_of_what_a_frame_became_is_there(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    copy = served.product("copy")
    copy.publish("t", served.platform.consume("orders", "t").select("id", F.col("email").alias("contact")))
    consumed = served.platform.consume("copy", "t")
    ((origin, columns),) = consumed.lineage.items()
    assert (str(origin), columns) == ("orders.t#1", {"id", "email"})
    contact = next(column for column in served.platform.latest_version("copy", "t").schema if column.name == "contact")
    assert "pii" in contact.tags


@pytest.mark.long
def test_large_rows_stream_both_ways(served: World) -> None:
    product = served.product("large", IDS | {"text": {"type": "string"}})
    rows = pa.record_batch({"id": range(50_000), "text": ["x" * 50] * 50_000})
    batches = (rows for _ in range(4))
    reader = pa.RecordBatchReader.from_batches(pa.schema({"id": pa.int64(), "text": pa.string()}), batches)
    assert product.publish("t", reader).rows == 200_000
    assert sum(batch.num_rows for batch in served.platform.consume("large", "t").to_batches()) == 200_000


def test_a_frame_stays_with_its_major_and_its_renamed_product(served: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    frame = served.platform.consume("orders", "t")
    newer = served.product("orders", columns={"id": {"type": "string"}}, output='version: "2.0.0"')
    newer.publish("t", [{"id": "a"}])
    served.become("ana@x")
    served.platform.rename("orders", "sales")
    redirects: list[str] = []
    served.platform.enter("cli", lambda redirect: redirects.append(f"{redirect.name} → {redirect.product}"))
    assert served.platform.show("orders").name == "sales"
    assert redirects == ["orders → sales"]
    assert frame.select("id").count() == 3
    assert served.platform.consume("sales", "t@2").collect() == [("a",)]
    assert served.platform.consume("sales", "t@1").lineage == {}


def test_decimals_and_moments_are_exact(served: World) -> None:
    product = served.product("exact")
    table = pa.table(
        {
            "id": [1],
            "d": pa.array([Decimal("12345678901234567890.123456789")], pa.decimal128(38, 9)),
            "f": pa.array([0.1 + 0.2]),
            "at": pa.array([1_700_000_000_123_456], pa.timestamp("us", "UTC")),
            "l": pa.array([[1, None, 3]], pa.list_(pa.int64())),
            "s": pa.array([{"a": b"\x00\xff"}], pa.struct([("a", pa.binary())])),
        }
    )
    product.publish("t", table)
    assert served.platform.consume("exact", "t").to_arrow().to_pylist() == table.to_pylist()
