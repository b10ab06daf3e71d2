"""Large publishes: what they take at most, each in a process of its own, with the process that runs its rules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.data import product_text, rows, schema_text
from benchmarks.measure import Figure

PRODUCT = "name: stream\ndomain: bench\nowner: bench@example.org\noutputs:\n  - name: rows\n    type: table\n"
BATCH = 131_072
COLUMNS = 8


def figures(folder: Path, gigabytes: float, count: int) -> Iterator[Figure]:
    for name in ("stream", "facts"):
        (folder / name / "home").mkdir(parents=True)
    (folder / "stream" / "product.yaml").write_text(PRODUCT)
    yield _measure(f"streaming publish of {gigabytes:g} GB", "publish_stream", folder / "stream", gigabytes)
    (folder / "facts" / "product.yaml").write_text(product_text())
    (folder / "facts" / "facts.json").write_text(schema_text())
    _run("write_facts", folder / "facts", count)
    yield _measure(f"publish {count / 1e6:g}M × 10 from a parquet file, 10 rules", "publish_facts", folder / "facts")


def _measure(work: str, function: str, folder: Path, *arguments: float) -> Figure:
    peak = int(_run(function, folder, *arguments))
    return Figure(work, "peak memory of its processes", "≤ 500 MB", f"{peak / 1e6:.0f} MB", peak <= 500e6)


def _run(function: str, folder: Path, *arguments: float) -> str:
    call = f"from benchmarks.stream import {function}; {function}({str(folder)!r}, {', '.join(map(str, arguments))})"
    return subprocess.run([sys.executable, "-c", call], check=True, capture_output=True, text=True).stdout


def publish_stream(folder: str, gigabytes: float) -> None:
    schema = pa.schema([(f"c{at}", pa.int64()) for at in range(COLUMNS)])
    _publish(folder, "rows", pa.RecordBatchReader.from_batches(schema, _batches(gigabytes)))


def _batches(gigabytes: float) -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(3)
    for _ in range(int(gigabytes * 1e9 / (BATCH * COLUMNS * 8))):
        yield pa.record_batch({f"c{at}": rng.integers(0, 1 << 40, BATCH) for at in range(COLUMNS)})


def write_facts(folder: str, count: int) -> None:
    pq.write_table(rows(count), Path(folder) / "source.parquet", compression="zstd")


def publish_facts(folder: str) -> None:
    _publish(folder, "facts", Path(folder) / "source.parquet")


def _publish(folder: str, output: str, data: object) -> None:
    from data_platform import DataProduct, Platform

    with Platform.open(Path(folder) / "home") as platform:
        DataProduct(folder, platform).publish(output, data)
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        print(sum(map(_read_peak, ("self", *children))))


def _read_peak(process: str) -> int:
    """Bytes; getrusage would tell the parent's peak too, which a child inherits."""
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(peak) * 1024
