"""Writes rows in the formats of `consume` and `sql`; all formats except the table are streamed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from data_platform.cli.console.console import Console, PlainConsole
from data_platform.cli.console.json import dump_json, to_json_value
from data_platform.cli.console.text import clean_lines, format_datum
from data_platform.engine.export import refuse_beyond_python
from data_platform.errors import BadInput, FrameError


class Rows(Protocol):
    """A frame, or the result of a query."""

    def to_batches(self) -> pa.RecordBatchReader:
        """Returns the rows as a stream."""

    def to_arrow(self) -> pa.Table:
        """Returns the rows as a table."""


Write = Callable[[Rows, BinaryIO], None]


def write_csv(rows: Rows, out: BinaryIO) -> None:
    """Writes CSV that `publish` can read: null is empty, empty text is `""`; nested values are JSON text."""
    reader = _with_text(rows.to_batches(), lambda kind: pa.types.is_nested(kind) or _is_binary(kind))
    with pc.CSVWriter(out, reader.schema) as writer:
        for batch in _check_batches(reader):
            writer.write_batch(batch)


def write_json(rows: Rows, out: BinaryIO) -> None:
    """Writes one array of objects, one row per line."""
    before = b"[\n  "
    for row in _read_objects(rows):
        out.write(before + dump_json(row).encode())
        before = b",\n  "
    out.write(b"\n]\n" if before.startswith(b",") else b"[]\n")


def write_parquet(rows: Rows, out: BinaryIO) -> None:
    """Writes Parquet, compressed with zstd and not encrypted: PII is in clear text; intervals are text."""
    reader = _with_text(rows.to_batches())
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def write_plain_table(rows: Rows, out: BinaryIO) -> None:
    """Writes a table of all rows, without truncation."""
    drawn = io.StringIO()
    draw_table(PlainConsole(drawn), rows.to_arrow())
    out.write(drawn.getvalue().encode())


WRITERS: dict[str, Write] = {
    "table": write_plain_table,
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def draw_table(console: Console, table: pa.Table) -> int:
    """Draws the rows as a table; returns the number of columns that did not fit on a terminal."""
    _refuse_unwritable(table)
    return console.write_data(table.column_names, [_read_values(column) for column in table.columns], show=format_datum)


def render_clean_text(write: Write, rows: Rows) -> str:
    """Returns the output of `write` as text without hidden characters; it is buffered in memory."""
    buffer = io.BytesIO()
    write(rows, buffer)
    return clean_lines(buffer.getvalue().decode())


def _read_objects(rows: Rows) -> Iterator[dict[str, object]]:
    reader = rows.to_batches()
    whole = [field.name for field in reader.schema if pa.types.is_decimal(field.type) and field.type.scale == 0]
    for batch in _check_batches(reader):
        for row in _read_values(batch):
            # a sum of integers is a decimal in SQL; as a JSON number it loses no digit
            yield row | {name: int(row[name]) for name in whole if row[name] is not None}


def _with_text(
    reader: pa.RecordBatchReader, is_text: Callable[[pa.DataType], bool] = lambda kind: False
) -> pa.RecordBatchReader:
    """Converts the columns that `is_text` selects to text, and columns with intervals, which both formats lack."""
    texts = [is_text(kind) or _has_interval(kind) for kind in reader.schema.types]
    fields = [pa.field(f.name, pa.string()) if text else f for f, text in zip(reader.schema, texts, strict=True)]
    schema = pa.schema(fields)

    def convert_batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [
                _convert_to_text(array) if text else array for array, text in zip(batch.columns, texts, strict=True)
            ]
            yield pa.record_batch(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, convert_batches())


def _has_interval(kind: pa.DataType) -> bool:
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    return bool(pa.types.is_interval(kind)) or any(map(_has_interval, inner))


def _convert_to_text(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _format_text(value) for value in _read_values(array)], pa.string())


def _check_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yields the batches. Raises BadInput for a date or time that only Arrow and Parquet can represent."""
    rows = 0
    for batch in reader:
        _refuse_unwritable(batch, rows)
        rows += batch.num_rows
        yield batch


def _refuse_unwritable(rows: pa.Table | pa.RecordBatch, before: int = 0) -> None:
    try:
        refuse_beyond_python(rows, before)
    except FrameError as error:
        raise BadInput(error.message, hint=_PARQUET) from None


_PARQUET = "use --format parquet; or in SQL, convert it to text with CAST(… AS VARCHAR)"


def _read_values(rows: pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray) -> list[Any]:
    """Returns the values as Python objects. Raises BadInput for a date or time that Python cannot represent."""
    try:
        values: list[Any] = rows.to_pylist()
    except (OverflowError, ValueError) as error:
        raise BadInput(
            "a date or time is outside the years 1 to 9999, or more precise than microseconds",
            hint=_PARQUET,
        ) from error
    return values


def _format_text(value: object) -> str:
    text = to_json_value(value)
    return text if isinstance(text, str) else dump_json(value)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
