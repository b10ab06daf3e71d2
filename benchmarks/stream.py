"""A streamed publish of several GB: what it takes at most, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.measure import Figure

PRODUCT = "name: stream\ndomain: bench\nowner: bench@example.org\noutputs:\n  - name: rows\n    type: table\n"
BATCH = 131_072
COLUMNS = 8


def figures(folder: Path, gigabytes: float) -> Iterator[Figure]:
    (folder / "product.yaml").write_text(PRODUCT)
    (folder / "home").mkdir()
    command = [sys.executable, "-m", "benchmarks.stream", str(folder), str(gigabytes)]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ)).stdout)
    told = f"{peak / 1e6:.0f} MB"
    yield Figure(f"streaming publish of {gigabytes:g} GB", "peak memory", "≤ 500 MB", told, peak <= 500e6)


def _batches(gigabytes: float) -> Iterator[pa.RecordBatch]:
    rng = np.random.default_rng(3)
    for _ in range(int(gigabytes * 1e9 / (BATCH * COLUMNS * 8))):
        yield pa.record_batch({f"c{at}": rng.integers(0, 1 << 40, BATCH) for at in range(COLUMNS)})


def _publish(folder: Path, gigabytes: float) -> None:
    from data_platform import DataProduct, Platform

    schema = pa.schema([(f"c{at}", pa.int64()) for at in range(COLUMNS)])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(gigabytes))
    with Platform.open(folder / "home") as platform:
        DataProduct(folder, platform).publish("rows", reader)
    # getrusage would tell the parent's peak too, which a child inherits
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(int(peak) * 1024)


if __name__ == "__main__":
    _publish(Path(sys.argv[1]), float(sys.argv[2]))
