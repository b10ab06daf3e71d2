"""What the worker answers to rules, good and bad."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import Answer, SqlWorker, WorkerQuery
from data_platform.engine.worker.session import explain_error
from data_platform.errors import StorageFailed
from tests.engine.worker.conftest import Tables, source


def ask(worker: SqlWorker, tables: Tables, *queries: str, deadline: float = 20.0) -> list[Answer]:
    return worker.run(tables, [WorkerQuery(sql) for sql in queries], deadline)


def test_the_missions_rules_count_what_is_wrong(worker: SqlWorker, tables: Tables) -> None:
    answers = ask(
        worker,
        tables,
        "SELECT COUNT(*) FROM orders_fact WHERE order_id IS NULL",
        "SELECT COUNT(*) FROM orders_fact WHERE total_amount < 0",
    )
    assert [answer.value for answer in answers] == [1, 1]


def test_declared_inputs_are_read_by_product_and_output(worker: SqlWorker, tables: Tables) -> None:
    strangers = """
        SELECT COUNT(*) FROM orders_fact o
        LEFT JOIN "customers-data-product".customers_dim c USING (customer_id) WHERE c.segment IS NULL
    """
    assert ask(worker, tables, strangers) == [Answer(value=1)]


def test_a_query_runs_word_for_word_with_its_comments(worker: SqlWorker, tables: Tables) -> None:
    queries = ["SELECT count(*) FROM orders_fact -- all", "/* none */ SELECT 0", "FROM orders_fact SELECT 7 LIMIT 1"]
    assert [answer.value for answer in ask(worker, tables, *queries)] == [4, 0, 7]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT NULL", "NULL"),
        ("SELECT max(order_id) FROM orders_fact WHERE false", "NULL"),
        ("SELECT 1 WHERE false", "no row"),
        ("SELECT order_id FROM orders_fact", "more than one row"),
        ("SELECT 1, 2", "2 columns"),
        ("SELECT true", "a boolean"),
        ("SELECT '7'", "text"),
        ("SELECT 'nan'::DOUBLE", "no finite number"),
        ("SELECT 'inf'::DOUBLE", "no finite number"),
        ("SELECT DATE '2026-01-01'", "a date"),
        ("SELECT nothing FROM orders_fact", "nothing"),
        ("SELECT count(*) FROM elsewhere", "elsewhere"),
        ("SELECT count(* FROM orders_fact", "syntax error"),
        ("SELECT 1; SELECT 2", "not one SELECT"),
        ("", "not one SELECT"),
        ("SELECT 1) , (SELECT 2", "syntax error"),
    ],
)
def test_what_is_no_number_is_an_error_and_never_a_value(
    worker: SqlWorker, tables: Tables, query: str, reason: str
) -> None:
    alone, fused = ask(worker, tables, query), ask(worker, tables, "SELECT 1", query, "SELECT 2")
    assert alone[0].value is None
    assert alone[0].error is not None
    assert reason in alone[0].error
    assert fused == [Answer(value=1), alone[0], Answer(value=2)]


def test_numbers_of_every_type_arrive_as_numbers(worker: SqlWorker, tables: Tables) -> None:
    queries = ["SELECT 1.50::DECIMAL(9,2)", "SELECT 3.00", "SELECT sum(order_id) FROM orders_fact", "SELECT 2e-3"]
    values = [answer.value for answer in ask(worker, tables, *queries)]
    assert values == [1.5, 3, 7, 0.002]
    assert [type(value) for value in values] == [float, int, int, float]


def test_an_error_says_why_without_quoting_data(worker: SqlWorker, tables: Tables) -> None:
    queries = [
        "SELECT count(*) FROM orders_fact WHERE CAST(email AS INTEGER) = 1",
        "SELECT error(email) FROM orders_fact",
        "SELECT count(*) FROM orders_fact WHERE CAST(email AS DATE) IS NULL",
        "SELECT sum(total_amount::INTEGER * 9223372036854775807) FROM orders_fact",
        "SELECT (SELECT max(email) FROM orders_fact)::UUID",
    ]
    for answer in ask(worker, tables, *queries):
        assert answer.error
        assert "x.org" not in answer.error
        assert "nobody" not in answer.error
    assert "email" in str(ask(worker, tables, queries[0])[0].error)


def test_rows_come_by_column_and_twenty_at_most(worker: SqlWorker, tables: Tables) -> None:
    few, many = worker.run(
        tables,
        [
            WorkerQuery("SELECT order_id, email FROM orders_fact WHERE total_amount < 0", "rows"),
            WorkerQuery("SELECT * FROM range(1000) AS r(number)", "rows"),
        ],
        20.0,
    )
    assert few == Answer(columns=("order_id", "email"), rows=({"order_id": 2, "email": "b@x.org"},))
    assert many.rows == tuple({"number": number} for number in range(20))


def test_rows_hold_only_what_json_can_say(worker: SqlWorker, tmp_path: Path) -> None:
    table = pa.table(
        {
            "amount": [Decimal("1.50")],
            "day": [dt.date(2026, 11, 23)],
            "at": pa.array([dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")),
            "raw": [b"\x00\xff"],
            "lines": [[{"sku": "a", "price": float("nan")}]],
            "ratio": [float("nan")],
            "long": ["x" * 10_000],
            "none": pa.array([None], pa.string()),
        }
    )
    (answer,) = worker.run(
        {("t",): source(tmp_path / "t.parquet", table)}, [WorkerQuery("SELECT * FROM t", "rows")], 20.0
    )
    assert answer.rows is not None
    (row,) = answer.rows
    assert row["amount"] == "1.50"
    assert row["day"] == "2026-11-23"
    assert str(row["at"]).startswith("2026-11-23 08:00:00")
    assert row["raw"] == r"\x00\xFF"
    assert "'sku': a" in str(row["lines"])
    assert row["ratio"] == "nan"
    assert len(str(row["long"])) == 500
    assert row["none"] is None


def test_names_that_sql_would_trip_over(worker: SqlWorker, tmp_path: Path) -> None:
    table = pa.table({"select": [1], "a.b": [2], 'quo"te': [3], "ชื่อ": [4]})
    tables = {("where",): source(tmp_path / "[a]*?'b.parquet", table)}
    query = 'SELECT "select" + "a.b" + "quo""te" + "ชื่อ" FROM "where"'
    assert ask(worker, tables, query) == [Answer(value=10)]


def test_several_files_are_one_table(worker: SqlWorker, tmp_path: Path) -> None:
    parts = [source(tmp_path / f"{at}.parquet", pa.table({"n": [at, at]})) for at in range(3)]
    whole = ParquetSource(tuple(part.files[0] for part in parts), parts[0].schema)
    assert ask(worker, {("t",): whole}, "SELECT sum(n) FROM t", "SELECT count(*) FROM t") == [
        Answer(value=6),
        Answer(value=6),
    ]


def test_a_file_that_is_gone_is_told_as_such(worker: SqlWorker, tmp_path: Path) -> None:
    missing = ParquetSource((str(tmp_path / "gone.parquet"),), pa.schema([("n", pa.int64())]))
    with pytest.raises(StorageFailed, match=r"gone\.parquet"):
        ask(worker, {("t",): missing}, "SELECT count(*) FROM t")
    assert ask(worker, {}, "SELECT 1") == [Answer(value=1)]


def test_no_query_needs_no_process(tables: Tables) -> None:
    with SqlWorker() as idle:
        assert idle.run(tables, [], 1.0) == []
        assert idle.pid is None


@pytest.mark.parametrize("sql", ["SELECT 'ann@example.org'::DATE", "SELECT strptime('ann@example.org', '%Y')"])
def test_an_error_that_may_quote_data_is_in_words_of_ours(sql: str) -> None:
    with pytest.raises(duckdb.Error) as caught:
        duckdb.sql(sql).fetchall()
    text = explain_error(caught.value, sql)
    assert "ann@example.org" not in text
    assert " Error" not in text
