"""A query's rows from the worker: their types, their bounds, and a child that lies."""

from __future__ import annotations

import datetime as dt
import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from data_platform.access.view import TableView
from data_platform.engine.worker import batches
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import QueryFailed, StorageFailed
from data_platform.spec.access.masks import REDACT
from tests.engine.worker.conftest import Tables, source
from tests.engine.worker.test_sandbox import HOSTILE, gone
from tests.engine.worker.test_sealed import EMAILS, KEYS, sealed

ROOMY = Bounds(seconds=30.0, rows=1_000_000, megabytes=64)


@pytest.fixture(scope="module")
def workers() -> Iterator[QueryWorkers]:
    running = QueryWorkers(memory_limit_mb=512, threads=1)
    yield running
    running.close()


def rows(workers: QueryWorkers, tables: Tables, sql: str, bounds: Bounds = ROOMY) -> pa.Table:
    stream = RowStream(workers, tables, sql, bounds)
    return pa.Table.from_batches(list(stream), stream.schema)


VALUES = pa.table(
    {
        "amount": pa.array([Decimal("1234567890.50"), None], pa.decimal128(12, 2)),
        "at": pa.array([dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
        "local": pa.array([dt.datetime(2026, 3, 29, 1, 30), None], pa.timestamp("us")),
        "day": pa.array([dt.date(2026, 11, 23), None], pa.date32()),
        "hour": pa.array([dt.time(8, 30), None], pa.time64("us")),
        "raw": pa.array([b"\x00\xff", None], pa.binary()),
        "tags": pa.array([["a", None], None], pa.list_(pa.string())),
        "lines": pa.array([[{"sku": "x", "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}], []]).cast(
            pa.list_(pa.struct([("sku", pa.string()), ("at", pa.timestamp("us", "UTC"))]))
        ),
        "labels": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        "ratio": pa.array([float("inf"), -0.0], pa.float64()),
        "ok": pa.array([True, None], pa.bool_()),
        "small": pa.array([1, None], pa.int32()),
        "name": pa.array(["ชื่อ", ""], pa.string()),
    }
)


def test_every_type_of_a_contract_comes_back_as_it_went_in(workers: QueryWorkers, tmp_path: Path) -> None:
    result = rows(workers, {("t",): source(tmp_path / "t.parquet", VALUES)}, "SELECT * FROM t")
    assert result.schema.names == VALUES.schema.names
    assert result.to_pylist() == VALUES.to_pylist()
    nested = ("tags", "lines", "labels")
    plain = [name for name in VALUES.schema.names if name not in nested]
    assert [result.schema.field(name).type for name in plain] == [VALUES.schema.field(name).type for name in plain]
    assert result.select(nested).cast(VALUES.select(nested).schema) == VALUES.select(nested)


def test_types_that_only_a_query_has(workers: QueryWorkers) -> None:
    result = rows(workers, {}, "SELECT sum(x) s, 'a'::ENUM('a', 'b') e, [1, 2]::INT[2] f, NULL n FROM range(3) r(x)")
    assert result.to_pylist() == [{"s": Decimal(3), "e": "a", "f": [1, 2], "n": None}]
    assert result.schema.field("e").type == pa.string()
    with pytest.raises(QueryFailed, match="the column u has a type that cannot be returned"):
        rows(workers, {}, "SELECT union_value(a := 1) AS u")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "SELECT 1 AS a, 100000000000000000000000000000000000000::HUGEINT AS h",
            "the column h has a value of more than 38 digits",
        ),
        ("SELECT [-170141183460469231731687303715884105727::HUGEINT] AS h", "the column h has a value of more than"),
        ("SELECT 340282366920938463463374607431768211455::UHUGEINT AS u", "the column u is a UHUGEINT"),
        ("SELECT {'x': [1::UHUGEINT]} AS u", "the column u is a UHUGEINT"),
        ("SELECT TIMETZ '09:30:00+02' AS u", "the column u is a TIME WITH TIME ZONE"),
        ("SELECT MAP {'x': '1010'::BIT} AS u", "the column u is a BIT"),
        ("SELECT {'a': 1}::VARIANT AS u", "the column u is a VARIANT"),
        ("SELECT [TIME '24:00'] AS u", "the column u has a time of 24:00 in row 1,"),
        ("SELECT [CASE WHEN i = 70000 THEN TIME '24:00' END] AS u FROM range(70002) AS t(i)", "the .* in row 70,001,"),
    ],
)
def test_a_number_that_no_decimal_holds_is_refused_in_words(workers: QueryWorkers, sql: str, message: str) -> None:
    with pytest.raises(QueryFailed, match=f"the query has no answer: {message}.*CAST it to VARCHAR"):
        rows(workers, {}, sql)


def test_the_largest_number_that_a_decimal_holds_comes_whole(workers: QueryWorkers) -> None:
    most = 10**38 - 1
    result = rows(workers, {}, f"SELECT {most}::HUGEINT AS h, (-{most})::HUGEINT AS low, '{most}1'::VARCHAR AS text")
    assert result.to_pylist() == [{"h": Decimal(most), "low": Decimal(-most), "text": f"{most}1"}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT\n  sum('a'::VARCHAR)", r"line 2, column 3: no function sum\(VARCHAR\); there is sum\("),
        ("SELECT abs('a'::VARCHAR)", r"line 1, column 8: no function abs\(VARCHAR\); .* more"),
        ("SELECT substring(now(), 1)", r"line 1, column 8: .*substring\(TIMESTAMP WITH TIME ZONE, INTEGER\)"),
    ],
)
def test_a_function_that_does_not_fit_is_named_with_its_place_and_types(
    workers: QueryWorkers, sql: str, message: str
) -> None:
    with pytest.raises(QueryFailed, match=f"the query has no answer: {message}.*: CAST the arguments, or use another"):
        rows(workers, {}, sql)


def test_an_operator_that_does_not_fit_is_named_with_its_place_and_types(workers: QueryWorkers) -> None:
    message = "line 1, column 21: no operator + takes VARCHAR and DATE: CAST one of them"
    with pytest.raises(QueryFailed, match=re.escape(message)):
        rows(workers, {}, "SELECT 'a'::VARCHAR + DATE '2026-01-01'")


def test_names_come_once_each(workers: QueryWorkers, tables: Tables) -> None:
    sql = (
        "SELECT a.order_id, b.order_id, 1 AS order_id_1 FROM orders_fact a JOIN orders_fact b USING (order_id) LIMIT 1"
    )
    assert rows(workers, tables, sql).schema.names == ["order_id", "order_id_2", "order_id_1"]


def test_no_rows_have_columns_all_the_same(workers: QueryWorkers, tables: Tables) -> None:
    assert rows(workers, tables, "SELECT email FROM orders_fact WHERE false").schema == pa.schema(
        [("email", pa.string())]
    )


def test_rows_beyond_the_bound_are_not_computed_and_told(workers: QueryWorkers) -> None:
    bounds = Bounds(30.0, 70_000, 64)
    stream = RowStream(workers, {}, "SELECT x FROM range(100000000000) r(x)", bounds)
    assert sum(batch.num_rows for batch in stream) == bounds.rows
    assert stream.more
    exact = RowStream(workers, {}, "SELECT x FROM range(70000) r(x)", bounds)
    assert sum(batch.num_rows for batch in exact) == bounds.rows
    assert not exact.more


def test_a_result_that_is_too_large_is_stopped(workers: QueryWorkers) -> None:
    sql = "SELECT repeat('x', 1000) FROM range(1000000)"
    with pytest.raises(QueryFailed, match="larger than 8 MiB"):
        rows(workers, {}, sql, Bounds(30.0, 1_000_000, 8))
    with pytest.raises(QueryFailed, match="a row is larger than 32 MiB"):
        rows(workers, {}, "SELECT repeat('x', 40000000)", ROOMY)


def test_wide_rows_come_in_several_frames(workers: QueryWorkers) -> None:
    result = rows(workers, {}, "SELECT repeat('x', 1000000) AS x FROM range(50)")
    assert (result.num_rows, result.nbytes > 50_000_000) == (50, True)


@pytest.mark.long
def test_what_takes_too_long_is_killed_and_the_next_query_runs(workers: QueryWorkers, tables: Tables) -> None:
    bombs = [
        "SELECT count(*) FROM range(1000000000000) r(x) WHERE x % 7 = 3 AND md5(x::VARCHAR) = 'no'",
        "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
        "SELECT x FROM range(1000000000000) r(x) WHERE md5(x::VARCHAR) = 'no' OR x < 9",
    ]
    for bomb in bombs:
        start = time.monotonic()
        with pytest.raises(QueryFailed, match=r"stopped: the query did not finish in 0\.5 seconds") as failure:
            rows(workers, tables, bomb, Bounds(0.5, 100, 64))
        assert time.monotonic() - start < 15
        assert "query_seconds" in str(failure.value.hint)
    assert rows(workers, tables, "SELECT count(*) AS n FROM orders_fact").to_pylist() == [{"n": 4}]


@pytest.mark.long
def test_time_in_which_nobody_takes_rows_is_not_the_querys(workers: QueryWorkers) -> None:
    stream = RowStream(workers, {}, "SELECT x, repeat('x', 100) FROM range(200000) r(x)", Bounds(1.5, 200_000, 512))
    taken = iter(stream)
    next(taken)
    time.sleep(1.6)
    assert sum(batch.num_rows for batch in taken) > 100_000


def test_what_takes_too_much_memory_is_stopped(workers: QueryWorkers) -> None:
    for bomb in ("SELECT len(list(x)) FROM range(300000000) r(x)", "SELECT x FROM range(300000000) r(x) ORDER BY -x"):
        with pytest.raises(QueryFailed, match=r"memory limit (is|of) 512 MiB"):
            rows(workers, {}, bomb)


def test_an_error_quotes_no_value_wherever_it_strikes(workers: QueryWorkers, tables: Tables) -> None:
    late = "FROM range(1000000) r(x), (SELECT max(email) AS email FROM orders_fact)"
    for sql in (
        "SELECT error(email) FROM orders_fact",
        "SELECT email::INTEGER FROM orders_fact",
        f"SELECT CASE WHEN x = 999999 THEN error(email) ELSE 'fine' END {late}",
        f"SELECT CASE WHEN x = 999999 THEN (email || ' to SECRET')::INTEGER ELSE 1 END {late}",
    ):
        with pytest.raises(QueryFailed) as failure:
            rows(workers, tables, sql)
        for value in ("x.org", "nobody", "SECRET"):
            assert value not in str(failure.value)
    with pytest.raises(QueryFailed, match=r'there is no column "nothing"'):
        rows(workers, tables, "SELECT nothing FROM orders_fact")


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_reads_nothing(workers: QueryWorkers, tables: Tables, tmp_path: Path, sql: str) -> None:
    staged = tables[("orders_fact",)].files[0].replace("'", "''")
    with pytest.raises(QueryFailed):
        rows(workers, tables, sql.format(staged=staged, other=tmp_path / "other.parquet", new=tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_a_mask_holds_in_every_expression(workers: QueryWorkers, tables: Tables, tmp_path: Path) -> None:
    view = TableView(dict.fromkeys(["email", "total_amount"], REDACT))
    views = {key: replace(source, view=view) for key, source in tables.items()}

    def masked(sql: str) -> list[dict[str, object]]:
        return [row for batch in RowStream(workers, views, sql, ROOMY) for row in batch.to_pylist()]

    result = masked("SELECT DISTINCT email, total_amount, upper(email) AS up, length(email) AS len FROM orders_fact")
    assert result == [{"email": "***", "total_amount": None, "up": "***", "len": 3}]
    assert masked("SELECT count(*) AS n FROM orders_fact WHERE email = 'nobody' OR total_amount > 0") == [{"n": 0}]
    assert masked("SELECT max(total_amount) AS m, typeof(max(total_amount)) AS t FROM orders_fact") == [
        {"m": None, "t": "DOUBLE"}
    ]
    assert masked("SELECT order_id FROM orders_fact ORDER BY total_amount, order_id LIMIT 1") == [{"order_id": 1}]


def test_encrypted_columns_are_decrypted_or_masked_without_a_key(workers: QueryWorkers, tmp_path: Path) -> None:
    people = sealed(tmp_path / "people.parquet", KEYS)
    tables = {("people",): people}
    assert rows(workers, tables, "SELECT email FROM people").column("email").to_pylist() == list(EMAILS)
    keyless = {("people",): type(people)(people.files, people.schema, people.encrypted)}
    masked = {("people",): replace(keyless[("people",)], view=TableView({"email": REDACT}))}
    stream = RowStream(workers, masked, "SELECT DISTINCT email FROM people", ROOMY)
    assert [row for batch in stream for row in batch.to_pylist()] == [{"email": "***"}]
    with pytest.raises(QueryFailed, match="the encrypted email cannot be read") as failure:
        rows(workers, keyless, "SELECT email FROM people")
    assert all(key.hex() not in str(failure.value) for key in KEYS.values())


def test_a_file_that_is_gone_is_told_as_such(workers: QueryWorkers, tmp_path: Path) -> None:
    missing = {("t",): source(tmp_path / "t.parquet", pa.table({"n": [1]}))}
    (tmp_path / "t.parquet").unlink()
    with pytest.raises(StorageFailed, match=r"t\.parquet"):
        rows(workers, missing, "SELECT * FROM t")


def test_one_process_serves_query_after_query_and_two_serve_two(workers: QueryWorkers) -> None:
    first = RowStream(workers, {}, "SELECT 1 AS x", ROOMY)
    second = RowStream(workers, {}, "SELECT 2 AS x", ROOMY)
    pids = [first._connection.pid, second._connection.pid]
    assert None not in pids
    assert pids[0] != pids[1]
    assert [batch.to_pylist() for stream in (second, first) for batch in stream] == [[{"x": 2}], [{"x": 1}]]
    assert RowStream(workers, {}, "SELECT 3 AS x", ROOMY)._connection.pid in pids


@pytest.mark.long
def test_a_result_that_is_closed_or_forgotten_leaves_no_process(workers: QueryWorkers) -> None:
    endless = "SELECT x FROM range(1000000000) r(x)"
    closed = RowStream(workers, {}, endless, ROOMY)
    pid = closed._connection.pid
    assert pid is not None
    closed.close()
    assert gone(pid)
    forgotten = RowStream(workers, {}, endless, ROOMY)
    pid = forgotten._connection.pid
    assert pid is not None
    del forgotten
    gc.collect()
    assert gone(pid)


def test_threads_share_the_workers(workers: QueryWorkers, tables: Tables) -> None:
    results: dict[int, object] = {}

    def run(number: int) -> None:
        results[number] = rows(workers, tables, f"SELECT {number} AS n, count(*) AS c FROM orders_fact").to_pylist()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [{"n": number, "c": 4}] for number in range(3)}


def frame(table: pa.Table, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


HONEST = pa.table({"x": [1, 2], "s": ["a", "b"]})


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_compressed_frame_is_refused_before_it_is_unpacked(codec: str) -> None:
    with pytest.raises(ValueError, match="compressed"):
        batches.read_rows(frame(HONEST, compression=codec))


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"x": pa.array(["a"]).dictionary_encode()}),
        pa.table({"x": pa.array(["a"], pa.string_view())}),
        pa.table({"x": pa.array([[1, 2]], pa.list_(pa.int64(), 2))}),
    ],
)
def test_types_that_no_child_sends_are_refused(table: pa.Table) -> None:
    with pytest.raises(ValueError, match="no child sends"):
        batches.read_rows(frame(table))


