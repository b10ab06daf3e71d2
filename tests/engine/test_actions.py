from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.engine.connection import open_connection
from data_platform.engine.frame import from_table, scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.errors import FrameError, MissingExtra, StorageFailed
from data_platform.functions import col, expr
from data_platform.functions import sum as sum_
from data_platform.spec.display_width import measure_width

ROWS = {"id": [1, 2, 3], "name": ["a", None, "<script>alert(1)</script>\x1b[31m\u202e"]}


@pytest.fixture
def frame(published):
    return published("rows", ROWS)


def test_rows_are_tuples_with_names(frame):
    row = frame.first()
    assert row == (1, "a")
    assert (row.id, row["name"], row[0]) == (1, "a", 1)
    assert row.asDict() == {"id": 1, "name": "a"}
    assert repr(row) == "Row(id=1, name='a')"
    with pytest.raises(FrameError, match="did you mean 'name'"):
        row["nam"]
    with pytest.raises(AttributeError, match="it has id, name"):
        _ = row.nam


def test_heads_and_takes(frame):
    assert frame.head() == (1, "a")
    assert frame.head(2) == frame.take(2) == [(1, "a"), (2, None)]
    assert frame.filter("id > 9").head() is None
    assert not frame.isEmpty()
    with pytest.raises(FrameError, match="counted from 0"):
        frame.limit(-1)


def test_every_library_takes_a_frame(frame):
    assert frame.to_arrow() == pa.table(ROWS)
    assert frame.to_polars().equals(polars.DataFrame(ROWS))
    assert frame.to_pandas()["id"].tolist() == [1, 2, 3]
    assert frame.toPandas().shape == (3, 2)
    assert polars.DataFrame(frame).equals(polars.DataFrame(ROWS))
    assert pa.table(frame) == pa.table(ROWS)
    assert pa.RecordBatchReader.from_stream(frame).read_all() == pa.table(ROWS)
    with duckdb.connect() as connection:
        assert connection.sql("SELECT max(id) FROM frame").fetchall() == [(3,)]


def test_without_pandas_the_error_says_what_to_install(frame, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"pip install '\.\[pandas\]'"):
        frame.to_pandas()


def test_show_draws_a_table_that_no_value_can_break(frame, capsys):
    frame.show(truncate=False)
    output = capsys.readouterr().out
    assert "| id | name " in output
    assert "|  2 | NULL " in output
    assert "\x1b" not in output
    assert "\u202e" not in output
    frame.show(1)
    assert capsys.readouterr().out.endswith("only the first 1 rows\n")
    from_table(pa.table({"ชื่อ": ["สวัสดี", "日本"]})).show()
    assert len({measure_width(line) for line in capsys.readouterr().out.splitlines()}) == 1
    frame.printSchema()
    assert capsys.readouterr().out == "root\n |-- id: bigint\n |-- name: string\n"


def test_the_notebook_s_table_escapes_everything(frame):
    html = frame._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "3 rows × 2 columns" in html
    assert "the first 20 rows" in from_table(pa.table({"x": range(21)}))._repr_html_()


def test_repr_runs_nothing(frame, reads):
    assert repr(frame) == "DataFrame[id: bigint, name: string]"
    assert reads == []


def test_batches_are_as_small_as_asked(published):
    frame = published("many", {"x": list(range(5000))}, files=3)
    batches = list(frame.to_batches(1000))
    assert max(batch.num_rows for batch in batches) <= 1000
    assert pa.Table.from_batches(batches)["x"].to_pylist() == list(range(5000))
    with pytest.raises(FrameError, match="at least one row"):
        frame.to_batches(0)


def test_a_stream_may_be_left_half_read(published):
    frame = published("many", {"x": list(range(100_000))})
    stream = frame.to_batches(1000)
    stream.read_next_batch()
    del stream
    assert frame.count() == 100_000


def test_errors_in_the_midst_of_a_stream_are_told(published):
    frame = published("many", {"x": ["1"] * 5000 + ["x"]})
    with pytest.raises((FrameError, pa.ArrowInvalid, OSError), match="the text 'x' is not of type int"):
        frame.select(col("x").cast("int")).to_batches(100).read_all()


def test_paths_mean_themselves(tmp_path):
    for folder in ("a[b]", "a*", "a?c", "ab", "it's"):
        (tmp_path / folder).mkdir()
        path = str(tmp_path / folder / "x[1]*.parquet")
        pq.write_table(pa.table({"x": [folder]}), path)
        source = ParquetSource((path,), pa.schema([("x", pa.string())]))
        assert scan(source, Origin("product", "p", "o", 1)).collect() == [(folder,)]


