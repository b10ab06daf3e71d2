"""What every runner of frames does."""

from __future__ import annotations

import traceback
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform import functions as F
from data_platform.engine.frame import DataFrame, from_table, scan, with_runner
from data_platform.engine.origin import Origin
from data_platform.engine.runner import QueryRunner
from data_platform.engine.runners.duckdb import IN_PROCESS, DuckDBRunner
from data_platform.engine.source import ParquetSource
from data_platform.errors import FrameError, StorageFailed
from tests.engine.conftest import Published, Reads
from tests.engine.served_runner import ServedRunner

ORDERS = {"id": [3, 1, 2], "amount": [30.0, 10.0, None], "status": ["paid", "open", "paid"]}
ORIGIN = Origin("product", "orders-product", "orders", 1)


@pytest.fixture(params=[DuckDBRunner, ServedRunner])
def runner(request: pytest.FixtureRequest) -> QueryRunner:
    made: QueryRunner = request.param()
    return made


@pytest.fixture
def orders(published: Published, runner: QueryRunner) -> DataFrame:
    return with_runner(published("orders", ORDERS), runner)


def test_whole_columns_keep_their_order_and_types(orders: DataFrame) -> None:
    assert orders.to_arrow() == pa.table(ORDERS)
    assert orders.select("status", "id").to_arrow() == pa.table(ORDERS).select(["status", "id"])


def test_computed_rows_have_the_schema_of_the_frame(orders: DataFrame) -> None:
    totals = orders.groupBy("status").agg(F.sum("amount").alias("total"), F.count("*").alias("n")).orderBy("status")
    assert totals.collect() == [("open", 10.0, 1), ("paid", 30.0, 2)]
    assert totals.to_arrow().schema == totals.schema
    assert totals.to_batches().schema == totals.schema


def test_counts_heads_and_empty_results(orders: DataFrame) -> None:
    assert orders.count() == 3
    assert orders.orderBy("id").first() == (1, 10.0, "open")
    assert orders.filter("id > 9").isEmpty()
    assert orders.filter("id > 9").to_arrow().num_rows == 0


def test_a_stream_has_batches_of_at_most_so_many_rows(orders: DataFrame) -> None:
    batches = list(orders.orderBy("id").to_batches(2))
    assert sum(batch.num_rows for batch in batches) == 3
    assert max(batch.num_rows for batch in batches) <= 2
    assert pa.Table.from_batches(batches)["id"].to_pylist() == [1, 2, 3]


def test_each_action_notifies_its_readers_once_with_the_columns_read(orders: DataFrame, reads: Reads) -> None:
    orders.select("id").to_arrow()
    orders.filter("amount > 1").select("id").to_batches().read_all()
    orders.count()
    assert reads == [{ORIGIN: {"id"}}, {ORIGIN: {"id", "amount"}}, {ORIGIN: frozenset()}]


def test_an_explanation_names_the_columns_and_reads_nothing(
    orders: DataFrame, reads: Reads, capsys: pytest.CaptureFixture[str]
) -> None:
    orders.filter("amount > 1").select("id").explain()
    assert "amount, id" in capsys.readouterr().out
    assert reads == []


def test_masked_columns_are_not_read(published: Published, runner: QueryRunner, reads: Reads) -> None:
    frame = with_runner(published("orders", ORDERS, mask=frozenset({"amount", "status"})), runner)
    assert frame.orderBy("id").collect() == [(1, None, "***"), (2, None, "***"), (3, None, "***")]
    assert reads == [{ORIGIN: {"id"}}]


def test_frames_of_one_runner_are_joined(orders: DataFrame, published: Published, runner: QueryRunner) -> None:
    names = with_runner(published("names", {"status": ["open"], "label": ["Open"]}), runner)
    assert orders.join(names, "status").select("id", "label").collect() == [(1, "Open")]
    assert orders.select("status").union(names.select("status")).count() == 4


def test_a_stream_behind_a_frame_is_read_once(runner: QueryRunner) -> None:
    frame = with_runner(from_table(pa.table(ORDERS).to_reader()), runner)
    assert frame.filter("id = 1").collect() == [(1, 10.0, "open")]
    with pytest.raises(FrameError, match="read already"):
        frame.collect()


def test_a_value_that_does_not_fit_is_an_error_of_the_frame(orders: DataFrame) -> None:
    with pytest.raises(FrameError):
        orders.select(F.col("status").cast("int")).collect()


def test_no_error_quotes_personal_data(tmp_path: Path, runner: QueryRunner) -> None:
    table = pa.table({"email": ["CANARY@example.org"]})
    pq.write_table(table, tmp_path / "rows.parquet")
    source = ParquetSource((str(tmp_path / "rows.parquet"),), table.schema, personal=frozenset({"email"}))
    frame = with_runner(scan(source, ORIGIN), runner)
    with pytest.raises(FrameError) as failure:
        frame.select(F.col("email").cast("int")).collect()
    assert "CANARY" not in "".join(traceback.format_exception(failure.value))


def test_files_that_cannot_be_read_are_reported(tmp_path: Path, runner: QueryRunner) -> None:
    failures: list[str] = []
    source = ParquetSource((str(tmp_path / "gone.parquet"),), pa.schema([("id", pa.int64())]))
    frame = with_runner(scan(source, ORIGIN, on_fail=failures.append), runner)
    with pytest.raises(StorageFailed):
        frame.filter("id = 1").collect()
    assert len(failures) == 1


def test_every_frame_made_of_a_frame_runs_where_it_runs(published: Published) -> None:
    runner = ServedRunner()
    frame = with_runner(published("orders", ORDERS), runner)
    frame.select("id").count()
    frame.withColumn("x", F.lit(1)).drop("x").distinct().groupBy("status").count().limit(1).collect()
    frame.alias("a").filter("a.id > 1").show()
    assert len(runner.statements) == 3


def test_frames_of_different_runners_are_not_computed_together(published: Published) -> None:
    here, there = published("orders", ORDERS), with_runner(published("names", ORDERS), ServedRunner())
    for combine in (here.crossJoin, here.union, here.unionByName):
        with pytest.raises(FrameError, match="different engines"):
            combine(there)
    with pytest.raises(FrameError, match="different engines"):
        there.join(here, "id")


def test_a_frame_runs_in_the_process_by_default(published: Published) -> None:
    frame = published("orders", ORDERS)
    assert with_runner(frame, DuckDBRunner()).join(frame, "id").count() == 3
    assert frame.select("id")._runner is IN_PROCESS