def test_a_frame_that_is_cut_or_bent_never_crashes_the_parent() -> None:
    honest = frame(HONEST)
    assert batches.read_rows(honest) == HONEST
    for length in range(0, len(honest), 7):
        for bad in (honest[:length], honest[:length] + b"\xff" * 8 + honest[length + 8 :]):
            try:
                batches.read_rows(bad).to_pylist()
            except (pa.ArrowException, ValueError, OSError):
                continue


def test_a_worker_that_died_while_idle_gets_a_successor(tables: Tables) -> None:
    workers = QueryWorkers(memory_limit_mb=512, threads=1)
    first = RowStream(workers, tables, "SELECT count(*) AS n FROM orders_fact", ROOMY)
    pid = first._connection.pid
    assert [batch.to_pylist() for batch in first] == [[{"n": 4}]]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert rows(workers, tables, "SELECT count(*) AS n FROM orders_fact").to_pylist() == [{"n": 4}]
    workers.close()


def test_closing_the_workers_ends_idle_and_busy_ones(tables: Tables) -> None:
    workers = QueryWorkers(memory_limit_mb=512, threads=1)
    busy = RowStream(workers, {}, "SELECT x FROM range(1000000000) r(x)", ROOMY)
    rows(workers, tables, "SELECT 1 AS x")
    pids = [busy._connection.pid, workers._idle.pid if workers._idle else None]
    workers.close()
    assert None not in pids
    assert all(gone(pid) for pid in pids if pid is not None)
    with pytest.raises(QueryFailed, match="ended before all its rows were read"):
        list(busy)


