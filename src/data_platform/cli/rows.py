"""Rows in the formats that `consume` and `sql` write; all but the table are streamed."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from data_platform.cli.as_json import dumped
from data_platform.cli.paper import Paper, PlainPaper
from data_platform.cli.text import clean_lines, datum


class Rows(Protocol):
    """A frame, or a query's result."""

    def to_batches(self) -> pa.RecordBatchReader:
        """The rows as a stream."""

    def to_arrow(self) -> pa.Table:
        """The rows at once."""


Write = Callable[[Rows, BinaryIO], None]


def write_csv(rows: Rows, out: BinaryIO) -> None:
    """CSV that `publish` reads back: no value is nothing at all, empty text is `""`; nested values are JSON text."""
    reader = rows.to_batches()
    texts = [pa.types.is_nested(kind) or _is_binary(kind) for kind in reader.schema.types]
    fields = [pa.field(f.name, pa.string()) if text else f for f, text in zip(reader.schema, texts, strict=True)]
    with pc.CSVWriter(out, pa.schema(fields)) as writer:
        for batch in reader:
            columns = [_as_text(array) if text else array for array, text in zip(batch.columns, texts, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=pa.schema(fields)))


def write_json(rows: Rows, out: BinaryIO) -> None:
    """One array of objects, a row a line."""
    before = b"[\n  "
    for row in _objects(rows):
        out.write(before + dumped(row).encode())
        before = b",\n  "
    out.write(b"\n]\n" if before.startswith(b",") else b"[]\n")


def write_parquet(rows: Rows, out: BinaryIO) -> None:
    """Parquet, compressed by zstd and not encrypted: what was PII is PII in the clear."""
    reader = rows.to_batches()
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


def draw_table(paper: Paper, table: pa.Table) -> None:
    """The rows as a table."""
    columns = [column.to_pylist() for column in table.columns]
    paper.table(table.column_names, list(zip(*columns, strict=True)), show=datum)


def cleaned(write: Write, rows: Rows) -> str:
    """What `write` writes as text that a terminal can bear; it is held in memory as a whole."""
    held = io.BytesIO()
    write(rows, held)
    return clean_lines(held.getvalue().decode())


def _objects(rows: Rows) -> Iterator[dict[str, object]]:
    reader = rows.to_batches()
    whole = [field.name for field in reader.schema if pa.types.is_decimal(field.type) and field.type.scale == 0]
    for batch in reader:
        for row in batch.to_pylist():
            # a sum of whole numbers is a decimal in SQL; JSON has numbers for it, and no digit is lost
            yield row | {name: int(row[name]) for name in whole if row[name] is not None}


def _as_text(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _plain_text(value) for value in array.to_pylist()], pa.string())


def _plain_text(value: object) -> str:
    text = dumped(value)
    return text.strip('"') if isinstance(value, bytes) else text


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
