"""Chooses how data is opened: by what it is, a file by its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_platform.errors import UnreadableData
from data_platform.spec.names import shown
from data_platform.spec.types import TableSchema
from data_platform.tables.intake.csv_text import open_csv
from data_platform.tables.intake.guard import guard_batches, readable
from data_platform.tables.intake.json_text import open_json
from data_platform.tables.intake.parquet import open_parquet, open_parquet_file
from data_platform.tables.intake.rows import open_rows
from data_platform.tables.intake.sniffing import judge_text
from data_platform.tables.intake.stream import ACCEPTED, BATCH_ROWS, FILES, Intake


def open_data(data: Any, contract: TableSchema | None) -> Intake:
    """Opens `data`; raises UnreadableData when it is no table, now or while its batches are drawn."""
    if isinstance(data, str | Path):
        return _open_path(Path(data), contract)
    with readable("the table"):
        if (polars := sys.modules.get("polars")) and isinstance(data, polars.LazyFrame):
            data = data.collect()
        elif named := [name for name in getattr(getattr(data, "index", None), "names", ()) if name is not None]:
            data = data.reset_index(level=named)  # pandas hands out no index, and a named one is data
    if isinstance(data, pa.Table):
        return Intake(data.schema, data.to_reader(max_chunksize=BATCH_ROWS))
    if hasattr(data, "__arrow_c_stream__"):
        with readable("the table"):
            reader = pa.RecordBatchReader.from_stream(data)
        return Intake(reader.schema, guard_batches(reader, "the table"))
    if hasattr(data, "__arrow_c_array__"):
        with readable("the table"):
            batch = pa.record_batch(data)
        return Intake(batch.schema, [batch])
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return open_rows(data, contract)
    raise UnreadableData(f"{type(data).__name__} cannot be read as a table", hint=ACCEPTED)


def _open_path(path: Path, contract: TableSchema | None) -> Intake:
    place = shown(str(path), 200)
    with readable(place):
        if not path.exists():
            raise UnreadableData(f"{place}: no such file", hint=FILES)
        if path.is_dir():
            return open_parquet(sorted(path.glob("*.parquet")), path)
    name = path.name.removesuffix(".gz")
    for suffixes, opener in _OPENERS.items():
        if name.lower().endswith(suffixes):
            with readable(path):
                if opener is not open_parquet_file:
                    judge_text(path, place)
                return opener(path, contract)
    raise UnreadableData(f"{path}: cannot tell the format from the name", hint=FILES)


_OPENERS: dict[tuple[str, ...], Callable[[Path, TableSchema | None], Intake]] = {
    (".parquet", ".pq"): open_parquet_file,
    (".csv",): open_csv,
    (".jsonl", ".ndjson", ".json"): open_json,
}