FORK = """
import os
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.engine.worker.stream import Bounds, RowStream
workers, bounds = QueryWorkers(memory_limit_mb=512, threads=1), Bounds(30.0, 100, 64)
def ask(number):
    stream = RowStream(workers, {}, f"SELECT {number} AS x", bounds)
    return [row["x"] for batch in stream for row in batch.to_pylist()], stream._connection.pid
rows, theirs = ask(1)
assert rows == [1]
child = os.fork()
if child == 0:
    rows, mine = ask(2)
    workers.close()
    os._exit(0 if rows == [2] and mine != theirs else 1)
assert os.waitpid(child, 0)[1] == 0
assert ask(3) == ([3], theirs)
"""


@pytest.mark.long
def test_a_forked_process_gets_workers_of_its_own() -> None:
    assert subprocess.run([sys.executable, "-W", "error", "-c", FORK], timeout=60).returncode == 0


def test_wide_rows_come_in_small_frames(workers: QueryWorkers) -> None:
    sql = "SELECT repeat('x', 2000) || range AS wide FROM range(20000)"
    stream = RowStream(workers, {}, sql, ROOMY)
    sizes = [(batch.num_rows, batch.nbytes) for batch in stream]
    assert sum(count for count, _ in sizes) == 20_000
    assert max(size for _, size in sizes) <= 4 * 1024 * 1024
