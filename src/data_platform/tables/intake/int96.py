"""INT96, the timestamp of old writers (Impala, Spark before 3), which counts nanoseconds over a range of many ages.

Arrow reads it in a unit of ours: in microseconds it cuts what is finer, in nanoseconds it lets years outside 1677 to
2262 wrap around. Read in both, each value is either the same, or was cut.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.conversion.leaves import leaves_of


def int96_columns(file: pq.ParquetFile) -> frozenset[str]:
    """The names of the columns that hold INT96, at any depth."""
    leaves = (file.schema.column(number) for number in range(len(file.schema)))
    return frozenset(leaf.path.split(".")[0] for leaf in leaves if leaf.physical_type == "INT96")


def check_int96(
    path: Path, micros: pa.RecordBatch, nanos: pa.RecordBatch, columns: Collection[str], before: int
) -> None:
    """Raises SchemaMismatch for a column whose values were cut; `before` rows were read already."""
    wrong = []
    for name in columns:
        coarse, fine = micros.column(name), nanos.column(name)
        if not _same(coarse, fine):
            row = next(at for at in range(len(coarse)) if not _same(coarse.slice(at, 1), fine.slice(at, 1)))
            what = f"a timestamp in row {before + row + 1:,} has nanoseconds, and a column holds microseconds"
            wrong.append(Mismatch(name, "value", what))
    if wrong:
        raise SchemaMismatch(str(path), wrong)


def _same(coarse: pa.Array, fine: pa.Array) -> bool:
    return all(map(_same_leaf, leaves_of(coarse), leaves_of(fine)))


def _same_leaf(coarse: pa.Array, fine: pa.Array) -> bool:
    if coarse.type == fine.type:
        return True
    scaled = pc.multiply(coarse.view(pa.int64()), 1000)  # unchecked: it wraps around as the other did
    return pc.all(pc.equal(scaled, fine.view(pa.int64()))).as_py() is not False
