"""Chooses the reader of data by its type, or of a file by its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_platform.errors import Mismatch, UnreadableData
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.paths import suggest_near_path
from data_platform.tables.intake.csv.text import open_csv
from data_platform.tables.intake.folders import PARQUET, require_file
from data_platform.tables.intake.format_detection import find_other_format
from data_platform.tables.intake.frames.arrow import open_batch, open_batches, open_stream, open_table
from data_platform.tables.intake.frames.duckdb import open_relation
from data_platform.tables.intake.frames.pandas import open_pandas
from data_platform.tables.intake.frames.polars import open_polars
from data_platform.tables.intake.json.text import open_json
from data_platform.tables.intake.library_errors import guard_reading
from data_platform.tables.intake.parquet import open_folder, open_parquet_file
from data_platform.tables.intake.row_limit import LARGEST_ROW
from data_platform.tables.intake.rows import open_rows
from data_platform.tables.intake.spooling import open_text_stream
from data_platform.tables.intake.stream import (
    ACCEPTED,
    FILES,
    BatchStream,
    Intake,
    require_inferable,
    require_unused,
)
from data_platform.tables.intake.text_source import TextStream


def open_data(
    data: Any,
    contract: TableSchema | None,
    options: ReadOptions = STANDARD,
    misfits: list[Mismatch] | None = None,
    protected: Collection[str] = (),
    row_limit: int = LARGEST_ROW,
) -> Intake:
    """Opens `data`; raises UnreadableData if it is no table, now or while its batches are read.

    `options` describe the format of a text file; BadInput if they are given for other data. Raises SchemaMismatch for
    a column that no table can represent exactly. The caller closes the intake.

    With `misfits`, values of a text file that do not fit its contract are not refused here. They are left for the cast
    to refuse, or added to `misfits` while the batches are read, and replaced by null.

    Without a contract, errors show no value of the columns named in `protected`, nor values nested in them.

    Raises TooLarge for a row of a text file with more than `row_limit` bytes.
    """
    intake = _open(data, contract, options, misfits, protected, row_limit)
    if contract is None:
        require_inferable(len(intake.schema), "the data")
    return intake


def _open(
    data: Any,
    contract: TableSchema | None,
    options: ReadOptions,
    misfits: list[Mismatch] | None,
    protected: Collection[str],
    row_limit: int,
) -> Intake:
    if isinstance(data, str | Path):
        path = Path(data)
        return replace(_open_path(path, contract, options, misfits, row_limit), file=quote_text(path.name, 100))
    if isinstance(data, TextStream):
        return open_text_stream(data, contract, options, row_limit)
    if isinstance(data, BatchStream):
        return open_batches(data, contract, options)
    require_unused(options, "a table")
    if isinstance(data, pa.Table):
        return open_table(data)
    for library, name, opener in _FRAMES:
        module = sys.modules.get(library)
        if module is not None and isinstance(data, getattr(module, name, ())):  # another thread may be importing it
            return opener(data, contract, protected)
    if hasattr(data, "__arrow_c_stream__"):
        return open_stream(data)
    if hasattr(data, "__arrow_c_array__"):
        return open_batch(data)
    if isinstance(data, Iterable) and not isinstance(data, bytes | bytearray | Mapping):
        return open_rows(data, contract, protected=protected)
    raise UnreadableData(f"{type(data).__name__} cannot be read as a table", hint=ACCEPTED)


def _open_lazy_frame(frame: Any) -> Intake:
    with guard_reading("the frame"):
        collected = frame.collect()
    return open_polars(collected)


_FRAMES: tuple[tuple[str, str, Callable[[Any, TableSchema | None, Collection[str]], Intake]], ...] = (
    ("polars", "LazyFrame", lambda frame, *_: _open_lazy_frame(frame)),
    ("polars", "DataFrame", lambda frame, *_: open_polars(frame)),
    ("pandas", "DataFrame", open_pandas),
    ("duckdb", "DuckDBPyRelation", lambda relation, *_: open_relation(relation)),
)
"""The frames with their own readers; a library counts only if it is loaded."""


def _open_parquet(
    path: Path, contract: TableSchema | None, options: ReadOptions, _: list[Mismatch] | None, row_limit: int
) -> Intake:
    require_unused(options, "a parquet file")
    return open_parquet_file(path, contract)


def _open_path(
    path: Path,
    contract: TableSchema | None,
    options: ReadOptions,
    misfits: list[Mismatch] | None,
    row_limit: int,
) -> Intake:
    place = quote_text(str(path), 200)
    with guard_reading(place):
        if not path.exists():
            raise UnreadableData(f"{place}: no such file", hint=suggest_near_path(path) or FILES)
        if path.is_dir():
            require_unused(options, "a folder")
            return open_folder(path, contract)
        require_file(path, place)
    name = path.name.removesuffix(".gz")
    for suffixes, opener in _OPENERS.items():
        if name.lower().endswith(suffixes):
            with guard_reading(path):
                return opener(path, contract, options, misfits, row_limit)
    if other := find_other_format(name):
        raise UnreadableData(f"{place} is {other[0]}, a format that is not supported", hint=other[1])
    raise UnreadableData(f"{path}: the format is not clear from the name", hint=FILES)


_Opener = Callable[[Path, TableSchema | None, ReadOptions, list[Mismatch] | None, int], Intake]
_OPENERS: dict[tuple[str, ...], _Opener] = {
    PARQUET: _open_parquet,
    (".csv",): open_csv,
    (".jsonl", ".ndjson", ".json"): open_json,
}
