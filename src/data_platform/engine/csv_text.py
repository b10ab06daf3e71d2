"""Rows as CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pc

from data_platform.engine.row_text import convert_columns, is_binary, write_moments


def write_csv_chunks(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    """CSV with a header, a chunk for each batch: null is empty, empty text is `""`, nested values are JSON."""
    reader = convert_columns(rows, lambda kind: pa.types.is_nested(kind) or is_binary(kind))
    out = io.BytesIO()
    with pc.CSVWriter(out, reader.schema) as writer:
        for batch in reader:
            written = write_moments(batch)
            if written.schema.types == batch.schema.types:
                writer.write_batch(batch)
            else:
                pc.write_csv(written, out, pc.WriteOptions(include_header=False))
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    if header := out.getvalue():
        yield header