def test_folders_named_like_partitions_add_no_column(tmp_path):
    (tmp_path / "x=7").mkdir()
    path = str(tmp_path / "x=7" / "0.parquet")
    pq.write_table(pa.table({"x": [1]}), path)
    frame = scan(ParquetSource((path,), pa.schema([("x", pa.int64())])), Origin("product", "p", "o", 1))
    assert frame.collect() == [(1,)]


def test_chance_is_asked_once_a_row(published):
    drawn = published("many", {"x": list(range(200))}).withColumn("r", expr("rand()"))
    assert drawn.select(col("r"), col("r").alias("again")).filter("r <> again").count() == 0
    kept = drawn.filter("r > 0.5").orderBy("r").to_arrow()["r"].to_pylist()
    assert kept == sorted(kept)
    assert all(value > 0.5 for value in kept)


def test_nothing_is_spilled_where_others_can_read(frame):
    frame.count()
    [[folder]] = open_connection().sql("SELECT value FROM duckdb_settings() WHERE name = 'temp_directory'").fetchall()
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


def test_a_lost_file_is_told(published, tmp_path):
    frame = published("rows", ROWS)
    for file in tmp_path.rglob("*.parquet"):
        file.unlink()
    with pytest.raises(StorageFailed, match="cannot be read"):
        frame.collect()


def test_a_stream_is_read_once():
    table = pa.table({"x": [1, 2]})
    frame = from_table(table.to_reader())
    with pytest.raises(FrameError, match="reads it twice"):
        frame.alias("a").join(frame.alias("b"), "x").collect()
    frame.explain()
    assert frame.filter("x > 1").collect() == [(2,)]
    with pytest.raises(FrameError, match="was read already"):
        frame.count()


@pytest.mark.long
def test_eight_threads_never_mix(published):
    frames = [published("orders", {"id": [1, 2], "v": [n, n]}, version=n) for n in range(1, 9)]
    barrier = threading.Barrier(8)

    def work(number: int) -> set:
        barrier.wait()
        seen = set()
        for _ in range(6):
            frame = frames[number]
            joined = frame.join(frame.groupBy("id").agg(sum_("v").alias("s")), "id").filter(col("v") > 0)
            seen |= {(row.v, row.s) for row in joined.select("v", "s").collect()}
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [{(n, n)} for n in range(1, 9)]


def test_a_forked_process_has_an_engine_of_its_own(frame):
    frame.count()
    child = os.fork()
    if child == 0:
        count = 0
        try:
            count = frame.count()
        finally:
            os._exit(count)  # also after an error: a child must not return into pytest
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


_STREAM = """
import re, sys
from pathlib import Path
import pyarrow as pa
from data_platform.engine.frame import scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
import pyarrow.parquet as pq

def peak():  # getrusage would return the peak of the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

frame = scan(ParquetSource((sys.argv[1],), pq.read_schema(sys.argv[1])), Origin("product", "p", "o", 1), lambda _: None)
frame.limit(1).collect()
before = peak()
rows = sum(batch.num_rows for batch in frame.to_batches())
print(rows, peak() - before)
"""


@pytest.mark.long
def test_streams_stay_memory_bounded(tmp_path):
    path = str(tmp_path / "big.parquet")
    batch = pa.table({f"c{n}": pa.array(range(n, 500_000 + n)) for n in range(6)})
    with pq.ParquetWriter(path, batch.schema) as writer:
        for _ in range(8):
            writer.write_table(batch, row_group_size=100_000)
    out = subprocess.run([sys.executable, "-c", _STREAM, path], capture_output=True, text=True, check=True).stdout
    rows, grown_mb = map(int, out.split())
    assert rows == 4_000_000
    assert grown_mb < 120, "192 MB of rows must not be held at once"


@pytest.mark.parametrize("count", ["x", 1.5, None])
def test_a_number_of_rows_that_is_none_is_an_error_of_ours(count: object) -> None:
    frame = from_table(pa.table({"id": [1, 2]}))
    with pytest.raises(FrameError, match="a number of rows is a whole number, and not"):
        frame.show(count)  # type: ignore[arg-type]
    if count is not None:
        with pytest.raises(FrameError, match="a number of rows is a whole number, and not"):
            frame.limit(count)  # type: ignore[arg-type]
