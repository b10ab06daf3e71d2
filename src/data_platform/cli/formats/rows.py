"""Writes rows in the formats of `consume` and `sql`; all formats except the table are streamed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.cli.console.console import Console, PlainConsole
from data_platform.cli.console.text import clean_lines, format_datum
from data_platform.engine.csv_text import write_csv_chunks
from data_platform.engine.row_text import convert_columns, read_objects, read_values
from data_platform.spec.text.json_values import dump_json


class Rows(Protocol):
    """A frame, or the result of a query."""

    def to_batches(self) -> pa.RecordBatchReader:
        """Returns the rows as a stream."""

    def to_arrow(self) -> pa.Table:
        """Returns the rows as a table."""


Write = Callable[[Rows, BinaryIO], None]


def write_csv(rows: Rows, out: BinaryIO) -> None:
    """Writes CSV that `publish` can read: null is empty, empty text is `""`; nested values are JSON text."""
    for chunk in write_csv_chunks(rows.to_batches()):
        out.write(chunk)


def write_json(rows: Rows, out: BinaryIO) -> None:
    """Writes one array of objects, one row per line."""
    before = b"[\n  "
    for row in read_objects(rows.to_batches()):
        out.write(before + dump_json(row).encode())
        before = b",\n  "
    out.write(b"\n]\n" if before.startswith(b",") else b"[]\n")


def write_parquet(rows: Rows, out: BinaryIO) -> None:
    """Writes Parquet, compressed with zstd and not encrypted: PII is in clear text; intervals are text."""
    reader = convert_columns(rows.to_batches())
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
    return console.write_data(table.column_names, [read_values(column) for column in table.columns], show=format_datum)


def render_clean_text(write: Write, rows: Rows) -> str:
    """Returns the output of `write` as text without hidden characters; it is buffered in memory."""
    buffer = io.BytesIO()
    write(rows, buffer)
    return clean_lines(buffer.getvalue().decode())
