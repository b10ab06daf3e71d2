"""Whatever a team hands to publish, as one stream of record batches.

Accepted: anything with the Arrow PyCapsule interface (pyarrow, polars, pandas, DuckDB, our DataFrame), a list of
dicts, or a path to Parquet (a file or a folder of files), CSV, JSON lines. Streams stay streams; text files of which
the contract is known are read as text and judged by the contract, so that `007` in a text column stays `007`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.json as pj
import pyarrow.parquet as pq

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.arrow import to_arrow
from data_platform.spec.names import printable, shown
from data_platform.spec.types import TableSchema
from data_platform.tables.inference import with_inferred_types
from data_platform.tables.sniffing import judge_text

BATCH_ROWS = 131_072
_NULL_WORDS = ["", "NULL"]
_JSON_BLOCK = 32 * 1024 * 1024
_FILES = "a file is .parquet, .csv, .json or .jsonl (text may be packed: .gz), or a folder of .parquet"
_ACCEPTED = f"hand in a table (pyarrow, polars, pandas, DuckDB), a list of dicts, or a path; {_FILES}"


@dataclass(frozen=True)
class Intake:
    """Rows on their way in; `untyped` says that the source could not tell a date from text."""

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    untyped: bool = False
    parquet: Path | None = None


def open_data(data: Any, contract: TableSchema | None) -> Intake:
    """Opens `data`; raises UnreadableData when it is no table, now or while its batches are drawn."""
    if isinstance(data, str | Path):
        return _open_path(Path(data), contract)
    with _readable("the table"):
        if (polars := sys.modules.get("polars")) and isinstance(data, polars.LazyFrame):
            data = data.collect()
        elif named := [name for name in getattr(getattr(data, "index", None), "names", ()) if name is not None]:
            data = data.reset_index(level=named)  # pandas hands out no index, and a named one is data
    if isinstance(data, pa.Table):
        return Intake(data.schema, data.to_reader(max_chunksize=BATCH_ROWS))
    if hasattr(data, "__arrow_c_stream__"):
        with _readable("the table"):
            reader = pa.RecordBatchReader.from_stream(data)
        return Intake(reader.schema, _guarded(reader, "the table"))
    if hasattr(data, "__arrow_c_array__"):
        with _readable("the table"):
            batch = pa.record_batch(data)
        return Intake(batch.schema, [batch])
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return _open_rows(data, contract)
    raise UnreadableData(f"{type(data).__name__} cannot be read as a table", hint=_ACCEPTED)


def _open_path(path: Path, contract: TableSchema | None) -> Intake:
    place = shown(str(path), 200)
    with _readable(place):
        if not path.exists():
            raise UnreadableData(f"{place}: no such file", hint=_FILES)
        if path.is_dir():
            return _open_parquet(sorted(path.glob("*.parquet")), path)
    name = path.name.removesuffix(".gz")
    for suffixes, opener in _OPENERS.items():
        if name.lower().endswith(suffixes):
            with _readable(path):
                if opener is not _open_parquet_file:
                    judge_text(path, place)
                return opener(path, contract)
    raise UnreadableData(f"{path}: cannot tell the format from the name", hint=_FILES)


def _open_parquet(paths: Sequence[Path], named: Path) -> Intake:
    if not paths:
        raise UnreadableData(f"{named}: no .parquet file in this folder")
    with _readable(named):
        schema = pq.ParquetFile(paths[0]).schema_arrow

    def batches() -> Iterator[pa.RecordBatch]:
        for path in paths:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                if file.schema_arrow != schema:
                    raise UnreadableData(f"{path}: its columns differ from those of {paths[0].name}")
                yield from file.iter_batches(BATCH_ROWS)

    return Intake(schema, _guarded(batches(), named), parquet=paths[0] if len(paths) == 1 else None)


def _open_parquet_file(path: Path, contract: TableSchema | None) -> Intake:
    return _open_parquet([path], path)


def _open_csv(path: Path, contract: TableSchema | None) -> Intake:
    parsing = pc.ParseOptions(newlines_in_values=True)
    with pc.open_csv(path, parse_options=parsing) as peek:
        names = peek.schema.names
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_NULL_WORDS,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    reader = pc.open_csv(path, parse_options=parsing, convert_options=options)
    if contract is None:
        table = with_inferred_types(reader.read_all())
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    return Intake(reader.schema, _guarded(reader, path), untyped=True)


def _open_json(path: Path, contract: TableSchema | None) -> Intake:
    with path.open("rb") as file:
        if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            return _open_rows(_json_array(path), contract, 'a row is an object such as {"id": 1}')
    options = pj.ReadOptions(block_size=_JSON_BLOCK)
    if contract is None:
        table = pj.read_json(path, read_options=options)
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    told = {field.name: field.with_type(kind) for field in to_arrow(contract) if (kind := _told_to_json(field.type))}
    parsing = pj.ParseOptions(explicit_schema=pa.schema(told.values()), unexpected_field_behavior="infer")
    with pj.open_json(path, read_options=options, parse_options=parsing) as peek:
        first = peek.schema.names
    # the reader knows no field that its first block lacks, so the contract's are told to it
    told |= {f.name: f for f in to_arrow(contract) if f.name not in first and not pa.types.is_nested(f.type)}
    parsing = pj.ParseOptions(explicit_schema=pa.schema(told.values()), unexpected_field_behavior="infer")
    reader = pj.open_json(path, read_options=options, parse_options=parsing)
    return Intake(reader.schema, _guarded(reader, path), untyped=True)


def _told_to_json(kind: pa.DataType) -> pa.DataType | None:
    """As what the reader takes a type that JSON itself cannot say; the contract judges what it then is.

    A decimal may be written as a number, of which no digit is lost in the widest decimal there is.
    """
    if pa.types.is_decimal(kind):
        return pa.decimal256(76, 38)
    known = (pa.types.is_nested, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    return None if any(test(kind) for test in known) else pa.string()


def _json_array(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableData(f"{path}: not JSON: {error}") from error
    return rows if isinstance(rows, list) else [rows]


_OPENERS: dict[tuple[str, ...], Callable[[Path, TableSchema | None], Intake]] = {
    (".parquet", ".pq"): _open_parquet_file,
    (".csv",): _open_csv,
    (".jsonl", ".ndjson", ".json"): _open_json,
}


def _open_rows(rows: Sequence[Any], contract: TableSchema | None, hint: str = _ACCEPTED) -> Intake:
    odd = next((number for number, row in enumerate(rows, 1) if not isinstance(row, Mapping)), None)
    if odd is not None:
        raise UnreadableData(f"row {odd} is {type(rows[odd - 1]).__name__}, not a dict", hint=hint)
    if not rows and contract is not None:
        empty = to_arrow(contract).empty_table()
        return Intake(empty.schema, empty.to_batches())
    names = list(dict.fromkeys(name for row in rows for name in row))
    arrays, wrong = [], []
    for name in names:
        try:
            arrays.append(pa.array([row.get(name) for row in rows]))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            wrong.append(Mismatch(str(name), "type", "its values are of several types, or too large for any"))
    if wrong:
        raise SchemaMismatch("the rows", wrong)
    batch = pa.RecordBatch.from_arrays(arrays, names=[str(name) for name in names])
    return Intake(batch.schema, [batch], untyped=True)


def _guarded(batches: Iterable[pa.RecordBatch], what: object) -> Iterator[pa.RecordBatch]:
    drawn = iter(batches)
    while True:
        with _readable(what):
            batch = next(drawn, None)
        if batch is None:
            return
        yield batch


@contextmanager
def _readable(what: object) -> Iterator[None]:
    try:
        yield
    except _errors() as error:
        raise UnreadableData(f"{what} cannot be read: {_reason(error)}") from error


def _errors() -> tuple[type[Exception], ...]:
    """What tables raise; of a library that nobody has loaded nobody can have handed in one."""
    raised: list[type[Exception]] = [pa.ArrowException, OSError, ValueError, TypeError]
    raised += [polars.exceptions.PolarsError] if (polars := sys.modules.get("polars")) else []
    return (*raised, duckdb.Error) if (duckdb := sys.modules.get("duckdb")) else tuple(raised)


_VALUES = (
    (re.compile(r"\. Detail: .*"), ""),
    (re.compile(r"(['\"`]).*\1"), "…"),
    (re.compile(r"(?<=Could not convert ).*(?= with type)"), "a value"),
    (re.compile(r"(, got \d+): .*"), r"\1"),
)


def _reason(error: BaseException) -> str:
    """Why data could not be read, in one line without the values that such messages quote: they may be personal."""
    text = " ".join(map(str, error.args)) if isinstance(error, pa.ArrowException) else str(error)
    reason = (text.splitlines() or [""])[0]
    for pattern, instead in _VALUES:
        reason = pattern.sub(instead, reason)
    return printable(reason[:300]) or type(error).__name__
