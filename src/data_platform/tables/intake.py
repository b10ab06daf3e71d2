"""Whatever a team hands to publish, as one stream of record batches.

Accepted: anything with the Arrow PyCapsule interface (pyarrow, polars, pandas, DuckDB, our DataFrame), a list of
dicts, or a path to Parquet (a file or a folder of files), CSV, JSON lines. Streams stay streams; text files of which
the contract is known are read as text and judged by the contract, so that `007` in a text column stays `007`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.json as pj
import pyarrow.parquet as pq

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.arrow import to_arrow
from data_platform.spec.types import TableSchema

BATCH_ROWS = 131_072
_NULL_WORDS = ["", "NULL"]
_JSON_BLOCK = 32 * 1024 * 1024
_ACCEPTED = "hand in a table (pyarrow, polars, pandas, DuckDB), a list of dicts, or a path to .parquet, .csv, .jsonl"


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
    if hasattr(data, "collect") and hasattr(data, "lazy") and not hasattr(data, "__arrow_c_stream__"):
        data = data.collect()
    if isinstance(data, pa.Table):
        return Intake(data.schema, data.to_reader(max_chunksize=BATCH_ROWS))
    if hasattr(data, "__arrow_c_stream__"):
        with _readable("the table"):
            reader = pa.RecordBatchReader.from_stream(data)
        return Intake(reader.schema, _guarded(reader, "the table"))
    if hasattr(data, "__arrow_c_array__"):
        batch = pa.record_batch(data)
        return Intake(batch.schema, [batch])
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return _open_rows(data, contract)
    raise UnreadableData(f"{type(data).__name__} cannot be read as a table", hint=_ACCEPTED)


def _open_path(path: Path, contract: TableSchema | None) -> Intake:
    if not path.exists():
        raise UnreadableData(f"{path}: no such file", hint=_ACCEPTED)
    name = path.name.removesuffix(".gz")
    if path.is_dir():
        return _open_parquet(sorted(path.glob("*.parquet")), path)
    for suffixes, opener in _OPENERS.items():
        if name.lower().endswith(suffixes):
            with _readable(path):
                return opener(path, contract)
    raise UnreadableData(f"{path}: cannot tell the format from the name", hint=_ACCEPTED)


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


def _open_csv(path: Path, contract: TableSchema | None) -> Intake:
    if contract is None:
        options = pc.ConvertOptions(null_values=_NULL_WORDS, strings_can_be_null=True, quoted_strings_can_be_null=False)
        table = pc.read_csv(path, convert_options=options)
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    with pc.open_csv(path) as peek:
        names = peek.schema.names
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_NULL_WORDS,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    reader = pc.open_csv(path, convert_options=options)
    return Intake(reader.schema, _guarded(reader, path), untyped=True)


def _open_json(path: Path, contract: TableSchema | None) -> Intake:
    with path.open("rb") as file:
        if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            return _open_rows(_json_array(path), contract)
    options = pj.ReadOptions(block_size=_JSON_BLOCK)
    if contract is None:
        table = pj.read_json(path, read_options=options)
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    wanted = [field for field in to_arrow(contract) if not _known_to_json(field.type)]
    text = pa.schema([pa.field(field.name, pa.string()) for field in wanted])
    parsing = pj.ParseOptions(explicit_schema=text, unexpected_field_behavior="infer")
    reader = pj.open_json(path, read_options=options, parse_options=parsing)
    return Intake(reader.schema, _guarded(reader, path), untyped=True)


def _known_to_json(kind: pa.DataType) -> bool:
    """Whether JSON itself says the type; the rest is read as text and judged by the contract."""
    return pa.types.is_nested(kind) or any(
        test(kind) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    )


def _json_array(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableData(f"{path}: not JSON: {error}") from error
    return rows if isinstance(rows, list) else [rows]


_OPENERS: dict[tuple[str, ...], Callable[[Path, TableSchema | None], Intake]] = {
    (".parquet", ".pq"): lambda path, _: _open_parquet([path], path),
    (".csv",): _open_csv,
    (".jsonl", ".ndjson", ".json"): _open_json,
}


def _open_rows(rows: Sequence[Any], contract: TableSchema | None) -> Intake:
    odd = next((number for number, row in enumerate(rows, 1) if not isinstance(row, Mapping)), None)
    if odd is not None:
        raise UnreadableData(f"row {odd} is {type(rows[odd - 1]).__name__}, not a dict", hint=_ACCEPTED)
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
    except (pa.ArrowException, UnicodeDecodeError) as error:
        _unreadable(what, error)
    except OSError as error:
        _unreadable(what, error)


def _unreadable(what: object, error: BaseException) -> NoReturn:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    raise UnreadableData(f"{what} cannot be read: {reason[:300]}") from error
