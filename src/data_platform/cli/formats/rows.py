"""Rows in the formats that `consume` and `sql` write; all but the table are streamed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from data_platform.cli.console.console import Paper, PlainPaper
from data_platform.cli.console.json import dumped, plain
from data_platform.cli.console.text import clean_lines, datum
from data_platform.engine.export import refuse_beyond_python
from data_platform.errors import BadInput, FrameError


class Rows(Protocol):
    """A frame, or a query's result."""

    def to_batches(self) -> pa.RecordBatchReader:
        """The rows as a stream."""

    def to_arrow(self) -> pa.Table:
        """The rows at once."""


Write = Callable[[Rows, BinaryIO], None]


def write_csv(rows: Rows, out: BinaryIO) -> None:
    """CSV that `publish` reads back: no value is nothing at all, empty text is `""`; nested values are JSON text."""
    reader = _with_text(rows.to_batches(), lambda kind: pa.types.is_nested(kind) or _is_binary(kind))
    with pc.CSVWriter(out, reader.schema) as writer:
        for batch in _checked(reader):
            writer.write_batch(batch)


def write_json(rows: Rows, out: BinaryIO) -> None:
    """One array of objects, a row a line."""
    before = b"[\n  "
    for row in _objects(rows):
        out.write(before + dumped(row).encode())
        before = b",\n  "
    out.write(b"\n]\n" if before.startswith(b",") else b"[]\n")


def write_parquet(rows: Rows, out: BinaryIO) -> None:
    """Parquet, compressed by zstd and not encrypted: what was PII is PII in the clear; intervals are text."""
    reader = _with_text(rows.to_batches())
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def write_plain_table(rows: Rows, out: BinaryIO) -> None:
    """A table of all rows, whole and uncut."""
    drawn = io.StringIO()
    draw_table(PlainPaper(drawn), rows.to_arrow())
    out.write(drawn.getvalue().encode())


WRITERS: dict[str, Write] = {
    "table": write_plain_table,
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def draw_table(paper: Paper, table: pa.Table) -> int:
    """The rows as a table; how many columns were left out for want of room, on a terminal."""
    _refuse_unwritable(table)
    return paper.data(table.column_names, [_values(column) for column in table.columns], show=datum)


def cleaned(write: Write, rows: Rows) -> str:
    """What `write` writes as text that a terminal can bear; it is held in memory as a whole."""
    held = io.BytesIO()
    write(rows, held)
    return clean_lines(held.getvalue().decode())


def _objects(rows: Rows) -> Iterator[dict[str, object]]:
    reader = rows.to_batches()
    whole = [field.name for field in reader.schema if pa.types.is_decimal(field.type) and field.type.scale == 0]
    for batch in _checked(reader):
        for row in _values(batch):
            # a sum of whole numbers is a decimal in SQL; JSON has numbers for it, and no digit is lost
            yield row | {name: int(row[name]) for name in whole if row[name] is not None}


def _with_text(
    reader: pa.RecordBatchReader, is_text: Callable[[pa.DataType], bool] = lambda kind: False
) -> pa.RecordBatchReader:
    """The same rows; what `is_text` says, and what holds an interval, which neither format knows, is text."""
    texts = [is_text(kind) or _has_interval(kind) for kind in reader.schema.types]
    fields = [pa.field(f.name, pa.string()) if text else f for f, text in zip(reader.schema, texts, strict=True)]
    schema = pa.schema(fields)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [_as_text(array) if text else array for array, text in zip(batch.columns, texts, strict=True)]
            yield pa.record_batch(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _has_interval(kind: pa.DataType) -> bool:
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    return bool(pa.types.is_interval(kind)) or any(map(_has_interval, inner))


def _as_text(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _plain_text(value) for value in _values(array)], pa.string())


def _checked(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches; BadInput for a date or time that only Arrow and Parquet can hold."""
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


_PARQUET = "--format parquet keeps it; in SQL, CAST(… AS VARCHAR) makes it text"


def _values(rows: pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray) -> list[Any]:
    """The values as Python has them; BadInput for a moment that it cannot hold."""
    try:
        found: list[Any] = rows.to_pylist()
    except (OverflowError, ValueError) as error:
        raise BadInput(
            "a date or time cannot be written so: it lies outside the years 1 to 9999, or is finer than microseconds",
            hint=_PARQUET,
        ) from error
    return found


def _plain_text(value: object) -> str:
    text = plain(value)
    return text if isinstance(text, str) else dumped(value)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
