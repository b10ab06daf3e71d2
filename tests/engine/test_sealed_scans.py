"""Several scans of one sealed file at once: the locks of pyarrow and of Python must not wait for each other."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.engine.frame import scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import SqlWorker, WorkerQuery
from data_platform.keys.parquet import build_encryption_properties

KEYS = {"p/o": b"f" * 32, "p/o/c": b"c" * 32}
ROUNDS, DEADLINE = 25, 5.0


@pytest.fixture
def sealed(tmp_path: Path) -> ParquetSource:
    path, table = tmp_path / "a.parquet", pa.table({"a": [1, 2, 3], "c": ["x", "y", "z"]})
    properties = build_encryption_properties(KEYS, "p/o", {"p/o/c": ["c"]})
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    return ParquetSource((str(path),), table.schema, frozenset({"c"}), KEYS, 3)


@pytest.fixture
def worker() -> Iterator[SqlWorker]:
    with SqlWorker() as worker:
        yield worker


@pytest.mark.long
def test_rules_over_a_sealed_column_do_not_wait_for_each_other(sealed: ParquetSource, worker: SqlWorker) -> None:
    queries = [WorkerQuery(f"SELECT count(*) FROM t WHERE c <> '{number}'", "scalar") for number in range(6)]
    for _ in range(ROUNDS):
        start = time.monotonic()
        answers = worker.run({("t",): sealed}, queries, deadline=DEADLINE)
        assert [answer.value for answer in answers] == [3] * 6
        assert time.monotonic() - start < DEADLINE, "the worker hung until it was killed"


def test_a_frame_reads_a_sealed_column_several_times_over(sealed: ParquetSource) -> None:
    frame = scan(sealed, Origin("product", "p", "o", 1))
    for _ in range(ROUNDS):
        both = frame.select("c").union(frame.select("c")).union(frame.select("c"))
        assert sorted(row.c for row in both.distinct().collect()) == ["x", "y", "z"]


_ABANDON = """
import sys
import pyarrow as pa
from data_platform.engine.frame import scan
from data_platform.engine.source import ParquetSource
from tests.engine.test_sealed_scans import KEYS

source = ParquetSource((sys.argv[1],), pa.schema([("a", pa.int64()), ("c", pa.string())]), frozenset({"c"}), KEYS)
assert scan(source, None).limit(1).to_arrow().num_rows == 1
"""


@pytest.mark.long
@pytest.mark.parametrize("attempt", range(2))
def test_a_process_that_abandons_a_sealed_scan_ends(tmp_path: Path, attempt: int) -> None:
    """Row groups of a size that is still being read when Python ends."""
    numbers = pa.array(range(600_000))
    table = pa.table({"a": numbers, "c": numbers.cast(pa.string())})
    properties = build_encryption_properties(KEYS, "p/o", {"p/o/c": ["c"]})
    with pq.ParquetWriter(tmp_path / "a.parquet", table.schema, encryption_properties=properties) as writer:
        writer.write_table(table, row_group_size=200_000)
    command = [sys.executable, "-c", _ABANDON, str(tmp_path / "a.parquet")]
    subprocess.run(command, check=True, timeout=30, cwd=Path(__file__).parents[2])
