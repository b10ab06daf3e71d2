"""A process that sorts a column which does not fit into its memory: `ROWS MEMORY FOLDER wait|go`.

It prints how much was spilled when the first rows are ready, then waits to be killed, or checks every row.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from data_platform.engine.connection import open_connection
from data_platform.engine.frame import scan

BATCH = 250_000
_FACTOR = 0x9E3779B97F4A7C15F39CC0605CEDC835


def main(rows: int, memory: str, folder: Path, then: str) -> None:
    """Sorts `rows` values; the n-th of them in order begins with its number."""
    with open_connection() as cursor:
        cursor.execute(f"SET memory_limit = '{memory}'")
        cursor.execute("SET threads = 2")
    expected = 0
    for batch in scan(pa.Table.from_batches(_batches(rows)), None).orderBy("email").to_batches():
        if expected == 0:
            print("spilled", sum(file.stat().st_size for file in folder.rglob("*.tmp")), flush=True)
            if then == "wait":
                sys.stdin.read()
        for email in batch.column("email").to_pylist():
            if not email.startswith(f"CANARY-{expected:08d}-"):
                raise AssertionError(f"{email} is at {expected}")
            expected += 1
    print("rows", expected)


def _batches(rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, BATCH):
        numbers = range(start, min(start + BATCH, rows))
        emails = [f"CANARY-{i * 7919 % rows:08d}-{i * _FACTOR % 2**128:032x}" for i in numbers]
        yield pa.record_batch({"id": pa.array(numbers), "email": pa.array(emails)})


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4])
